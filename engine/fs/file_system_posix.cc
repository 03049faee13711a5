// The process's own view of the machine's file system: roots, privileges, limits.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "engine/fs/fs.h"
#include "engine/fs/handle_posix.h"

namespace robosync::fs {
namespace {

using base::fail;
using base::Result;
using tree::Metadata;

constexpr std::size_t kAncestryMax = 4096;

class NativeFileSystem final : public FileSystem {
 public:
  NativeFileSystem() {
    privileges_.uid = ::geteuid();
    privileges_.gid = ::getegid();
    privileges_.owns_everything = privileges_.uid == 0;
    privileges_.umask = system::current_umask();
    privileges_.has_acls = system::has_acls();
    if (const int count = ::getgroups(0, nullptr); count > 0) {
      std::vector<gid_t> groups(static_cast<std::size_t>(count));
      const int got = ::getgroups(count, groups.data());
      groups.resize(static_cast<std::size_t>(std::max(got, 0)));
      privileges_.groups.assign(groups.begin(), groups.end());
    }
    raise_handle_limit();
  }

  Result<Located> locate(const std::string& path) const override {
    std::string text = path;
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    const std::size_t slash = text.rfind('/');
    const std::string last = slash == std::string::npos ? text : text.substr(slash + 1);
    if (last.empty() || last == "." || last == "..") {
      ROBOSYNC_ASSIGN(DirectoryPtr directory, open_root(path));
      return Located{std::move(directory), ""};
    }
    if (auto valid = tree::validate_component(last); !valid) return fail(valid.error());
    const std::string parent = slash == std::string::npos ? "." : text.substr(0, slash + 1);
    ROBOSYNC_ASSIGN(DirectoryPtr directory, open_root(parent));
    return Located{std::move(directory), last};
  }

  Result<DirectoryPtr> open_root(const std::string& path) const override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(system_error(errno, "open", path));
    return adopt_directory(fd);
  }

  Result<std::vector<tree::Identity>> ancestry(const DirectoryPtr& directory) const override {
    std::vector<tree::Identity> chain;
    ROBOSYNC_ASSIGN(Metadata at, directory->stat());
    chain.push_back(at.identity);
    int fd = descriptor_of(*directory);
    std::unique_ptr<Descriptor> held;
    while (chain.size() < kAncestryMax) {
      const int up = ::openat(fd, "..", kUpwardsFlag | O_DIRECTORY | O_CLOEXEC);
      if (up < 0) return fail(system_error(errno, "open", ".."));
      held = std::make_unique<Descriptor>(up);
      fd = up;
      ROBOSYNC_ASSIGN(at, stat_descriptor(fd));
      if (at.identity == chain.back()) break;
      chain.push_back(at.identity);
    }
    return chain;
  }

  const Privileges& privileges() const override { return privileges_; }
  std::size_t open_handles_max() const override { return open_handles_max_; }

 private:
#ifdef O_PATH
  static constexpr int kUpwardsFlag = O_PATH;
#else
  static constexpr int kUpwardsFlag = O_RDONLY;
#endif

  void raise_handle_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    if (limit.rlim_cur < limit.rlim_max) {
      const rlim_t was = limit.rlim_cur;
      limit.rlim_cur = limit.rlim_max;
      if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = was;
    }
    open_handles_max_ = static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, 1U << 20));
  }

  Privileges privileges_;
  std::size_t open_handles_max_ = 256;
};

}  // namespace

FileSystem& native_file_system() {
  static NativeFileSystem instance;
  return instance;
}

}  // namespace robosync::fs
