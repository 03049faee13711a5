// What macOS does its own way: rename flags, preallocation, syncing to the medium, xattrs. Listing
// is in fs_listing_macos.cc.
//
// Blocks are shared by clone_macos.cc. fcopyfile(3) copies in the program, no faster than the
// engine does.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "engine/fs/handle_posix.h"

// As in <sys/xattr.h>, which the compiler that ci/macos/cross.sh uses does not have.
extern "C" {
ssize_t flistxattr(int fd, char* names, size_t size, int options);
ssize_t fgetxattr(int fd, const char* name, void* value, size_t size, uint32_t position,
                  int options);
int fsetxattr(int fd, const char* name, const void* value, size_t size, uint32_t position,
              int options);
int fremovexattr(int fd, const char* name, int options);
}

namespace robosync::fs::system {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

bool means_unsupported(int number) {
  return number == ENOTSUP || number == EOPNOTSUPP || number == ENOSYS || number == EINVAL ||
         number == ENOTTY;
}

// Asks for the size first, then for the bytes; again when it grew meanwhile.
template <typename Read>
Result<std::string> read_sized(const char* operation, Read read) {
  constexpr int kAttemptsMax = 16;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const ssize_t size = read(nullptr, 0);
    if (size < 0) return fail(system_error(errno, operation, ""));
    std::string buffer(static_cast<std::size_t>(size), '\0');
    if (size == 0) return buffer;
    const ssize_t n = read(buffer.data(), buffer.size());
    if (n >= 0) {
      buffer.resize(static_cast<std::size_t>(n));
      return buffer;
    }
    if (errno != ERANGE) return fail(system_error(errno, operation, ""));
  }
  return fail(make_error(ErrorKind::kBusy, operation));
}

// An entry that is not opened for its content: of a symbolic link the link itself. Sockets cannot
// be opened at all.
Result<int> open_entry(int fd, std::string_view name) {
  const int opened =
      ::openat(fd, NameBuffer(name).c_str(), O_RDONLY | O_SYMLINK | O_NONBLOCK | O_CLOEXEC);
  if (opened < 0) return fail(system_error(errno, "open", name));
  return opened;
}

}  // namespace

tree::Time modification_time(const struct stat& found) {
  return {found.st_mtimespec.tv_sec, static_cast<std::uint32_t>(found.st_mtimespec.tv_nsec)};
}

tree::Time change_time(const struct stat& found) {
  return {found.st_ctimespec.tv_sec, static_cast<std::uint32_t>(found.st_ctimespec.tv_nsec)};
}

Result<void> rename_no_replace(int from_fd, const char* from, int to_fd, const char* to) {
  if (::renameatx_np(from_fd, from, to_fd, to, RENAME_EXCL) == 0) return {};
  if (means_unsupported(errno)) return rename_without_flag(from_fd, from, to_fd, to);
  return fail(system_error(errno, "rename to", to));
}

Result<void> exchange(int a_fd, const char* a, int b_fd, const char* b) {
  if (::renameatx_np(a_fd, a, b_fd, b, RENAME_SWAP) == 0) return {};
  return fail(system_error(errno == EINVAL ? EOPNOTSUPP : errno, "exchange with", b));
}

Result<std::uint64_t> copy_range(int /*to_fd*/, int /*from_fd*/, std::uint64_t /*offset*/,
                                 std::uint64_t /*length*/) {
  return fail(make_error(ErrorKind::kUnsupported, "copy range"));
}

bool copies_through_memory(int /*fd*/) { return false; }  // copy_range() copies nothing

// There are no bind mounts: what is mounted is another device than the directory above it.
bool is_mount_point(int fd) {
  struct stat here{};
  struct stat above{};
  if (::fstat(fd, &here) != 0 || ::fstatat(fd, "..", &above, AT_SYMLINK_NOFOLLOW) != 0) {
    return false;
  }
  return here.st_dev != above.st_dev || here.st_ino == above.st_ino;
}

// APFS does unless it was formatted not to. (Names that differ in how letters are composed are one
// there, too: two of those are found out when the second is made.)
bool ignores_case(int directory_fd) { return ::fpathconf(directory_fd, _PC_CASE_SENSITIVE) == 0; }

Result<void> preallocate(int fd, std::uint64_t size) {
  if (size == 0) return {};
  fstore_t wanted{};
  wanted.fst_flags = F_ALLOCATEALL;
  wanted.fst_posmode = F_PEOFPOSMODE;
  wanted.fst_length = static_cast<off_t>(size);
  if (::fcntl(fd, F_PREALLOCATE, &wanted) == 0) return {};
  if (means_unsupported(errno)) return fail(make_error(ErrorKind::kUnsupported, "preallocate"));
  return fail(system_error(errno, "preallocate", ""));
}

// fsync(2) leaves the bytes in the drive's cache. Network file systems know nothing better.
Result<void> sync_object(int fd) {
  if (::fcntl(fd, F_FULLFSYNC) == 0) return {};
  if (!means_unsupported(errno)) return fail(system_error(errno, "sync", ""));
  if (::fsync(fd) != 0 && errno != EINVAL) return fail(system_error(errno, "sync", ""));
  return {};
}

Result<void> sync_volume(int fd) {
  if (::fsync_volume_np(fd, SYNC_VOLUME_FULLSYNC | SYNC_VOLUME_WAIT) != 0) {
    return fail(system_error(errno, "sync", ""));
  }
  return {};
}

Result<std::vector<Xattr>> xattrs(int fd) {
  ROBOSYNC_ASSIGN(const std::string list, read_sized("list attributes", [fd](char* to, size_t n) {
                    return ::flistxattr(fd, to, n, 0);
                  }));
  std::vector<Xattr> out;
  for (std::string& name : split_names(list)) {
    auto value = read_sized("read attribute", [&](char* to, size_t n) {
      return ::fgetxattr(fd, name.c_str(), to, n, 0, 0);
    });
    if (!value && value.error().code.value() == ENOATTR) continue;  // removed meanwhile
    if (!value) return fail(std::move(value).error());
    out.push_back({std::move(name), std::move(*value)});
  }
  return out;
}

Result<void> set_xattr(int fd, const Xattr& attribute) {
  if (::fsetxattr(fd, attribute.name.c_str(), attribute.value.data(), attribute.value.size(), 0,
                  0) != 0) {
    return fail(system_error(errno, "set attribute", attribute.name));
  }
  return {};
}

Result<void> remove_xattr(int fd, const std::string& name) {
  if (::fremovexattr(fd, name.c_str(), 0) != 0 && errno != ENOATTR) {
    return fail(system_error(errno, "remove attribute", name));
  }
  return {};
}

Result<std::vector<Xattr>> entry_xattrs(int fd, std::string_view name) {
  ROBOSYNC_ASSIGN(const int opened, open_entry(fd, name));
  return xattrs(Descriptor(opened).get());
}

Result<void> set_entry_xattr(int fd, std::string_view name, const Xattr& attribute) {
  ROBOSYNC_ASSIGN(const int opened, open_entry(fd, name));
  return set_xattr(Descriptor(opened).get(), attribute);
}

Result<void> remove_entry_xattr(int fd, std::string_view name, const std::string& attribute) {
  ROBOSYNC_ASSIGN(const int opened, open_entry(fd, name));
  return remove_xattr(Descriptor(opened).get(), attribute);
}

// There is no other way to ask. Called once, before the run starts its threads.
std::uint32_t current_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

// Those of macOS are no attributes.
bool has_acls() { return false; }

}  // namespace robosync::fs::system
