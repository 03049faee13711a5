// Files that hold secrets or decide about trust: read only when nobody else can have written or
// read them, and written whole.
//
// "Ours alone" is mode 0600 (a folder: 0700) on POSIX. On Windows it is an access list that lets in
// nobody but the owner, who is us, and the system, its services and administrators, whom none keeps
// out.
//
// Limits: kPrivateFileBytesMax. Internal to this layer and to who keeps tokens.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::net {

inline constexpr std::size_t kPrivateFileBytesMax = std::size_t{1} << 20;

// The content of a regular file (no link) of ours (or root's) that only its owner may read or
// write. kPermission says what is wrong with it, kNotFound, kLimit.
[[nodiscard]] base::Result<std::string> read_private_file(const std::filesystem::path& file);

// The content, of at most `bytes_max`, of a regular file that nobody but its owner, and the
// system's administrators, may write. A link to one will do. kPermission, kInvalid, kNotFound,
// kLimit.
[[nodiscard]] base::Result<std::string> read_guarded_file(const std::filesystem::path& file,
                                                          std::size_t bytes_max);

// Whether others than its owner are kept out of what is at `file`, which somebody else reads (a
// link will do). kPermission says what to do about it.
[[nodiscard]] base::Result<void> check_private(const std::filesystem::path& file);

// Replaces the file (0600) in one step. The folder must exist.
[[nodiscard]] base::Result<void> write_private_file(const std::filesystem::path& file,
                                                    std::string_view content);
// The same for what read_guarded_file() reads: not a secret. On Windows whoever the folder lets in
// may read it; here 0600 all the same.
[[nodiscard]] base::Result<void> write_guarded_file(const std::filesystem::path& file,
                                                    std::string_view content);
// As write_private_file(), for a file that must not be there yet: kExists leaves it alone.
[[nodiscard]] base::Result<void> create_private_file(const std::filesystem::path& file,
                                                     std::string_view content);

// Waits until nobody else has the file's lock, and has it until the last copy is gone. The file is
// made if it is missing; it is for nothing else.
using FileLock = std::shared_ptr<void>;
[[nodiscard]] base::Result<FileLock> lock_file(const std::filesystem::path& file);

// Makes the folder (0700) if it is missing, and checks that nobody else can write to it.
[[nodiscard]] base::Result<void> ensure_private_folder(const std::filesystem::path& folder);

}  // namespace robosync::net
