// What Linux does its own way: rename flags, reflink, in-kernel copies, xattrs. Listing is in
// fs_listing_linux.cc.
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <system_error>
#include <thread>

#include "engine/fs/handle_posix.h"

namespace robosync::fs::system {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

constexpr std::size_t kXattrBytesMax = 1024 * 1024;  // the kernel stops at 64 KiB

bool means_unsupported(int number) {
  return number == EOPNOTSUPP || number == ENOSYS || number == ENOTTY || number == EINVAL ||
         number == EXDEV || number == EBADF || number == EPERM || number == ETXTBSY;
}

// Calls `read(buffer, size)` with a buffer that grows until the answer fits.
template <typename Read>
Result<std::string> read_growing(const char* operation, Read read) {
  std::string buffer(256, '\0');
  for (;;) {
    const ssize_t n = read(buffer.data(), buffer.size());
    if (n >= 0) {
      buffer.resize(static_cast<std::size_t>(n));
      return buffer;
    }
    if (errno != ERANGE || buffer.size() >= kXattrBytesMax) {
      return fail(system_error(errno, operation, ""));
    }
    buffer.resize(buffer.size() * 4);
  }
}

// `list_names` and `get` abstract over a descriptor and a path.
template <typename ListNames, typename Get>
Result<std::vector<Xattr>> collect(ListNames list_names, Get get) {
  ROBOSYNC_ASSIGN(const std::string list, read_growing("list attributes", list_names));
  std::vector<Xattr> out;
  for (const std::string& name : split_names(list)) {
    auto value = read_growing("read attribute", [&](char* buffer, std::size_t size) {
      return get(name.c_str(), buffer, size);
    });
    if (!value && value.error().code.value() == ENODATA) continue;  // removed meanwhile
    if (!value) return fail(std::move(value).error());
    out.push_back({name, std::move(*value)});
  }
  return out;
}

// A held directory and one name in it: no link is followed by the l*xattr calls.
std::string proc_path(int fd, std::string_view name) {
  return "/proc/self/fd/" + std::to_string(fd) + "/" + std::string(name);
}

}  // namespace

tree::Time modification_time(const struct stat& found) {
  return {found.st_mtim.tv_sec, static_cast<std::uint32_t>(found.st_mtim.tv_nsec)};
}

tree::Time change_time(const struct stat& found) {
  return {found.st_ctim.tv_sec, static_cast<std::uint32_t>(found.st_ctim.tv_nsec)};
}

