// Compression of payloads with zstd. Pure; contexts are kept per thread.
//
// Each payload is a frame of its own that says how large its content is, so that nothing is
// unpacked that is larger than a payload may be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::wire {

// Smaller payloads are not worth it.
inline constexpr std::size_t kCompressedBytesMin = 512;

// Nothing where it would not become smaller by a twentieth at least: the headers of small files
// that do not shrink themselves are worth that.
[[nodiscard]] std::optional<std::string> compressed(std::string_view payload);

// kProtocol: it is none, or its content is larger than `bytes_max`.
[[nodiscard]] base::Result<std::string> decompressed(std::string_view payload,
                                                     std::size_t bytes_max);

}  // namespace robosync::wire
