#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "harness/checks/trace.h"
#include "harness/checks/tree_maker.h"

namespace robosync::parity {
namespace {

namespace stdfs = std::filesystem;

using base::fail;
using base::Result;

// The user nobody of every Linux and macOS this runs on.
constexpr uid_t kUnprivilegedId = 65534;

Result<void> from_call(int result, const std::string& what, const std::string& path) {
  if (result == 0) return {};
  return fail(base::from_errno(errno, what + " " + path));
}

Result<void> set_time(const std::string& path, std::int64_t seconds, std::uint32_t nanoseconds) {
  timespec times[2];
  times[0] = {static_cast<time_t>(seconds), static_cast<long>(nanoseconds)};
  times[1] = times[0];
  return from_call(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), "set time of",
                   path);
}

Result<void> make_directories(const std::string& path) {
  std::error_code code;
  stdfs::create_directories(path, code);
  if (!code) return {};
  return fail(base::from_errno(code.value(), "make directory " + path));
}

Result<void> make_parent(const std::string& path) {
  return make_directories(path.substr(0, path.find_last_of('/')));
}

Result<void> write_file(const std::string& path, std::uint64_t hole_bytes,
                        std::string_view content) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return fail(base::from_errno(errno, "create " + path));
  Result<void> result;
  if (hole_bytes > 0) {
    result =
        from_call(::ftruncate(fd, static_cast<off_t>(hole_bytes + content.size())), "extend", path);
  }
  std::size_t done = 0;
  while (result && done < content.size()) {
    const ssize_t wrote = ::pwrite(fd, content.data() + done, content.size() - done,
                                   static_cast<off_t>(hole_bytes + done));
    if (wrote < 0) result = fail(base::from_errno(errno, "write " + path));
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  if (result) result = from_call(::fchmod(fd, 0644), "set mode of", path);
  ::close(fd);
  return result;
}

Result<void> make_file(const std::string& path, std::uint64_t hole_bytes,
                       std::string_view content) {
  if (auto made = make_parent(path); !made) return made;
  if (auto written = write_file(path, hole_bytes, content); !written) return written;
  return set_time(path, kOldTimeS, 0);
}

// Every path below and including the root, parents first.
std::vector<std::string> all_paths(const std::string& root) {
  std::vector<std::string> paths{root};
  std::error_code code;
  for (stdfs::recursive_directory_iterator at(root, code), end; !code && at != end;
       at.increment(code)) {
    paths.push_back(at->path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

TreeMaker& TreeMaker::file(const std::string& path, std::string_view content) {
  if (status_) note(make_file(at(path), 0, content));
  return *this;
}

TreeMaker& TreeMaker::sparse_file(const std::string& path, std::uint64_t bytes,
                                  std::string_view content) {
  if (status_) note(make_file(at(path), bytes - content.size(), content));
  return *this;
}

TreeMaker& TreeMaker::directory(const std::string& path) {
  if (status_) note(make_directories(at(path)));
  return *this;
}

TreeMaker& TreeMaker::symlink(const std::string& path, const std::string& link_target) {
  if (status_) note(make_parent(at(path)));
  if (status_)
    note(from_call(::symlink(link_target.c_str(), at(path).c_str()), "make link", at(path)));
  if (status_) note(set_time(at(path), kOldTimeS, 0));
  return *this;
}

TreeMaker& TreeMaker::hard_link(const std::string& path, const std::string& existing) {
  if (status_) note(make_parent(at(path)));
  if (status_) {
    note(from_call(::link(at(existing).c_str(), at(path).c_str()), "make hard link", at(path)));
  }
  return *this;
}

TreeMaker& TreeMaker::mode(const std::string& path, std::uint32_t mode) {
  if (status_) {
    note(from_call(::chmod(at(path).c_str(), static_cast<mode_t>(mode)), "set mode of", at(path)));
  }
  return *this;
}

TreeMaker& TreeMaker::time(const std::string& path, std::int64_t seconds,
                           std::uint32_t nanoseconds) {
  if (status_) note(set_time(at(path), seconds, nanoseconds));
  return *this;
}

TreeMaker& TreeMaker::settle() {
  if (!status_) return *this;
  note(make_directories(root_));
  std::vector<std::string> paths = all_paths(root_);
  for (auto path = paths.rbegin(); path != paths.rend() && status_; ++path) {
    struct stat metadata{};
    if (::lstat(path->c_str(), &metadata) == 0 && S_ISDIR(metadata.st_mode)) {
      note(set_time(*path, kOldTimeS, 0));
    }
  }
  return *this;
}

TreeMaker& TreeMaker::give_away() {
  if (!status_ || ::geteuid() != 0) return *this;
  for (const std::string& path : all_paths(root_)) {
    if (!status_) break;
    note(from_call(::lchown(path.c_str(), kUnprivilegedId, kUnprivilegedId), "give away", path));
  }
  return *this;
}

Result<std::string> traces_of_writing(const std::string& root) {
  if (!stdfs::exists(root)) {
    return fail(base::make_error(base::ErrorKind::kNotFound, "nothing was made at " + root));
  }
  std::string text;
  for (const std::string& path : all_paths(root)) {
    struct stat metadata{};
    if (::lstat(path.c_str(), &metadata) != 0) return fail(base::from_errno(errno, "stat " + path));
    text += path.substr(root.size()) + " " + trace_of(metadata) + "\n";
  }
  return text;
}

std::vector<std::string> unprivileged_prefix() {
  if (::geteuid() != 0) return {};
  const std::string id = std::to_string(kUnprivilegedId);
  return {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "--"};
}

}  // namespace robosync::parity
