// What can only be seen of the native file system on Linux: descriptors, access times, mounts.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/check.h"
#include "engine/fs/fs.h"
#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::IsEmpty;
using tree::RelPath;

class NativeFileSystem : public testing::Test {
 protected:
  void SetUp() override {
    std::string text = "/dev/shm/robosync-native-XXXXXX";
    ASSERT_NE(::mkdtemp(text.data()), nullptr);
    path_ = text;
    auto opened = native_file_system().open_root(path_);
    ASSERT_TRUE(succeeds(opened));
    root_ = *opened;
  }
  void TearDown() override {
    root_.reset();
    std::filesystem::remove_all(path_);
  }
  void build(std::string_view spec) { ASSERT_TRUE(succeeds(build_tree(root_, spec))); }

  std::string path_;
  DirectoryPtr root_;
};

// The descriptors that are open now.
std::set<int> descriptors() {
  std::set<int> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    out.insert(std::stoi(entry.path().filename()));
  }
  std::erase_if(out, [](int fd) { return ::fcntl(fd, F_GETFD) < 0; });  // the listing's own
  return out;
}

TEST_F(NativeFileSystem, AWideDirectoryIsListedWhole) {
  constexpr int kEntries = 9'000;
  std::set<std::string> expected;
  for (int i = 0; i < kEntries; ++i) {
    const std::string name = std::to_string(i) + (i % 3 == 0 ? ".tmp" : "");
    if (i % 10 == 1) {
      ASSERT_TRUE(root_->make_symlink(name, "to-" + name));
    } else {
      ASSERT_TRUE(root_->create_file(name, 0600));
    }
    if (i % 3 != 0) expected.insert(name);
  }
  const auto list = [&](const NameFilter& wanted) {
    Listing listing;
    EXPECT_TRUE(root_->list(wanted, listing));
    EXPECT_THAT(listing.problems, IsEmpty());
    std::set<std::string> names;
    for (const tree::Entry& entry : listing.entries) {
      EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
      EXPECT_EQ(entry.link_target, entry.metadata.is_symlink() ? "to-" + entry.name : "");
    }
    return names;
  };
  EXPECT_EQ(list([](std::string_view name, tree::Kind) { return !name.ends_with(".tmp"); }),
            expected);
  EXPECT_EQ(list({}).size(), std::size_t{kEntries});
}

TEST_F(NativeFileSystem, DescriptorsDoNotReachOtherPrograms) {
  build("d/f = x");
  const std::set<int> before = descriptors();
  const Located located = *native_file_system().locate(path_ + "/d");
  const DirectoryPtr d = *root_->open_directory("d");
  const FilePtr opened = *d->open_file("f");
  const FilePtr created = *d->create_file("g", 0600);
  int checked = 0;
  for (const int fd : descriptors()) {
    if (before.contains(fd)) continue;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0) << fd;
    ++checked;
  }
  EXPECT_EQ(checked, 4);
}

TEST_F(NativeFileSystem, NoCallLeavesADescriptorBehind) {
  build("d/below = x\nf = x\nl -> f\np |\ns ~");
  const std::set<int> before = descriptors();
  for (const char* name : {"d", "f", "l", "p", "s", "none"}) {
    for (const Follow follow : {Follow::kNo, Follow::kYes}) {
      (void)root_->open_directory(name, follow);
      (void)root_->open_file(name, Access::kRead, follow);
      (void)root_->open_file(name, Access::kReadWrite, follow);
      (void)root_->stat_entry(name, follow);
    }
    (void)root_->create_file(name, 07777);
    (void)root_->make_directory(name, 07777);
    (void)root_->set_entry_metadata(name, {.mode = 0700, .mtime = tree::Time{1, 1}});
    (void)root_->set_entry_xattr(name, {"user.k", "v"});
    (void)root_->entry_xattrs(name);
    (void)root_->remove_entry_xattr(name, "user.k");
    (void)root_->remove_directory(name);
    (void)root_->rename(name, *root_, "x", Replace::kNo);
    (void)root_->exchange(name, *root_, "x");
    (void)native_file_system().locate(path_ + "/" + name + "/y");
    (void)native_file_system().open_root(path_ + "/" + name);
  }
  Listing listing;
  ASSERT_TRUE(succeeds(root_->list({}, listing)));
  ASSERT_TRUE(succeeds(native_file_system().ancestry(root_)));
  ASSERT_TRUE(succeeds(root_->sync_volume()));
  EXPECT_EQ(descriptors(), before);
}

