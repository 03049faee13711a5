#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "harness/dataset/disk.h"
#include "harness/tree/owned_fd_posix.h"
#include "harness/tree/printable.h"

namespace robosync::parity {
namespace {

std::unexpected<base::Error> failed(std::string_view action, const std::string& path) {
  const int number = errno;
  return base::fail(base::from_errno(number, std::string(action) + " " + printable_path(path)));
}

const char* c_path(const std::string& path) { return path.empty() ? "." : path.c_str(); }

base::Result<void> write_all(int fd, std::uint64_t offset, Bytes content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t wrote = ::pwrite(fd, content.data(), content.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return failed("write", path);
    offset += static_cast<std::uint64_t>(wrote);
    content = content.subspan(static_cast<std::size_t>(wrote));
  }
  return {};
}

base::Result<void> set_by_fd(int fd, const Attributes& attributes, const std::string& path) {
  // The mode first: a change of mode may not disturb the time.
  if (::fchmod(fd, static_cast<mode_t>(attributes.mode)) != 0) return failed("set mode of", path);
  const timespec time{static_cast<time_t>(attributes.mtime.s),
                      static_cast<long>(attributes.mtime.ns)};
  const timespec times[2] = {time, time};
  if (::futimens(fd, times) != 0) return failed("set time of", path);
  return {};
}

class PosixFolder final : public Folder {
 public:
  explicit PosixFolder(OwnedFd fd) : fd_(std::move(fd)) {}

  base::Result<void> write_file(const std::string& name, Bytes content,
                                const Attributes& attributes) override {
    const OwnedFd file(
        ::openat(fd_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0) return failed("create", name);
    ROBOSYNC_TRY(write_all(file.get(), 0, content, name));
    return set_by_fd(file.get(), attributes, name);
  }

 private:
  OwnedFd fd_;
};

class PosixDisk final : public Disk {
 public:
  explicit PosixDisk(OwnedFd root) : root_(std::move(root)) {}

  base::Result<std::unique_ptr<Folder>> open(const std::string& path) override {
    OwnedFd fd(::openat(root_.get(), c_path(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return failed("open directory", path);
    return std::make_unique<PosixFolder>(std::move(fd));
  }

  base::Result<void> make_directory(const std::string& path) override {
    if (::mkdirat(root_.get(), path.c_str(), 0700) != 0) return failed("make directory", path);
    return {};
  }

  base::Result<void> make_file(const std::string& path, std::uint64_t bytes) override {
    const OwnedFd file(
        ::openat(root_.get(), path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0) return failed("create", path);
    if (::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) return failed("size", path);
    return {};
  }

  base::Result<void> write_at(const std::string& path, std::uint64_t offset,
                              Bytes content) override {
    const OwnedFd file(::openat(root_.get(), path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.get() < 0) return failed("open", path);
    return write_all(file.get(), offset, content, path);
  }

  base::Result<void> make_symlink(const std::string& path, const std::string& target,
                                  DiskTime mtime) override {
    if (::symlinkat(target.c_str(), root_.get(), path.c_str()) != 0) return failed("link", path);
    return set_time(path, mtime);
  }

  base::Result<void> make_hard_link(const std::string& path, const std::string& existing) override {
    if (::linkat(root_.get(), existing.c_str(), root_.get(), path.c_str(), 0) != 0)
      return failed("link", path);
    return {};
  }

  base::Result<void> set(const std::string& path, const Attributes& attributes) override {
    const OwnedFd fd(::openat(root_.get(), c_path(path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (fd.get() < 0) return failed("open", path);
    return set_by_fd(fd.get(), attributes, path);
  }

  base::Result<void> set_time(const std::string& path, DiskTime mtime) override {
    const timespec time{static_cast<time_t>(mtime.s), static_cast<long>(mtime.ns)};
    const timespec times[2] = {time, time};
    if (::utimensat(root_.get(), c_path(path), times, AT_SYMLINK_NOFOLLOW) != 0)
      return failed("set time of", path);
    return {};
  }

  base::Result<std::uint32_t> make_writable(const std::string& path) override {
    struct stat status;
    if (::fstatat(root_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return failed("stat", path);
    const auto mode = static_cast<std::uint32_t>(status.st_mode) & 07777U;
    if ((mode & S_IWUSR) == 0 && ::fchmodat(root_.get(), path.c_str(), 0600, 0) != 0)
      return failed("set mode of", path);
    return mode;
  }

  base::Result<void> rename(const std::string& from, const std::string& to) override {
    if (::renameat(root_.get(), from.c_str(), root_.get(), to.c_str()) != 0)
      return failed("rename", from);
    return {};
  }

  base::Result<void> remove_file(const std::string& path) override {
    if (::unlinkat(root_.get(), path.c_str(), 0) != 0) return failed("remove", path);
    return {};
  }

 private:
  OwnedFd root_;
};

base::Result<void> check_empty(const std::string& root) {
  DIR* const stream = ::opendir(root.c_str());
  if (stream == nullptr) return failed("list directory", root);
  bool empty = true;
  while (const dirent* const entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") empty = false;
  }
  ::closedir(stream);
  if (!empty)
    return base::fail(base::make_error(base::ErrorKind::kNotEmpty,
                                       "a dataset needs an empty folder: " + printable_path(root)));
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Disk>> open_disk(const std::string& root) {
  OwnedFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return failed("open directory", root);
  return std::make_unique<PosixDisk>(std::move(fd));
}

base::Result<std::unique_ptr<Disk>> make_disk(const std::string& root) {
  if (::mkdir(root.c_str(), 0755) != 0 && errno != EEXIST) return failed("make directory", root);
  ROBOSYNC_TRY(check_empty(root));
  return open_disk(root);
}

}  // namespace robosync::parity
