#include "cli/e2e/builder_linux_testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <system_error>

#include "cli/e2e/process_linux_testing.h"

namespace robosync::e2e {
namespace {

void require(bool succeeded, const std::string& what) {
  if (!succeeded) throw std::system_error(errno, std::generic_category(), what);
}

void write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t count = write(fd, content.data(), content.size());
    require(count > 0, "write " + path);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
}

void set_time(const std::string& path, timespec time) {
  const timespec times[2] = {time, time};
  require(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0, "utimensat " + path);
}

void remove_children(int parent, const char* name) {
  fchmodat(parent, name, 0700, 0);  // best effort: openat tells whether it was enough
  const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  require(fd >= 0, std::string("open directory ") + name);
  DIR* stream = fdopendir(fd);
  require(stream != nullptr, std::string("fdopendir ") + name);
  while (const dirent* entry = readdir(stream)) {
    const std::string_view child = entry->d_name;
    if (child == "." || child == "..") continue;
    if (unlinkat(fd, entry->d_name, 0) == 0) continue;
    if (errno == EISDIR || errno == EPERM || errno == EACCES) {
      remove_children(fd, entry->d_name);
      require(unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0, std::string("rmdir ") + name);
    } else {
      require(errno == ENOENT, std::string("unlink ") + entry->d_name);
    }
  }
  closedir(stream);
}

}  // namespace

TreeBuilder::TreeBuilder(std::string root) : root_(std::move(root)) {
  std::filesystem::create_directories(root_);
}

std::string TreeBuilder::at(std::string_view path) const {
  return path.empty() ? root_ : root_ + "/" + std::string(path);
}

void TreeBuilder::make_parents(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return;
  const std::string parent = at(path.substr(0, slash));
  if (::mkdir(parent.c_str(), 0755) == 0 || errno == EEXIST) return;
  make_parents(path.substr(0, slash));
  require(::mkdir(parent.c_str(), 0755) == 0, "mkdir " + parent);
}

TreeBuilder& TreeBuilder::directory(std::string_view path, mode_t mode) {
  make_parents(path);
  const std::string full = at(path);
  require(::mkdir(full.c_str(), 0755) == 0 || errno == EEXIST, "mkdir " + full);
  require(::chmod(full.c_str(), mode) == 0, "chmod " + full);
  return *this;
}

TreeBuilder& TreeBuilder::file(std::string_view path, std::string_view content, mode_t mode,
                               timespec time) {
  make_parents(path);
  const std::string full = at(path);
  const int fd = open(full.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  require(fd >= 0, "create " + full);
  write_all(fd, content, full);
  require(fchmod(fd, mode) == 0, "chmod " + full);
  require(close(fd) == 0, "close " + full);
  set_time(full, time);
  return *this;
}

TreeBuilder& TreeBuilder::symlink(std::string_view path, const std::string& leads_to) {
  make_parents(path);
  require(::symlink(leads_to.c_str(), at(path).c_str()) == 0, "symlink " + at(path));
  set_time(at(path), kOldTime);
  return *this;
}

TreeBuilder& TreeBuilder::hard_link(std::string_view path, std::string_view existing) {
  make_parents(path);
  require(linkat(AT_FDCWD, at(existing).c_str(), AT_FDCWD, at(path).c_str(), 0) == 0,
          "link " + at(path));
  return *this;
}

TreeBuilder& TreeBuilder::fifo(std::string_view path, mode_t mode) {
  make_parents(path);
  require(mkfifo(at(path).c_str(), 0600) == 0, "mkfifo " + at(path));
  require(::chmod(at(path).c_str(), mode) == 0, "chmod " + at(path));
  return time(path, kOldTime);
}

TreeBuilder& TreeBuilder::device(std::string_view path, mode_t kind, unsigned major,
                                 unsigned minor) {
  make_parents(path);
  require(mknod(at(path).c_str(), kind | 0600, makedev(major, minor)) == 0, "mknod " + at(path));
  return time(path, kOldTime);
}

TreeBuilder& TreeBuilder::sparse(std::string_view path, std::uint64_t size,
                                 const std::vector<std::pair<std::uint64_t, std::string>>& data) {
  file(path, "");
  const std::string full = at(path);
  const int fd = open(full.c_str(), O_WRONLY | O_CLOEXEC);
  require(fd >= 0 && ftruncate(fd, static_cast<off_t>(size)) == 0, "truncate " + full);
  for (const auto& [offset, bytes] : data) {
    require(pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
                static_cast<ssize_t>(bytes.size()),
            "write " + full);
  }
  require(close(fd) == 0, "close " + full);
  return time(path, kOldTime);
}

TreeBuilder& TreeBuilder::time(std::string_view path, timespec time) {
  set_time(at(path), time);
  return *this;
}

TreeBuilder& TreeBuilder::mode(std::string_view path, mode_t mode) {
  require(::chmod(at(path).c_str(), mode) == 0, "chmod " + at(path));
  return *this;
}

TreeBuilder& TreeBuilder::owner(std::string_view path, uid_t uid, gid_t gid) {
  require(lchown(at(path).c_str(), uid, gid) == 0, "chown " + at(path));
  return *this;
}

TreeBuilder& TreeBuilder::xattr(std::string_view path, const std::string& name,
                                std::string_view value) {
  require(lsetxattr(at(path).c_str(), name.c_str(), value.data(), value.size(), 0) == 0,
          "setxattr " + name + " " + at(path));
  return *this;
}

TreeBuilder& TreeBuilder::append(std::string_view path, std::string_view content) {
  const int fd = open(at(path).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  require(fd >= 0, "open " + at(path));
  write_all(fd, content, at(path));
  require(close(fd) == 0, "close " + at(path));
  return *this;
}

TreeBuilder& TreeBuilder::remove(std::string_view path) {
  remove_tree(at(path));
  return *this;
}

std::string noise(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes;
  bytes.reserve(size + sizeof(std::uint64_t));
  while (bytes.size() < size) {
    const std::uint64_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  bytes.resize(size);
  return bytes;
}

void give_to_unprivileged(const std::string& root) {
  if (!is_root()) return;
  const auto give = [](const std::string& path) {
    require(lchown(path.c_str(), kUnprivileged, kUnprivileged) == 0, "chown " + path);
  };
  give(root);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    // Taking ownership away clears set-id bits and nothing else; those are set afterwards.
    give(entry.path().string());
  }
}

void remove_tree(const std::string& root) {
  if (unlink(root.c_str()) == 0 || errno == ENOENT) return;
  remove_children(AT_FDCWD, root.c_str());
  require(rmdir(root.c_str()) == 0, "rmdir " + root);
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::system_error(ENOENT, std::generic_category(), "open " + path);
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

bool exists(const std::string& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

}  // namespace robosync::e2e
