// Shared blocks on APFS. clonefile(2) makes a new file, while File::clone_from fills one that is
// open: the clone is made beside it, takes its name, its permissions and its lock, and then its
// descriptor.
#include <fcntl.h>
#include <sys/clonefile.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/random.h"
#include "engine/fs/handle_posix.h"
#include "engine/tree/staging_name.h"

namespace robosync::fs::system {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

// This file or this pair cannot; the file systems may.
base::Error not_these() { return make_error(ErrorKind::kInvalid, "clone"); }

// Where an open file is: the directory, held, and the name in it.
struct Place {
  std::unique_ptr<Descriptor> directory;
  std::string name;
};

// Only what a run of ours is making is given another file: under a staging name, or in a directory
// that has one. A file that is written in place stays the file that it is.
bool is_being_made(const std::string& path, std::size_t slash) {
  if (tree::is_staging_name(path.substr(slash + 1))) return true;
  const std::size_t above = slash == 0 ? std::string::npos : path.rfind('/', slash - 1);
  return above != std::string::npos &&
         tree::is_staging_name(path.substr(above + 1, slash - above - 1));
}

// The path is asked of the kernel and may be outdated at once: what counts is that the directory
// that was opened has this very file.
Result<Place> place_of(int fd, const struct stat& file) {
  std::array<char, PATH_MAX> buffer{};
  if (::fcntl(fd, F_GETPATH, buffer.data()) != 0) return fail(not_these());
  const std::string path(buffer.data());
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || !is_being_made(path, slash)) return fail(not_these());
  const int opened = ::open(path.substr(0, slash + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return fail(not_these());
  Place place{std::make_unique<Descriptor>(opened), path.substr(slash + 1)};
  struct stat found{};
  if (::fstatat(opened, place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0 ||
      found.st_dev != file.st_dev || found.st_ino != file.st_ino) {
    return fail(not_these());
  }
  return place;
}

// A clone has the source's flags, attributes and permissions: it is to have those of a new file.
Result<void> make_plain(int fd, const struct stat& wanted) {
  if (::fchflags(fd, 0) != 0 || ::fchmod(fd, wanted.st_mode & 07777) != 0) {
    return fail(not_these());
  }
  ROBOSYNC_ASSIGN(const std::vector<Xattr> attributes, xattrs(fd));
  for (const Xattr& attribute : attributes) ROBOSYNC_TRY(remove_xattr(fd, attribute.name));
  return {};
}

// Puts the clone `from_name` in the place of the file that `to_fd` has open.
Result<void> take_place(int to_fd, const struct stat& file, const Place& place,
                        const std::string& from_name) {
  const int directory = place.directory->get();
  const int reading = ::openat(directory, from_name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (reading < 0) return fail(not_these());
  const Descriptor plain(reading);
  ROBOSYNC_TRY(make_plain(reading, file));
  const int writing = ::openat(directory, from_name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (writing < 0) return fail(not_these());
  const Descriptor clone(writing);
  // The lock tells other runs that the name is in use, before it is.
  if (::flock(writing, LOCK_EX | LOCK_NB) != 0) return fail(not_these());
  if (::renameat(directory, from_name.c_str(), directory, place.name.c_str()) != 0) {
    return fail(system_error(errno, "rename to", place.name));
  }
  if (::dup2(writing, to_fd) < 0 || ::fcntl(to_fd, F_SETFD, FD_CLOEXEC) != 0) {
    return fail(make_error(ErrorKind::kChanged, "clone " + place.name));
  }
  return {};
}

}  // namespace

Result<void> clone(int to_fd, int from_fd) {
  // Of a compressed file the content is in attributes, of one in a cloud nowhere here.
  struct stat source{};
  if (::fstat(from_fd, &source) != 0) return fail(system_error(errno, "stat", ""));
  if ((source.st_flags & (UF_COMPRESSED | SF_DATALESS)) != 0) return fail(not_these());
  struct stat file{};
  if (::fstat(to_fd, &file) != 0) return fail(system_error(errno, "stat", ""));
  if (file.st_nlink != 1) return fail(not_these());
  ROBOSYNC_ASSIGN(const Place place, place_of(to_fd, file));
  const std::string name = tree::staging_name(base::random64());
  if (::fclonefileat(from_fd, place.directory->get(), name.c_str(), CLONE_NOOWNERCOPY) != 0) {
    if (errno == ENOTSUP || errno == EXDEV || errno == ENOSYS) {
      return fail(make_error(ErrorKind::kUnsupported, "clone"));
    }
    if (errno == EINVAL || errno == EPERM || errno == EACCES) return fail(not_these());
    return fail(system_error(errno, "clone", place.name));
  }
  auto taken = take_place(to_fd, file, place, name);
  if (!taken) ::unlinkat(place.directory->get(), name.c_str(), 0);
  return taken;
}

}  // namespace robosync::fs::system
