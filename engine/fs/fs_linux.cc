// What Linux does its own way: listing by getdents64, rename flags, reflink, in-kernel copies,
// xattrs.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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
using tree::Kind;

// Large enough that most directories take one call; on the stack of a worker.
constexpr std::size_t kListBufferBytes = 64 * 1024;
// Starting a thread takes as long as looking at some tens of entries.
constexpr std::size_t kSharedListEntriesMin = 2048;
constexpr std::size_t kXattrBytesMax = 1024 * 1024;  // the kernel stops at 64 KiB

// Layout fixed by the kernel's ABI (getdents64(2)).
struct DirectoryRecord {
  std::uint64_t inode;
  std::int64_t next;
  std::uint16_t record_bytes;
  std::uint8_t type;
  char name[1];
};

Kind kind_of_type(std::uint8_t type) {
  switch (type) {
    case 1:
      return Kind::kFifo;
    case 2:
      return Kind::kCharDevice;
    case 4:
      return Kind::kDirectory;
    case 6:
      return Kind::kBlockDevice;
    case 8:
      return Kind::kRegular;
    case 10:
      return Kind::kSymlink;
    case 12:
      return Kind::kSocket;
    default:
      return Kind::kUnknown;
  }
}

// What a directory has and is wanted, before it is looked at.
struct Names {
  struct Name {
    std::size_t begin = 0, bytes = 0;
    Kind kind = Kind::kUnknown;
  };
  [[nodiscard]] std::string_view of(const Name& name) const {
    return std::string_view(text).substr(name.begin, name.bytes);
  }

  std::string text;  // one after the other
  std::vector<Name> names;
  bool kinds_known = true;
};

void add_entry(int fd, std::string_view name, Kind kind, const NameFilter& wanted, Listing& out) {
  auto entry = stat_at(fd, name, Follow::kNo);
  if (!entry) {
    out.problems.push_back({std::string(name), std::move(entry).error()});
    return;
  }
  // Some file systems do not tell the kind while listing: now it is known.
  if (kind == Kind::kUnknown && wanted && !wanted(name, entry->metadata.kind)) return;
  out.entries.push_back(std::move(*entry));
}

void add_entries(int fd, const Names& names, std::size_t begin, std::size_t end,
                 const NameFilter& wanted, Listing& out) {
  out.entries.reserve(out.entries.size() + end - begin);
  for (std::size_t i = begin; i < end; ++i) {
    add_entry(fd, names.of(names.names[i]), names.names[i].kind, wanted, out);
  }
}

Result<Names> read_names(int fd, const NameFilter& wanted) {
  Names out;
  alignas(DirectoryRecord) std::array<char, kListBufferBytes> buffer;
  if (::lseek(fd, 0, SEEK_SET) < 0) return fail(system_error(errno, "list", ""));
  for (;;) {
    const long n = ::syscall(SYS_getdents64, fd, buffer.data(), buffer.size());
    if (n < 0) return fail(system_error(errno, "list", ""));
    if (n == 0) return out;
    for (long at = 0; at < n;) {
      const char* record = buffer.data() + at;
      std::uint16_t record_bytes = 0;
      std::memcpy(&record_bytes, record + offsetof(DirectoryRecord, record_bytes),
                  sizeof(record_bytes));
      at += record_bytes;
      const std::string_view name = record + offsetof(DirectoryRecord, name);
      const Kind kind =
          kind_of_type(static_cast<std::uint8_t>(record[offsetof(DirectoryRecord, type)]));
      if (name == "." || name == ".." || (wanted && !wanted(name, kind))) continue;
      out.names.push_back({out.text.size(), name.size(), kind});
      out.text.append(name);
      out.kinds_known = out.kinds_known && kind != Kind::kUnknown;
    }
  }
}

bool means_unsupported(int number) {
  return number == EOPNOTSUPP || number == ENOSYS || number == ENOTTY || number == EINVAL ||
         number == EXDEV || number == EBADF || number == EPERM || number == ETXTBSY;
}

Result<std::vector<std::string>> split_names(const std::string& list) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin < list.size()) {
    const std::size_t end = std::min(list.find('\0', begin), list.size());
    if (end > begin) names.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  std::sort(names.begin(), names.end());
  return names;
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
  ROBOSYNC_ASSIGN(const std::vector<std::string> names, split_names(list));
  std::vector<Xattr> out;
  for (const std::string& name : names) {
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

Result<void> no_replace_without_flag(int from_fd, const char* from, int to_fd, const char* to) {
  struct stat st{};
  if (::fstatat(from_fd, from, &st, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail(system_error(errno, "rename", from));
  }
  if (!S_ISDIR(st.st_mode)) {  // a link never replaces: as atomic as the flag
    if (::linkat(from_fd, from, to_fd, to, 0) != 0) return fail(system_error(errno, "link to", to));
    if (::unlinkat(from_fd, from, 0) != 0) return fail(system_error(errno, "remove", from));
    return {};
  }
  // rename(2) of a directory replaces nothing but an empty directory: make sure none is there.
  if (::mkdirat(to_fd, to, 0700) != 0) return fail(system_error(errno, "rename to", to));
  if (::renameat(from_fd, from, to_fd, to) != 0) {
    const int number = errno;
    ::unlinkat(to_fd, to, AT_REMOVEDIR);
    return fail(system_error(number, "rename to", to));
  }
  return {};
}

}  // namespace

// The entries of a wide directory are looked at by two threads: nothing else in the tree may be
// left to do meanwhile.
Result<void> list(int fd, const NameFilter& wanted, Listing& out) {
  ROBOSYNC_ASSIGN(const Names names, read_names(fd, wanted));
  const std::size_t count = names.names.size();
  Listing rest;
  std::thread helper;
  if (count >= kSharedListEntriesMin && (names.kinds_known || !wanted)) {
    try {
      helper = std::thread([&] { add_entries(fd, names, count / 2, count, {}, rest); });
    } catch (const std::system_error&) {
      helper = {};  // no more threads: it goes without
    }
  }
  add_entries(fd, names, 0, helper.joinable() ? count / 2 : count, wanted, out);
  if (!helper.joinable()) return {};
  helper.join();
  std::ranges::move(rest.entries, std::back_inserter(out.entries));
  std::ranges::move(rest.problems, std::back_inserter(out.problems));
  return {};
}

Result<void> rename_no_replace(int from_fd, const char* from, int to_fd, const char* to) {
  if (::syscall(SYS_renameat2, from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0) return {};
  if (errno == EINVAL || errno == ENOSYS) {
    return no_replace_without_flag(from_fd, from, to_fd, to);
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

Result<void> preallocate(int fd, std::uint64_t size) {
  if (size == 0) return {};
  if (::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) == 0) return {};
  if (means_unsupported(errno)) return fail(make_error(ErrorKind::kUnsupported, "preallocate"));
  return fail(system_error(errno, "preallocate", ""));
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

}  // namespace robosync::fs::system
