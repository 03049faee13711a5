#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/base/case_folding.h"
#include "engine/base/check.h"
#include "engine/base/mutex.h"
#include "engine/fs/fs.h"
#include "engine/fs/handle_posix.h"

namespace robosync::fs {
namespace {

using base::Error;
using base::ErrorKind;
using base::fail;
using base::Result;
using tree::Kind;
using tree::Metadata;

constexpr mode_t kModeMask = 07777;
constexpr std::uint64_t kStatBlockBytes = 512;

Kind kind_of_mode(mode_t mode) {
  if (S_ISREG(mode)) return Kind::kRegular;
  if (S_ISDIR(mode)) return Kind::kDirectory;
  if (S_ISLNK(mode)) return Kind::kSymlink;
  if (S_ISFIFO(mode)) return Kind::kFifo;
  if (S_ISSOCK(mode)) return Kind::kSocket;
  if (S_ISCHR(mode)) return Kind::kCharDevice;
  if (S_ISBLK(mode)) return Kind::kBlockDevice;
  return Kind::kUnknown;
}

Metadata metadata_of(const struct stat& st) {
  Metadata m;
  m.kind = kind_of_mode(st.st_mode);
  m.mode = st.st_mode & kModeMask;
  m.uid = st.st_uid;
  m.gid = st.st_gid;
  m.link_count = static_cast<std::uint32_t>(st.st_nlink);
  m.size = static_cast<std::uint64_t>(st.st_size);
  m.allocated_bytes = static_cast<std::uint64_t>(st.st_blocks) * kStatBlockBytes;
  m.mtime = system::modification_time(st);
  m.ctime = system::change_time(st);
  m.identity = {static_cast<std::uint64_t>(st.st_dev), static_cast<std::uint64_t>(st.st_ino)};
  m.device_number = static_cast<std::uint64_t>(st.st_rdev);
  return m;
}

// {UTIME_OMIT, mtime}: access times are left alone.
struct TimePair {
  explicit TimePair(tree::Time mtime)
      : pair{{0, UTIME_OMIT}, {static_cast<time_t>(mtime.seconds), mtime.nanoseconds}} {}
  timespec pair[2];
};

// -1 leaves an owner field alone.
uid_t or_unchanged(const std::optional<std::uint32_t>& id) {
  return id ? static_cast<uid_t>(*id) : static_cast<uid_t>(-1);
}

Result<void> set_metadata_fd(int fd, const MetadataChange& change) {
  if ((change.uid || change.gid) &&
      ::fchown(fd, or_unchanged(change.uid), or_unchanged(change.gid)) != 0) {
    return fail(system_error(errno, "set owner", ""));
  }
  if (change.mode && ::fchmod(fd, *change.mode & kModeMask) != 0) {
    return fail(system_error(errno, "set permissions", ""));
  }
  if (change.mtime && ::futimens(fd, TimePair(*change.mtime).pair) != 0) {
    return fail(system_error(errno, "set time", ""));
  }
  return {};
}

Result<bool> lock_fd(int fd) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  if (errno == ENOLCK || errno == EINVAL || errno == EBADF) {
    return fail(Error{ErrorKind::kUnsupported, {errno, std::generic_category()}, "lock"});
  }
  return fail(system_error(errno, "lock", ""));
}

// The Node calls, which files and directories answer alike.
template <typename Interface>
class PosixNode : public Interface {
 public:
  explicit PosixNode(int fd) : fd_(fd) {}

  Result<Metadata> stat() const override { return stat_descriptor(fd_.get()); }
  Result<void> set_metadata(const MetadataChange& change) override {
    return set_metadata_fd(fd_.get(), change);
  }
  Result<std::vector<Xattr>> xattrs() const override { return system::xattrs(fd_.get()); }
  Result<void> set_xattr(const Xattr& attribute) override {
    return system::set_xattr(fd_.get(), attribute);
  }
  Result<void> remove_xattr(const std::string& name) override {
    return system::remove_xattr(fd_.get(), name);
  }
  Result<bool> try_lock() override { return lock_fd(fd_.get()); }
  Result<void> sync() override { return system::sync_object(fd_.get()); }

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  Descriptor fd_;
};

class PosixFile final : public PosixNode<File> {
 public:
  using PosixNode::PosixNode;

  Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t n =
          ::pread(fd(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(system_error(errno, "read", ""));
      done += static_cast<std::size_t>(n);
      if (n == 0) break;
    }
    return done;
  }