TEST_F(NativeFileSystem, AccessTimesAreLeftAlone) {
  build("f = x\nl -> f\nd/");
  const timespec times[2] = {{1'000, 5}, {2'000, 6}};
  const auto access_time = [&](const char* name) {
    struct stat st{};
    EXPECT_EQ(::lstat((path_ + "/" + name).c_str(), &st), 0);
    return st.st_atim.tv_sec;
  };
  for (const char* name : {"f", "l", "d"}) {
    ASSERT_EQ(::utimensat(AT_FDCWD, (path_ + "/" + name).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
    ASSERT_TRUE(succeeds(root_->set_entry_metadata(name, {.mtime = tree::Time{9, 9}})));
    EXPECT_EQ(access_time(name), 1'000) << name;
  }
  ASSERT_TRUE(succeeds((*root_->open_file("f"))->set_metadata({.mtime = tree::Time{8, 8}})));
  EXPECT_EQ(access_time("f"), 1'000);
}

TEST_F(NativeFileSystem, PrivilegesAreThoseOfTheProcess) {
  const Privileges& privileges = native_file_system().privileges();
  EXPECT_EQ(privileges.uid, ::geteuid());
  EXPECT_EQ(privileges.gid, ::getegid());
  EXPECT_EQ(privileges.owns_everything, ::geteuid() == 0);
  const mode_t umask = ::umask(0);
  ::umask(umask);
  EXPECT_EQ(privileges.umask, umask);
  std::vector<gid_t> groups(static_cast<std::size_t>(::getgroups(0, nullptr)));
  ASSERT_GE(::getgroups(static_cast<int>(groups.size()), groups.data()), 0);
  EXPECT_THAT(privileges.groups, testing::UnorderedElementsAreArray(groups));
}

TEST_F(NativeFileSystem, ALockEndsWithTheProcessThatHeldIt) {
  build("f = x");
  const FilePtr mine = *root_->open_file("f");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto opened = root_->open_file("f");
    const bool locked = opened && (*opened)->try_lock().value_or(false);
    (void)!::write(ready[1], locked ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_FALSE(*mine->try_lock());
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(*mine->try_lock());
  ::close(ready[0]);
  ::close(ready[1]);
}

// A process that swaps a directory for a link, over and over, never gets us out of the root.
TEST_F(NativeFileSystem, ARacingLinkNeverLeadsOutOfTheRoot) {
  build("root/d/\noutside/");
  const DirectoryPtr root = *root_->open_directory("root");
  std::atomic<bool> done{false};
  std::thread swapper([&] {
    const DirectoryPtr own = *root_->open_directory("root");
    while (!done) {
      (void)own->rename("d", *own, "aside", Replace::kNo);
      (void)own->make_symlink("d", "../outside");
      (void)own->remove_file("d");
      (void)own->rename("aside", *own, "d", Replace::kNo);
    }
  });
  int inside = 0;
  int refused = 0;
  for (int i = 0; i < 3000 || ((inside == 0 || refused == 0) && i < 300'000); ++i) {
    const auto opened = open_beneath(root, *RelPath::parse("d"));
    if (!opened) {
      ++refused;
      continue;
    }
    const auto made = (*opened)->create_file("f" + std::to_string(i), 0600);
    if (!made) continue;
    ++inside;
  }
  done = true;
  swapper.join();
  EXPECT_GT(inside, 0);
  EXPECT_GT(refused, 0) << "the race did not happen";
  Listing listing;
  ASSERT_TRUE(succeeds((*root_->open_directory("outside"))->list({}, listing)));
  EXPECT_THAT(listing.entries, IsEmpty());
}

// Two questions make up an extent, and the file may shrink between them.
TEST_F(NativeFileSystem, AFileThatShrinksMeanwhileIsNoFaultOfTheVolume) {
  const FilePtr f = *root_->create_file("f", 0600);
  const std::string content(4096, 'x');
  std::atomic<bool> done{false};
  std::thread shrinker([&] {
    while (!done) {
      ASSERT_TRUE(succeeds(f->write_at(bytes_of(content), 0)));
      ASSERT_TRUE(succeeds(f->resize(0)));
    }
  });
  int seen = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto extent = f->next_extent(0);
    if (!extent || *extent) ++seen;
    if (extent || !base::is_volume_fault(extent.error().kind)) continue;
    ADD_FAILURE() << extent.error().message() << " at " << i;
    break;
  }
  done = true;
  shrinker.join();
  EXPECT_GT(seen, 0) << "the file was never looked at while it had content";
}

// Runs `body` in a child process with mounts of its own, as root there. Returns false where this
// machine does not allow that.
bool in_private_mounts(const std::function<void()>& body) {
  constexpr int kNotAllowed = 77;
  std::fflush(nullptr);
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  const pid_t child = ::fork();
  ROBOSYNC_CHECK(child >= 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNS | (uid == 0 ? 0 : CLONE_NEWUSER)) != 0) ::_exit(kNotAllowed);
    if (uid != 0) {
      std::ofstream("/proc/self/setgroups") << "deny";
      std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1";
      std::ofstream("/proc/self/gid_map") << "0 " << gid << " 1";
    }
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(kNotAllowed);
    body();
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotAllowed) return false;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "what failed stands above";
  return true;
}

TEST_F(NativeFileSystem, AFullVolumeIsToldApart) {
  build("mounted/");
  const bool done = in_private_mounts([&] {
    const std::string at = path_ + "/mounted";
    ASSERT_EQ(::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=64k,nr_inodes=5"), 0);
    const DirectoryPtr full = *native_file_system().open_root(at);
    EXPECT_NE(full->stat()->identity.device, root_->stat()->identity.device);
    const FilePtr f = *full->create_file("f", 0600);
    const std::string much(128 * 1024, 'x');
    EXPECT_TRUE(fails(f->write_at(bytes_of(much), 0), ErrorKind::kNoSpace));
    EXPECT_TRUE(fails(f->preallocate(1 << 20), ErrorKind::kNoSpace));
    EXPECT_LE(f->stat()->size, 64U * 1024);
    ASSERT_TRUE(succeeds(f->resize(0)));
    EXPECT_TRUE(succeeds(f->write_at(bytes_of("fits"), 0)));
    base::Result<void> made;
    for (int i = 0; i < 10 && made; ++i) made = full->make_directory(std::to_string(i), 0700);
    EXPECT_TRUE(fails(made, ErrorKind::kNoSpace)) << "no inode is left";
    EXPECT_TRUE(fails(full->rename("f", *root_, "f", Replace::kNo), ErrorKind::kCrossDevice));
  });
  ASSERT_TRUE(done) << "this machine allows no mounts: run as root or with user namespaces";
}

TEST_F(NativeFileSystem, AReadOnlyVolumeIsToldApart) {
  build("mounted/");
  const bool done = in_private_mounts([&] {
    const std::string at = path_ + "/mounted";
    ASSERT_EQ(::mount("tmpfs", at.c_str(), "tmpfs", 0, nullptr), 0);
    const DirectoryPtr top = *native_file_system().open_root(at);
    ASSERT_TRUE(succeeds(build_tree(top, "f = x\nd/\nl -> f")));
    ASSERT_EQ(::mount("tmpfs", at.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr), 0);
    EXPECT_EQ(*read_whole(*top, "f"), "x");
    for (const auto& result :
         {top->make_directory("n", 0700), top->make_symlink("n", "t"),
          top->make_node("n", tree::Kind::kFifo, 0600, 0), top->make_link(*top, "f", "n"),
          top->rename("f", *top, "n", Replace::kNo), top->rename("f", *top, "l", Replace::kYes),
          top->exchange("f", *top, "l"), top->remove_file("f"), top->remove_directory("d"),
          top->set_entry_metadata("f", {.mode = 0600}),
          top->set_entry_metadata("l", {.mtime = tree::Time{1, 1}}),
          top->set_metadata({.mtime = tree::Time{1, 1}})}) {
      EXPECT_TRUE(fails(result, ErrorKind::kReadOnly));
    }
    EXPECT_TRUE(fails(top->create_file("n", 0600), ErrorKind::kReadOnly));
    EXPECT_TRUE(fails(top->open_file("f", Access::kReadWrite), ErrorKind::kReadOnly));
    EXPECT_TRUE(fails(top->create_file("f", 0600), ErrorKind::kExists));
  });
  ASSERT_TRUE(done) << "this machine allows no mounts: run as root or with user namespaces";
}

// What is mounted below a root shows by its device, also in a listing.
TEST_F(NativeFileSystem, AMountPointShowsAnotherDevice) {
  build("mounted/\nplain/");
  const bool done = in_private_mounts([&] {
    ASSERT_EQ(::mount("tmpfs", (path_ + "/mounted").c_str(), "tmpfs", 0, nullptr), 0);
    // A handle from before lies in the other mount namespace, where nothing is mounted.
    const DirectoryPtr root = *native_file_system().open_root(path_);
    Listing listing;
    ASSERT_TRUE(succeeds(root->list({}, listing)));
    const auto device = root->stat()->identity.device;
    ASSERT_EQ(listing.entries.size(), 2U);
    for (const tree::Entry& entry : listing.entries) {
      EXPECT_EQ(entry.metadata.identity.device == device, entry.name == "plain") << entry.name;
    }
    EXPECT_TRUE(fails(root->remove_directory("mounted"), ErrorKind::kBusy));
    EXPECT_TRUE(fails(root->rename("mounted", *root, "n", Replace::kNo), ErrorKind::kBusy));
    const auto below = root->open_directory("mounted");
    ASSERT_TRUE(succeeds(below));
    EXPECT_EQ(native_file_system().ancestry(*below)->at(1), root->stat()->identity);
  });
  ASSERT_TRUE(done) << "this machine allows no mounts: run as root or with user namespaces";
}

}  // namespace
}  // namespace robosync::fs
