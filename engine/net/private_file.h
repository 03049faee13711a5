// Files that hold secrets or decide about trust: read only when nobody else can have written or
// read them, and written whole.
//
// Limits: kPrivateFileBytesMax. Internal to this layer and to who keeps tokens.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::net {

inline constexpr std::size_t kPrivateFileBytesMax = std::size_t{1} << 20;

// The content of a regular file (no link) of ours (or root's) that only its owner may read or
// write. kPermission says what is wrong with it, kNotFound, kLimit.
[[nodiscard]] base::Result<std::string> read_private_file(const std::filesystem::path& file);

// Replaces the file (0600) in one step. The folder must exist.
[[nodiscard]] base::Result<void> write_private_file(const std::filesystem::path& file,
                                                    std::string_view content);
// The same for a file that must not be there yet: kExists leaves it alone.
[[nodiscard]] base::Result<void> create_private_file(const std::filesystem::path& file,
                                                     std::string_view content);

// Makes the folder (0700) if it is missing, and checks that nobody else can write to it.
[[nodiscard]] base::Result<void> ensure_private_folder(const std::filesystem::path& folder);

}  // namespace robosync::net