  Result<void> write_at(std::span<const std::byte> data, std::uint64_t offset) override {
    std::size_t done = 0;
    while (done < data.size()) {
      const ssize_t n =
          ::pwrite(fd(), data.data() + done, data.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(system_error(errno, "write", ""));
      done += static_cast<std::size_t>(n);
    }
    return {};
  }

  Result<void> resize(std::uint64_t size) override {
    if (::ftruncate(fd(), static_cast<off_t>(size)) != 0) {
      return fail(system_error(errno, "set size", ""));
    }
    return {};
  }

  Result<void> preallocate(std::uint64_t size) override { return system::preallocate(fd(), size); }

  Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override {
    const off_t begin = ::lseek(fd(), static_cast<off_t>(offset), SEEK_DATA);
    if (begin < 0) {
      if (errno == ENXIO) return std::optional<Extent>();
      if (errno == EINVAL || errno == ENOTTY || errno == ENOTSUP || errno == EOPNOTSUPP) {
        return fail(base::make_error(ErrorKind::kUnsupported, "find holes"));
      }
      return fail(system_error(errno, "find holes", ""));
    }
    const off_t end = ::lseek(fd(), begin, SEEK_HOLE);
    if (end < 0 && errno == ENXIO) return std::optional<Extent>();  // it shrank in between
    if (end < 0) return fail(system_error(errno, "find holes", ""));
    return Extent{static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end - begin)};
  }

  Result<void> clone_from(const File& source) override {
    return system::clone(fd(), static_cast<const PosixFile&>(source).fd());
  }

  bool copies_through_memory() const override { return system::copies_through_memory(fd()); }
  Result<std::uint64_t> copy_range_from(const File& source, std::uint64_t offset,
                                        std::uint64_t length) override {
    return system::copy_range(fd(), static_cast<const PosixFile&>(source).fd(), offset, length);
  }
};

class PosixDirectory final : public PosixNode<Directory> {
 public:
  using PosixNode::PosixNode;

  Result<void> list(const NameFilter& wanted, Listing& out) const override {
    const base::MutexLock lock(listing_);  // the descriptor has one position
    return system::list(fd(), wanted, out);
  }

  Result<tree::Entry> stat_entry(std::string_view name, Follow follow) const override {
    return stat_at(fd(), name, follow);
  }

  Result<DirectoryPtr> open_directory(std::string_view name, Follow follow) const override {
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow == Follow::kNo ? O_NOFOLLOW : 0);
    const int opened = ::openat(fd(), NameBuffer(name).c_str(), flags);
    if (opened < 0) return fail(open_error(errno, name, follow));
    return std::make_shared<PosixDirectory>(opened);
  }

