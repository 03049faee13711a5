// A staging file belongs to the process that made it, for as long as that process lives.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "engine/apply/staging.h"
#include "engine/tree/staging_name.h"

namespace robosync::apply {
namespace {

class StagingProcess : public testing::Test {
 protected:
  StagingProcess() {
    std::string pattern = testing::TempDir() + "/robosync-staging-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    auto opened = fs::native_file_system().open_root(path_);
    if (opened) directory_ = *opened;
  }
  ~StagingProcess() override {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  // Starts a process that stages something and then waits to be killed. Returns when it has.
  pid_t start(void (*stage)(fs::Directory&)) {
    std::array<int, 2> ready{};
    EXPECT_EQ(::pipe(ready.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      stage(*directory_);
      const char byte = 1;
      (void)!::write(ready[1], &byte, 1);
      for (;;) ::pause();
    }
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
    return child;
  }
  static void kill_and_wait(pid_t child) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  tree::Entry only_entry() {
    fs::Listing listing;
    EXPECT_TRUE(directory_->list({}, listing));
    EXPECT_EQ(listing.entries.size(), 1U);
    return listing.entries.empty() ? tree::Entry() : listing.entries[0];
  }
  void check(pid_t child) {
    const tree::Entry entry = only_entry();
    EXPECT_TRUE(tree::is_staging_name(entry.name));
    EXPECT_EQ(*remove_leftover(*directory_, entry), Leftover::kAlive);
    EXPECT_TRUE(directory_->stat_entry(entry.name));
    kill_and_wait(child);
    EXPECT_EQ(*remove_leftover(*directory_, entry), Leftover::kRemoved);
    EXPECT_FALSE(directory_->stat_entry(entry.name));
  }

  std::string path_;
  fs::DirectoryPtr directory_;
};

TEST_F(StagingProcess, AFile) {
  ASSERT_NE(directory_, nullptr);
  check(start([](fs::Directory& directory) {
    auto* const staged = new StagedFile(*StagedFile::create(directory, 0600));
    const std::string half = "half";
    (void)staged->file().write_at(std::as_bytes(std::span(half)), 0);
  }));
}

TEST_F(StagingProcess, ADirectory) {
  ASSERT_NE(directory_, nullptr);
  check(start([](fs::Directory& directory) {
    const std::string name = new_staging_name();
    (void)directory.make_directory(name, 0700);
    auto* const held = new fs::DirectoryPtr(*directory.open_directory(name));
    (void)(*held)->try_lock();
    (void)(*held)->create_file("inner", 0600);
  }));
}

}  // namespace
}  // namespace robosync::apply
