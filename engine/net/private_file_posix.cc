#include "engine/net/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "engine/net/socket.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::filesystem::path;

base::Error wrong(const path& file, const char* why) {
  return base::make_error(ErrorKind::kPermission, file.string() + ": " + why);
}

base::Result<void> check_owner(const path& file, const struct stat& status) {
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return base::fail(wrong(file, "belongs to another user"));
  }
  return {};
}

base::Result<std::string> content_of(const Socket& opened, const path& file,
                                     std::size_t bytes_max) {
  std::string content;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t count = ::read(opened.fd(), buffer.data(), buffer.size());
    if (count == 0) return content;
    if (count < 0) {
      if (errno == EINTR) continue;
      return base::fail(base::from_errno(errno, "read " + file.string()));
    }
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > bytes_max) {
      return base::fail(base::make_error(
          ErrorKind::kLimit, fmt::format("{} is longer than {} bytes", file.string(), bytes_max)));
    }
  }
}

base::Result<Socket> write_temporary(std::string& name, std::string_view content) {
  Socket file(::mkstemp(name.data()));
  if (!file.is_open()) return base::fail(base::from_errno(errno, "create " + name));
  base::Result<void> done;
  while (!content.empty() && done) {
    const ssize_t count = ::write(file.fd(), content.data(), content.size());
    if (count >= 0) {
      content.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      done = base::fail(base::from_errno(errno, "write " + name));
    }
  }
  if (done && (::fchmod(file.fd(), S_IRUSR | S_IWUSR) != 0 || ::fsync(file.fd()) != 0)) {
    done = base::fail(base::from_errno(errno, "write " + name));
  }
  if (done) return file;
  ::unlink(name.c_str());
  return base::fail(std::move(done).error());
}

}  // namespace

base::Result<std::string> read_private_file(const path& file) {
  const Socket opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!opened.is_open()) {
    if (errno == ELOOP) return base::fail(wrong(file, "is a symbolic link"));
    return base::fail(base::from_errno(errno, "open " + file.string()));
  }
  struct stat status{};
  if (::fstat(opened.fd(), &status) != 0) {
    return base::fail(base::from_errno(errno, "stat " + file.string()));
  }
  if (!S_ISREG(status.st_mode)) return base::fail(wrong(file, "is not a regular file"));
  ROBOSYNC_TRY(check_owner(file, status));
  if ((status.st_mode & 077U) != 0) {
    return base::fail(wrong(file, "others may read or write it; its mode must be 0600"));
  }
  return content_of(opened, file, kPrivateFileBytesMax);
}

base::Result<std::string> read_guarded_file(const path& file, std::size_t bytes_max) {
  const Socket opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened.is_open()) return base::fail(base::from_errno(errno, "open " + file.string()));
  struct stat status{};
  if (::fstat(opened.fd(), &status) != 0) {
    return base::fail(base::from_errno(errno, "stat " + file.string()));
  }
  if (!S_ISREG(status.st_mode)) {
    return base::fail(base::make_error(ErrorKind::kInvalid, file.string() + " is no regular file"));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return base::fail(base::make_error(ErrorKind::kPermission,
                                       file.string() + " may be changed by others than its owner "
                                                       "(chmod go-w): it decides who gets in"));
  }
  return content_of(opened, file, bytes_max);
}

base::Result<void> check_private(const path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    return base::fail(base::from_errno(errno, "stat " + file.string()));
  }
  if ((status.st_mode & 077U) == 0) return {};
  return base::fail(wrong(file, "others than its owner may read or write it; chmod 600"));
}

base::Result<void> write_private_file(const path& file, std::string_view content) {
  std::string name = file.string() + ".XXXXXX";
  ROBOSYNC_ASSIGN(const Socket made, write_temporary(name, content));
  if (::rename(name.c_str(), file.c_str()) == 0) return {};
  const int number = errno;
  ::unlink(name.c_str());
  return base::fail(base::from_errno(number, "rename to " + file.string()));
}

base::Result<void> write_guarded_file(const path& file, std::string_view content) {
  return write_private_file(file, content);
}

base::Result<void> create_private_file(const path& file, std::string_view content) {
  std::string name = file.string() + ".XXXXXX";
  ROBOSYNC_ASSIGN(const Socket made, write_temporary(name, content));
  // A link, unlike a rename, never replaces.
  const int number = ::link(name.c_str(), file.c_str()) == 0 ? 0 : errno;
  ::unlink(name.c_str());
  if (number == 0) return {};
  return base::fail(base::from_errno(number, "create " + file.string()));
}

base::Result<FileLock> lock_file(const path& file) {
  auto lock = std::make_shared<Socket>(
      ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!lock->is_open()) return base::fail(base::from_errno(errno, "open " + file.string()));
  while (::flock(lock->fd(), LOCK_EX) != 0) {
    if (errno != EINTR) return base::fail(base::from_errno(errno, "lock " + file.string()));
  }
  return FileLock(std::move(lock));
}

base::Result<void> ensure_private_folder(const path& folder) {
  if (folder.empty()) return ensure_private_folder(".");  // of a file named without one
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return base::fail(base::from_errno(errno, "create " + folder.string()));
  }
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0) {
    return base::fail(base::from_errno(errno, "stat " + folder.string()));
  }
  if (!S_ISDIR(status.st_mode)) return base::fail(wrong(folder, "is not a folder"));
  ROBOSYNC_TRY(check_owner(folder, status));
  if ((status.st_mode & 022U) != 0) {
    return base::fail(wrong(folder, "others may write to it; its mode must be 0700"));
  }
  return {};
}

}  // namespace robosync::net
