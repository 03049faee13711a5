// The contract suite on the machine's own file systems, on disk and in memory.
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

// Who owns nothing, on Linux and macOS alike (as -2).
constexpr uid_t kOrdinaryUser = 65534;

// A fresh directory, removed with all below it.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& in) {
    std::string text = in + "/robosync-contract-XXXXXX";
    ROBOSYNC_CHECK(::mkdtemp(text.data()) != nullptr);
    char resolved[PATH_MAX];
    ROBOSYNC_CHECK(::realpath(text.c_str(), resolved) != nullptr);
    path_ = resolved;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    remove_below(AT_FDCWD, path_.c_str());
    ::rmdir(path_.c_str());
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  // By the system's calls: what is under test must not clean up after itself.
  static void remove_below(int parent, const char* name) {
    ::fchmodat(parent, name, 0700, 0);
    const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return;
    DIR* const stream = ::fdopendir(fd);
    while (const dirent* entry = ::readdir(stream)) {
      const std::string below = entry->d_name;
      if (below == "." || below == "..") continue;
      if (::unlinkat(fd, below.c_str(), 0) == 0) continue;
      remove_below(fd, below.c_str());
      ::unlinkat(fd, below.c_str(), AT_REMOVEDIR);
    }
    ::closedir(stream);
  }

  std::string path_;
};

class NativeVolume : public ContractVolume {
 public:
  NativeVolume(const std::string& in, std::string other_in)
      : directory_(in), other_in_(std::move(other_in)) {}

  FileSystem& file_system() override { return native_file_system(); }
  std::string path() const override { return directory_.path(); }

  std::string other_device_path() override {
    if (!other_) other_ = std::make_unique<TemporaryDirectory>(other_in_);
    return other_->path();
  }

  // In a child process: a process that gave up its privileges does not get them back.
  void as_ordinary_user(const std::function<void()>& body) override {
    if (::geteuid() != 0) return body();
    ASSERT_EQ(::chown(path().c_str(), kOrdinaryUser, kOrdinaryUser), 0);
    std::fflush(nullptr);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      if (::setgroups(0, nullptr) != 0 || ::setgid(kOrdinaryUser) != 0 ||
          ::setuid(kOrdinaryUser) != 0) {
        ::_exit(2);
      }
      body();
      std::fflush(nullptr);
      ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0) << "what failed as an ordinary user stands above";
  }

 private:
  TemporaryDirectory directory_;
  const std::string other_in_;
  std::unique_ptr<TemporaryDirectory> other_;
};

class DecoratedNativeVolume final : public NativeVolume {
 public:
  using NativeVolume::NativeVolume;
  FileSystem& file_system() override { return faulty_; }

 private:
  FaultFileSystem faulty_{native_file_system()};
};

// What depends on the machine's kernel and on how its disk is formatted.
constexpr ContractTraits kNativeTraits{.clone = Support::kEither,
                                       .copy_range = Support::kEither,
                                       .preallocate = Support::kEither,
                                       .xattrs = Support::kEither,
                                       .exchange = Support::kEither};

constexpr char kDisk[] = "/var/tmp";
constexpr char kInMemory[] = "/dev/shm";

INSTANTIATE_TEST_SUITE_P(
    Native, FsContract,
    testing::Values(
        ContractBackend{"disk", [] { return std::make_unique<NativeVolume>(kDisk, kInMemory); },
                        kNativeTraits},
        ContractBackend{"tmpfs", [] { return std::make_unique<NativeVolume>(kInMemory, kDisk); },
                        kNativeTraits},
        ContractBackend{"decorated",
                        [] { return std::make_unique<DecoratedNativeVolume>(kInMemory, kDisk); },
                        kNativeTraits}),
    backend_name);

}  // namespace
}  // namespace robosync::fs
