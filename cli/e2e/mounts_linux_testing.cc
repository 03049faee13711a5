#include "cli/e2e/mounts_linux_testing.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <iostream>
#include <system_error>

#include "cli/e2e/process_linux_testing.h"

namespace robosync::e2e {
namespace {

constexpr int kNoNamespace = 77;

void require(bool succeeded, const std::string& what) {
  if (!succeeded) throw std::system_error(errno, std::generic_category(), what);
}

void write_text(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, text.data(), text.size()) < 0) errno = 0;  // the mount below shows whether it did
  close(fd);
}

bool enter_namespace() {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  if (uid == 0) {
    if (unshare(CLONE_NEWNS) != 0) return false;
  } else {
    if (unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
    write_text("/proc/self/setgroups", "deny");
    write_text("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1");
    write_text("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
  }
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

}  // namespace

bool with_private_mounts(const std::function<void()>& body) {
  std::cout.flush();
  fflush(stdout);
  const pid_t child = fork();
  require(child >= 0, "fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!enter_namespace()) _exit(kNoNamespace);
    try {
      body();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    std::cout.flush();
    fflush(stdout);
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  require(waitpid(child, &status, 0) == child, "waitpid");
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoNamespace) return false;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << "failed in its mount namespace (see above)";
  return true;
}

void mount_tmpfs(const std::string& directory, const std::string& options) {
  require(mount("tmpfs", directory.c_str(), "tmpfs", 0, options.c_str()) == 0,
          "mount tmpfs on " + directory);
}

void mount_read_only_view(const std::string& from, const std::string& directory) {
  require(mount(from.c_str(), directory.c_str(), nullptr, MS_BIND, nullptr) == 0,
          "bind mount " + directory);
  require(
      mount(nullptr, directory.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0,
      "read-only mount " + directory);
}

void unmount(const std::string& directory) {
  require(umount2(directory.c_str(), 0) == 0, "umount " + directory);
}

bool mount_image(const std::string& type, const std::string& image, const std::string& size,
                 const std::string& directory) {
  if (!is_root()) return false;
  try {
    run_or_throw({"truncate", "-s", size, image});
    run_or_throw({"mkfs." + type, "-q", image});
    run_or_throw({"mount", "-o", "loop", "-t", type, image, directory});
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return false;
  }
  return true;
}

}  // namespace robosync::e2e
