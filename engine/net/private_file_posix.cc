#include "engine/net/private_file.h"

#include <fcntl.h>
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
    if (content.size() > kPrivateFileBytesMax) {
      return base::fail(base::make_error(ErrorKind::kLimit, file.string() + ": too large"));
    }
  }
}

base::Result<void> write_private_file(const path& file, std::string_view content) {
  std::string name = file.string() + ".XXXXXX";
  ROBOSYNC_ASSIGN(const Socket made, write_temporary(name, content));
  if (::rename(name.c_str(), file.c_str()) == 0) return {};
  const int number = errno;
  ::unlink(name.c_str());
  return base::fail(base::from_errno(number, "rename to " + file.string()));
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
