// What Windows says of entries, as tree::Metadata, and the change of it.
//
// Private to fs/*_win32.cc. Owners and permissions of Windows are not what Metadata has: every
// entry counts as the process's own, and of the mode only "may be written" is kept, for files.
// Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/fs/nt_win32.h"

namespace robosync::fs {

// What tells the volume that `handle` is on from others.
[[nodiscard]] base::Result<std::uint64_t> device_of(nt::NativeHandle handle);

// Of what is open. REQUIRES: access to read attributes.
[[nodiscard]] base::Result<tree::Entry> stat_handle(nt::NativeHandle handle, std::uint64_t device);

// All entries but "." and "..". One caller at a time for one handle, which has a position.
[[nodiscard]] base::Result<void> list_directory(nt::NativeHandle directory, std::uint64_t device,
                                                const NameFilter& wanted, Listing& out);

// REQUIRES: access to write attributes.
[[nodiscard]] base::Result<void> set_metadata(nt::NativeHandle handle,
                                              const MetadataChange& change);

// Sets times and attributes that are not 0; times that FAT cannot keep, as near as it can. What it
// keeps nothing of, the root of a volume, stays as it is. REQUIRES: access to write attributes.
[[nodiscard]] nt::Status set_basic(nt::NativeHandle handle, nt::Basic basic);

// The attributes that an entry of this mode is created with.
[[nodiscard]] std::uint32_t attributes_of_mode(std::uint32_t mode);

}  // namespace robosync::fs