Result<void> rename_no_replace(int from_fd, const char* from, int to_fd, const char* to) {
  if (::syscall(SYS_renameat2, from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0) return {};
  if (errno == EINVAL || errno == ENOSYS) {
    return rename_without_flag(from_fd, from, to_fd, to);
  }
  return fail(system_error(errno, "rename to", to));
}

Result<void> exchange(int a_fd, const char* a, int b_fd, const char* b) {
  if (::syscall(SYS_renameat2, a_fd, a, b_fd, b, RENAME_EXCHANGE) == 0) return {};
  const int number = errno == EINVAL ? EOPNOTSUPP : errno;
  return fail(system_error(number, "exchange with", b));
}

Result<void> clone(int to_fd, int from_fd) {
  if (::ioctl(to_fd, FICLONE, from_fd) == 0) return {};
  // These concern this pair of files (a swap file, differing flags), not the pair of file systems.
  if (errno == EINVAL || errno == EPERM || errno == ETXTBSY) {
    return fail(make_error(ErrorKind::kInvalid, "clone"));
  }
  if (means_unsupported(errno)) return fail(make_error(ErrorKind::kUnsupported, "clone"));
  return fail(system_error(errno, "clone", ""));
}

bool copies_through_memory(int fd) {
  // Network file systems have the server do it, and what FUSE does nobody knows.
  struct statfs about{};
  if (::fstatfs(fd, &about) != 0) return false;
  switch (about.f_type) {
    case TMPFS_MAGIC:
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
      return true;
    default:
      return false;
  }
}

Result<std::uint64_t> copy_range(int to_fd, int from_fd, std::uint64_t offset,
                                 std::uint64_t length) {
  auto in = static_cast<loff_t>(offset);
  auto out = static_cast<loff_t>(offset);
  for (;;) {
    const ssize_t n =
        ::copy_file_range(from_fd, &in, to_fd, &out, static_cast<std::size_t>(length), 0);
    if (n >= 0) return static_cast<std::uint64_t>(n);
    if (errno == EINTR) continue;
    if (means_unsupported(errno)) return fail(make_error(ErrorKind::kUnsupported, "copy range"));
    return fail(system_error(errno, "copy", ""));
  }
}

// Bind mounts have the device of what is mounted: only statx(2) tells (since Linux 5.8).
bool is_mount_point(int fd) {
  struct statx found{};
  if (::statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &found) != 0) return false;
  return (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

// As a rule. Directories that were made to ignore it (chattr +F) are not asked for.
bool ignores_case(int /*directory_fd*/) { return false; }

Result<void> preallocate(int fd, std::uint64_t size) {
  if (size == 0) return {};
  if (::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) == 0) return {};
  if (means_unsupported(errno)) return fail(make_error(ErrorKind::kUnsupported, "preallocate"));
  return fail(system_error(errno, "preallocate", ""));
}

Result<void> sync_object(int fd) {
  if (::fsync(fd) != 0 && errno != EINVAL) return fail(system_error(errno, "sync", ""));
  return {};
}

Result<void> sync_volume(int fd) {
  if (::syncfs(fd) != 0) return fail(system_error(errno, "sync", ""));
  return {};
}

Result<std::vector<Xattr>> xattrs(int fd) {
  return collect([fd](char* buffer, std::size_t size) { return ::flistxattr(fd, buffer, size); },
                 [fd](const char* name, char* buffer, std::size_t size) {
                   return ::fgetxattr(fd, name, buffer, size);
                 });
}

Result<void> set_xattr(int fd, const Xattr& attribute) {
  if (::fsetxattr(fd, attribute.name.c_str(), attribute.value.data(), attribute.value.size(), 0) !=
      0) {
    return fail(system_error(errno, "set attribute", attribute.name));
  }
  return {};
}

Result<void> remove_xattr(int fd, const std::string& name) {
  if (::fremovexattr(fd, name.c_str()) != 0 && errno != ENODATA) {
    return fail(system_error(errno, "remove attribute", name));
  }
  return {};
}

Result<std::vector<Xattr>> entry_xattrs(int fd, std::string_view name) {
  const std::string path = proc_path(fd, name);
  return collect(
      [&](char* buffer, std::size_t size) { return ::llistxattr(path.c_str(), buffer, size); },
      [&](const char* attribute, char* buffer, std::size_t size) {
        return ::lgetxattr(path.c_str(), attribute, buffer, size);
      });
}

Result<void> set_entry_xattr(int fd, std::string_view name, const Xattr& attribute) {
  if (::lsetxattr(proc_path(fd, name).c_str(), attribute.name.c_str(), attribute.value.data(),
                  attribute.value.size(), 0) != 0) {
    return fail(system_error(errno, "set attribute of", name));
  }
  return {};
}

Result<void> remove_entry_xattr(int fd, std::string_view name, const std::string& attribute) {
  if (::lremovexattr(proc_path(fd, name).c_str(), attribute.c_str()) != 0 && errno != ENODATA) {
    return fail(system_error(errno, "remove attribute of", name));
  }
  return {};
}

std::uint32_t current_umask() {
  // Read from /proc: asking by umask(2) would change it for a moment, for all threads.
  constexpr std::uint32_t kDefaultUmask = 022;
  std::FILE* status = std::fopen("/proc/self/status", "re");
  if (status == nullptr) return kDefaultUmask;
  char line[256];
  unsigned mask = kDefaultUmask;
  while (std::fgets(line, sizeof(line), status) != nullptr) {
    if (std::sscanf(line, "Umask: %o", &mask) == 1) break;
  }
  std::fclose(status);
  return mask;
}

bool has_acls() { return true; }

}  // namespace robosync::fs::system
