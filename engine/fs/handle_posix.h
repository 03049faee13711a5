// File and directory handles of POSIX systems, and the few calls each system makes its own way.
//
// Private to fs/: fs_posix.cc holds what POSIX shares, fs_linux.cc (fs_macos.cc) the functions of
// `namespace system`. Handles own their descriptor.
#pragma once

#include <string>
#include <string_view>

#include "engine/fs/fs.h"

struct stat;

namespace robosync::fs {

// The base of both handles: everything that works on a descriptor alone.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// Room for "prefix/" is not kept: contexts name the operation and the entry's own name.
[[nodiscard]] base::Error system_error(int number, const char* operation, std::string_view name);

// A component as a C string without allocation. REQUIRES: at most kComponentBytesMax bytes.
class NameBuffer {
 public:
  explicit NameBuffer(std::string_view name) noexcept;
  [[nodiscard]] const char* c_str() const { return text_; }

 private:
  char text_[tree::kComponentBytesMax + 1];
};

// What each system does its own way. `fd` is a directory or file descriptor.
namespace system {

[[nodiscard]] tree::Time modification_time(const struct stat& found);
[[nodiscard]] tree::Time change_time(const struct stat& found);
[[nodiscard]] base::Result<void> list(int fd, const NameFilter& wanted, Listing& out);
[[nodiscard]] base::Result<void> rename_no_replace(int from_fd, const char* from, int to_fd,
                                                   const char* to);
[[nodiscard]] base::Result<void> exchange(int a_fd, const char* a, int b_fd, const char* b);
[[nodiscard]] base::Result<void> clone(int to_fd, int from_fd);
// As File::copies_through_memory().
[[nodiscard]] bool copies_through_memory(int fd);
[[nodiscard]] base::Result<std::uint64_t> copy_range(int to_fd, int from_fd, std::uint64_t offset,
                                                     std::uint64_t length);
[[nodiscard]] base::Result<void> preallocate(int fd, std::uint64_t size);
// To the medium, past the caches of the drive where it has to be said.
[[nodiscard]] base::Result<void> sync_object(int fd);
[[nodiscard]] base::Result<void> sync_volume(int fd);
[[nodiscard]] base::Result<std::vector<Xattr>> xattrs(int fd);
[[nodiscard]] base::Result<void> set_xattr(int fd, const Xattr& attribute);
[[nodiscard]] base::Result<void> remove_xattr(int fd, const std::string& name);
[[nodiscard]] base::Result<std::vector<Xattr>> entry_xattrs(int fd, std::string_view name);
[[nodiscard]] base::Result<void> set_entry_xattr(int fd, std::string_view name,
                                                 const Xattr& attribute);
[[nodiscard]] base::Result<void> remove_entry_xattr(int fd, std::string_view name,
                                                    const std::string& attribute);
[[nodiscard]] std::uint32_t current_umask();
[[nodiscard]] bool has_acls();
[[nodiscard]] bool is_mount_point(int fd);
[[nodiscard]] bool ignores_case(int directory_fd);

// What they share: rename_no_replace() where there is no flag for it, and "a\0b\0" taken apart, in
// order.
[[nodiscard]] base::Result<void> rename_without_flag(int from_fd, const char* from, int to_fd,
                                                     const char* to);
[[nodiscard]] std::vector<std::string> split_names(const std::string& list);

}  // namespace system

// The directory handle that owns `fd`, and the descriptor of one of ours.
[[nodiscard]] DirectoryPtr adopt_directory(int fd);
[[nodiscard]] int descriptor_of(const Directory& directory);
[[nodiscard]] base::Result<tree::Metadata> stat_descriptor(int fd);

// Metadata and, for a symbolic link, its target.
[[nodiscard]] base::Result<tree::Entry> stat_at(int fd, std::string_view name, Follow follow);

}  // namespace robosync::fs
