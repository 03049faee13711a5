// The directory handles of Windows, as what opens roots needs them.
//
// Private to fs/*_win32.cc. Any thread.
#pragma once

#include <cstdint>

#include "engine/fs/fs.h"
#include "engine/fs/handle_win32.h"

namespace robosync::fs {

// REQUIRES: opened with access_of_directories(), on the volume `device`.
[[nodiscard]] DirectoryPtr adopt_directory(Handle handle, std::uint64_t device);
[[nodiscard]] std::uint32_t access_of_directories();

// Of one of ours.
[[nodiscard]] nt::NativeHandle handle_of(const Directory& directory);

}  // namespace robosync::fs