  Result<FilePtr> open_file(std::string_view name, Access access, Follow follow) const override {
    const int flags = (access == Access::kRead ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK |
                      O_NOCTTY | (follow == Follow::kNo ? O_NOFOLLOW : 0);
    const int opened = ::openat(fd(), NameBuffer(name).c_str(), flags);
    if (opened < 0) return fail(open_error(errno, name, follow));
    return std::make_unique<PosixFile>(opened);
  }

  Result<FilePtr> create_file(std::string_view name, std::uint32_t mode) override {
    const int opened =
        ::openat(fd(), NameBuffer(name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                 static_cast<mode_t>(mode & 0777));
    if (opened < 0) return fail(system_error(errno, "create", name));
    auto file = std::make_unique<PosixFile>(opened);
    if (needs_chmod(mode)) ROBOSYNC_TRY(file->set_metadata({.mode = mode}));
    return file;
  }

  Result<void> make_directory(std::string_view name, std::uint32_t mode) override {
    if (::mkdirat(fd(), NameBuffer(name).c_str(), static_cast<mode_t>(mode & 0777)) != 0) {
      return fail(system_error(errno, "create directory", name));
    }
    // A set-group-id directory hands its bit down.
    ROBOSYNC_ASSIGN(const Metadata own, stat_descriptor(fd()));
    if (!needs_chmod(mode) && (own.mode & S_ISGID) == 0) return {};
    return set_entry_metadata(name, {.mode = mode});  // its own mode may forbid opening it
  }

  Result<void> make_symlink(std::string_view name, const std::string& target,
                            tree::LinkKind /*kind*/) override {
    if (::symlinkat(target.c_str(), fd(), NameBuffer(name).c_str()) != 0) {
      base::Error error = system_error(errno, "create link", name);
      // "Not permitted" is no matter of access here: the file system has no links.
      if (error.code.value() == EPERM) error.kind = ErrorKind::kNoLinks;
      return fail(std::move(error));
    }
    return {};
  }

  Result<void> make_node(std::string_view name, Kind kind, std::uint32_t mode,
                         std::uint64_t device_number) override;

  Result<void> make_link(const Directory& from, std::string_view from_name,
                         std::string_view name) override {
    if (::linkat(fd_of(from), NameBuffer(from_name).c_str(), fd(), NameBuffer(name).c_str(), 0) !=
        0) {
      return fail(system_error(errno, "link", name));
    }
    return {};
  }

  Result<void> rename(std::string_view name, Directory& to, std::string_view to_name,
                      Replace replace) override {
    const NameBuffer from_text(name);
    const NameBuffer to_text(to_name);
    if (replace == Replace::kNo) {
      return system::rename_no_replace(fd(), from_text.c_str(), fd_of(to), to_text.c_str());
    }
    if (::renameat(fd(), from_text.c_str(), fd_of(to), to_text.c_str()) != 0) {
      return fail(system_error(errno, "rename to", to_name));
    }
    return {};
  }

  Result<void> exchange(std::string_view name, Directory& with,
                        std::string_view with_name) override {
    return system::exchange(fd(), NameBuffer(name).c_str(), fd_of(with),
                            NameBuffer(with_name).c_str());
  }

  Result<void> remove_file(std::string_view name) override {
    if (::unlinkat(fd(), NameBuffer(name).c_str(), 0) != 0) {
      return fail(system_error(errno, "remove", name));
    }
    return {};
  }

  Result<void> remove_directory(std::string_view name) override {
    if (::unlinkat(fd(), NameBuffer(name).c_str(), AT_REMOVEDIR) != 0) {
      // POSIX lets a system say EEXIST for "not empty".
      return fail(system_error(errno == EEXIST ? ENOTEMPTY : errno, "remove directory", name));
    }
    return {};
  }

  Result<void> set_entry_metadata(std::string_view name, const MetadataChange& change) override;

  Result<std::vector<Xattr>> entry_xattrs(std::string_view name) const override {
    return system::entry_xattrs(fd(), name);
  }
  Result<void> set_entry_xattr(std::string_view name, const Xattr& attribute) override {
    return system::set_entry_xattr(fd(), name, attribute);
  }
  Result<void> remove_entry_xattr(std::string_view name, const std::string& attribute) override {
    return system::remove_entry_xattr(fd(), name, attribute);
  }

  bool is_mount_point() const override { return system::is_mount_point(fd()); }
  bool ignores_case() const override { return system::ignores_case(fd()); }
  std::string folded(std::string_view name) const override { return base::folded_case(name); }
  Result<void> sync_volume() override { return system::sync_volume(fd()); }

 private:
  static int fd_of(const Directory& directory) {
    return static_cast<const PosixDirectory&>(directory).fd();
  }

  // O_NOFOLLOW on a link gives ELOOP, with O_DIRECTORY ENOTDIR: the latter is told apart by asking.
  Error open_error(int number, std::string_view name, Follow follow) const {
    // A socket or a driverless device node says nothing about the volume it lies on.
    if (number == ENXIO || number == ENODEV) number = EOPNOTSUPP;
    if (number == ENOTDIR && follow == Follow::kNo) {
      const auto entry = stat_at(fd(), name, Follow::kNo);
      if (entry && entry->metadata.is_symlink()) number = ELOOP;
    }
    return system_error(number, "open", name);
  }

  static bool needs_chmod(std::uint32_t mode) {
    return (mode & (native_file_system().privileges().umask | ~0777U)) != 0;
  }

  mutable base::Mutex listing_;
};

mode_t node_type(Kind kind) {
  switch (kind) {
    case Kind::kFifo:
      return S_IFIFO;
    case Kind::kSocket:
      return S_IFSOCK;
    case Kind::kCharDevice:
      return S_IFCHR;
    case Kind::kBlockDevice:
      return S_IFBLK;
    default:
      break;
  }
  ROBOSYNC_CHECK(!"make_node takes fifos, sockets and devices");
  return 0;
}

Result<void> PosixDirectory::make_node(std::string_view name, Kind kind, std::uint32_t mode,
                                       std::uint64_t device_number) {
  if (::mknodat(fd(), NameBuffer(name).c_str(), node_type(kind) | (mode & 0777),
                static_cast<dev_t>(device_number)) != 0) {
    return fail(system_error(errno, "create node", name));
  }
  return needs_chmod(mode) ? set_entry_metadata(name, {.mode = mode}) : Result<void>();
}

Result<void> PosixDirectory::set_entry_metadata(std::string_view name,
                                                const MetadataChange& change) {
  const NameBuffer text(name);
  if ((change.uid || change.gid) &&
      ::fchownat(fd(), text.c_str(), or_unchanged(change.uid), or_unchanged(change.gid),
                 AT_SYMLINK_NOFOLLOW) != 0) {
    return fail(system_error(errno, "set owner of", name));
  }
  if (change.mode &&
      ::fchmodat(fd(), text.c_str(), *change.mode & kModeMask, AT_SYMLINK_NOFOLLOW) != 0 &&
      errno != EOPNOTSUPP) {
    return fail(system_error(errno, "set permissions of", name));
  }
  if (change.mtime &&
      ::utimensat(fd(), text.c_str(), TimePair(*change.mtime).pair, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail(system_error(errno, "set time of", name));
  }
  return {};
}

}  // namespace

namespace system {

std::vector<std::string> split_names(const std::string& list) {
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

Result<void> rename_without_flag(int from_fd, const char* from, int to_fd, const char* to) {
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

}  // namespace system

Result<Metadata> stat_descriptor(int fd) {
  struct stat st{};
  if (::fstat(fd, &st) != 0) return fail(system_error(errno, "stat", "open handle"));
  return metadata_of(st);
}

DirectoryPtr adopt_directory(int fd) { return std::make_shared<PosixDirectory>(fd); }

int descriptor_of(const Directory& directory) {
  return static_cast<const PosixDirectory&>(directory).fd();
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Error system_error(int number, const char* operation, std::string_view name) {
  std::string context = operation;
  if (!name.empty()) {
    context += ' ';
    context += name;
  }
  return base::from_errno(number, std::move(context));
}

NameBuffer::NameBuffer(std::string_view name) noexcept {
  ROBOSYNC_CHECK(name.size() < sizeof(text_));
  std::memcpy(text_, name.data(), name.size());
  text_[name.size()] = '\0';
}

Result<tree::Entry> stat_at(int fd, std::string_view name, Follow follow) {
  const NameBuffer text(name);
  struct stat st{};
  if (::fstatat(fd, text.c_str(), &st, follow == Follow::kNo ? AT_SYMLINK_NOFOLLOW : 0) != 0) {
    return fail(system_error(errno, "stat", name));
  }
  tree::Entry entry;
  entry.name = name;
  entry.metadata = metadata_of(st);
  if (!entry.metadata.is_symlink()) return entry;
  char target[4096 + 1];
  const ssize_t length = ::readlinkat(fd, text.c_str(), target, sizeof(target));
  if (length < 0) return fail(system_error(errno, "read link", name));
  if (static_cast<std::size_t>(length) == sizeof(target)) {
    return fail(base::make_error(ErrorKind::kLimit, "target of link " + std::string(name)));
  }
  entry.link_target.assign(target, static_cast<std::size_t>(length));
  return entry;
}

}  // namespace robosync::fs
