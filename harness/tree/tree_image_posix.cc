// Reads with opendir, fstatat, open, read, readlink and nothing clever, one job per directory and
// per batch of its files.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "engine/base/pool.h"
#include "engine/base/spares.h"
#include "harness/tree/found_nodes.h"
#include "harness/tree/owned_fd_posix.h"
#include "harness/tree/printable.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {
namespace {

constexpr std::size_t kBatchFiles = 256;
constexpr std::size_t kReadBytes = std::size_t{256} * 1024;
constexpr std::size_t kTargetBytesMax = 64 * 1024;

struct Directory {
  Directory(std::string path_below_root, int owned_fd)
      : path(std::move(path_below_root)), fd(owned_fd) {}
  std::string path;
  OwnedFd fd;
};

base::Error fault(int number, std::string_view action, const std::string& path) {
  return base::from_errno(number, std::string(action) + " " + printable_path(path));
}

std::string join(const std::string& directory, std::string_view name) {
  return directory.empty() ? std::string(name) : directory + "/" + std::string(name);
}

// The field's name depends on the system.
template <typename Stat>
timespec mtime_of(const Stat& status) {
  if constexpr (requires { status.st_mtim; })
    return status.st_mtim;
  else
    return status.st_mtimespec;
}

FoundNode node_of(std::string path, const struct stat& status) {
  FoundNode found;
  found.path = std::move(path);
  found.identity = {static_cast<std::uint64_t>(status.st_dev),
                    static_cast<std::uint64_t>(status.st_ino),
                    static_cast<std::uint64_t>(status.st_nlink)};
  Node& node = found.node;
  if (S_ISREG(status.st_mode)) {
    node.kind = NodeKind::kFile;
    node.size = static_cast<std::uint64_t>(status.st_size);
    node.allocated_bytes = static_cast<std::uint64_t>(status.st_blocks) * 512;
  } else if (S_ISDIR(status.st_mode)) {
    node.kind = NodeKind::kDirectory;
  } else if (S_ISLNK(status.st_mode)) {
    node.kind = NodeKind::kSymlink;
  } else if (S_ISFIFO(status.st_mode)) {
    node.kind = NodeKind::kFifo;
  } else {
    node.kind = NodeKind::kOther;
  }
  node.mode = static_cast<std::uint32_t>(status.st_mode) & 07777U;
  const timespec time = mtime_of(status);
  node.mtime_s = time.tv_sec;
  node.mtime_ns = static_cast<std::uint32_t>(time.tv_nsec);
  node.owner = status.st_uid;
  node.group = status.st_gid;
  return found;
}

base::Result<base::Digest> content_of(const Directory& directory, const std::string& name,
                                      const std::string& path, std::span<std::byte> buffer) {
  const OwnedFd fd(::openat(directory.fd.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (fd.get() < 0) return base::fail(fault(errno, "open", path));
  const auto hasher = base::make_hasher(base::DigestKind::kXxh3_128);
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got == 0) return hasher->finish();
    if (got > 0)
      hasher->add(buffer.first(static_cast<std::size_t>(got)));
    else if (errno != EINTR)
      return base::fail(fault(errno, "read", path));
  }
}

base::Result<std::string> target_of(const Directory& directory, const std::string& name,
                                    const std::string& path) {
  std::string target(kTargetBytesMax, '\0');
  const ssize_t got = ::readlinkat(directory.fd.get(), name.c_str(), target.data(), target.size());
  if (got < 0) return base::fail(fault(errno, "read link", path));
  target.resize(static_cast<std::size_t>(got));
  return target;
}

base::Result<std::shared_ptr<Directory>> open_directory(int root_fd, const std::string& path) {
  const int fd = ::openat(root_fd, path.empty() ? "." : path.c_str(),
                          O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return base::fail(fault(errno, "open directory", path));
  return std::make_shared<Directory>(path, fd);
}

base::Result<std::vector<std::string>> names_in(const Directory& directory) {
  // closedir closes its descriptor; the batches still need the directory's.
  const int fd = ::openat(directory.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const stream = fd < 0 ? nullptr : ::fdopendir(fd);
  if (stream == nullptr) {
    const int number = errno;
    if (fd >= 0) ::close(fd);
    return base::fail(fault(number, "list directory", directory.path));
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int number = errno;
  ::closedir(stream);
  if (number != 0) return base::fail(fault(number, "list directory", directory.path));
  return names;
}

class Reader {
 public:
  Reader(int root_fd, unsigned threads, Content content)
      : root_fd_(root_fd), content_(content), pool_(std::max(threads, 1U)) {}

  base::Result<TreeImage> read() {
    pool_.submit([this] { read_directory({}); });
    pool_.wait_idle();
    return found_.finish();
  }

 private:
  using Names = std::vector<std::string>;

  base::Result<FoundNode> read_entry(const Directory& directory, const std::string& name,
                                     std::span<std::byte> buffer) {
    const std::string path = join(directory.path, name);
    struct stat status;
    if (::fstatat(directory.fd.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return base::fail(fault(errno, "stat", path));
    FoundNode found = node_of(path, status);
    if (found.node.kind == NodeKind::kFile && content_ == Content::kDigest) {
      ROBOSYNC_ASSIGN(found.node.content, content_of(directory, name, path, buffer));
    } else if (found.node.kind == NodeKind::kSymlink) {
      ROBOSYNC_ASSIGN(found.node.link_target, target_of(directory, name, path));
    }
    return found;
  }

  void read_batch(const Directory& directory, const Names& names) {
    auto buffer = buffers_.lend([] { return std::vector<std::byte>(kReadBytes); });
    std::vector<FoundNode> batch;
    std::vector<std::string> children;
    batch.reserve(names.size());
    for (const std::string& name : names) {
      if (found_.failed()) return;
      auto found = read_entry(directory, name, *buffer);
      if (!found) {
        found_.fail(join(directory.path, name), std::move(found).error());
        return;
      }
      // A directory enters the image when it is opened.
      if (found->node.kind == NodeKind::kDirectory)
        children.push_back(std::move(found->path));
      else
        batch.push_back(std::move(*found));
    }
    found_.add(std::move(batch));
    for (std::string& child : children)
      pool_.submit([this, path = std::move(child)] { read_directory(path); });
  }

  void read_directory(const std::string& path) {
    if (found_.failed()) return;
    if (auto status = list(path); !status) found_.fail(path, std::move(status).error());
  }

  base::Result<void> list(const std::string& path) {
    ROBOSYNC_ASSIGN(const std::shared_ptr<Directory> directory, open_directory(root_fd_, path));
    struct stat status;
    if (::fstat(directory->fd.get(), &status) != 0) return base::fail(fault(errno, "stat", path));
    std::vector<FoundNode> self;
    self.push_back(node_of(path, status));
    found_.add(std::move(self));
    ROBOSYNC_ASSIGN(Names names, names_in(*directory));
    std::vector<base::Pool::Job> jobs;
    for (std::size_t at = 0; at < names.size(); at += kBatchFiles) {
      const auto first = names.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = static_cast<std::ptrdiff_t>(std::min(kBatchFiles, names.size() - at));
      jobs.emplace_back([this, directory, batch = Names(first, first + count)] {
        read_batch(*directory, batch);
      });
    }
    pool_.submit(std::move(jobs));
    return {};
  }

  const int root_fd_;
  const Content content_;
  FoundNodes found_;
  base::Spares<std::vector<std::byte>> buffers_;
  base::Pool pool_;  // last, so that its threads end before what they use
};

}  // namespace

base::Result<TreeImage> read_tree_image(const std::string& root, unsigned threads,
                                        Content content) {
  // A link to another tree is not that tree.
  const OwnedFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd.get() < 0) return base::fail(fault(errno, "open directory", root));
  return Reader(fd.get(), threads, content).read();
}

}  // namespace robosync::parity
