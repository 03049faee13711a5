// What a volume of Windows can do with the blocks of files, and how fine its times are.
//
// Private to fs/*_win32.cc. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/fs/nt_win32.h"

namespace robosync::fs {

// The calls of File, on its handle.
[[nodiscard]] base::Result<void> allow_holes(nt::NativeHandle file);
[[nodiscard]] base::Result<std::optional<Extent>> next_extent(nt::NativeHandle file,
                                                              std::uint64_t offset);
// kUnsupported leaves the target as it was.
[[nodiscard]] base::Result<void> clone_whole(nt::NativeHandle source, nt::NativeHandle target);

// Of the volume that `handle` is on: whether its files can have alternate data streams, the
// steps and the range of its times, and how large files can be.
[[nodiscard]] bool keeps_streams(nt::NativeHandle handle);
[[nodiscard]] std::int64_t time_granularity(nt::NativeHandle handle);
[[nodiscard]] bool has_fat_times(nt::NativeHandle handle);
[[nodiscard]] std::uint64_t file_bytes_max(nt::NativeHandle handle);

}  // namespace robosync::fs
