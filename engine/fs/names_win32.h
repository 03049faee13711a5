// Giving and taking names: rename, second names, removal.
//
// Private to fs/*_win32.cc. Newer Windows has the semantics of POSIX for local disks; elsewhere
// they are made from what there is, as far as it goes: what somebody has open is then not replaced,
// and keeps its name until it is closed. Any thread.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/fs/nt_win32.h"

namespace robosync::fs {

[[nodiscard]] base::Result<void> rename_entry(nt::NativeHandle from, std::string_view name,
                                              nt::NativeHandle to, std::string_view to_name,
                                              Replace replace);
[[nodiscard]] base::Result<void> link_entry(nt::NativeHandle from, std::string_view from_name,
                                            nt::NativeHandle to, std::string_view name);
[[nodiscard]] base::Result<void> remove_file_entry(nt::NativeHandle directory,
                                                   std::string_view name);
[[nodiscard]] base::Result<void> remove_directory_entry(nt::NativeHandle directory,
                                                        std::string_view name);

}  // namespace robosync::fs
