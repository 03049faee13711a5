// What only Windows knows of an entry, in the form of extended attributes.
//
// "windows.attributes": letters of R (read-only; of directories alone, a file's is its mode), H
// (hidden), S (system), A (to be archived) and I (content is not indexed), in this order.
// "windows.creation_time": 100 ns since 1601, decimal. "windows.stream.NAME": the content of an
// alternate data stream. Private to fs/*_win32.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/fs/nt_win32.h"

namespace robosync::fs {

// Larger streams are an error: an attribute is held in memory whole.
inline constexpr std::size_t kStreamBytesMax = std::size_t{16} * 1024 * 1024;

// Ordered by name. REQUIRES: access to read attributes.
[[nodiscard]] base::Result<std::vector<Xattr>> native_attributes(nt::NativeHandle handle);
// kUnsupported for any other name. REQUIRES: access to write attributes.
[[nodiscard]] base::Result<void> set_native_attribute(nt::NativeHandle handle,
                                                      const Xattr& attribute);
// Every entry has attributes and a creation time: only streams go.
[[nodiscard]] base::Result<void> remove_native_attribute(nt::NativeHandle handle,
                                                         std::string_view name);

}  // namespace robosync::fs
