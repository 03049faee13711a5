// Whether what is written to a stream would be taken now, or would wait for whoever reads it.
//
// Implemented per platform (output_wait_posix.cc, output_wait_win32.cc).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>

namespace robosync::cli {

// As much as any pipe that takes something takes at once (POSIX).
inline constexpr std::size_t kTakenAtOnce = 512;

// Waits up to `limit` until a write of kTakenAtOnce bytes would not wait: true when so, and where
// that cannot be told. A reader that went away takes everything: the write will say so.
[[nodiscard]] bool takes_more_within(std::FILE* file, std::chrono::milliseconds limit);

}  // namespace robosync::cli
