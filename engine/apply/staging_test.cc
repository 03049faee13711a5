// Staging: nothing half-made is left, a live run's staging is left alone, a dead one's removed.
#include "engine/apply/staging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/tree/staging_name.h"

namespace robosync::apply {
namespace {

using base::ErrorKind;
using fs::Operation;

class Staging : public testing::Test {
 protected:
  Staging() {
    memory.build("/d", "old = old\n");
    directory = *faulty.open_root("/d");
  }
  [[nodiscard]] std::string names() const { return memory.dump("/d", {.modes = false}); }
  static void write(StagedFile& staged, const std::string& text) {
    ASSERT_TRUE(staged.file().write_at(std::as_bytes(std::span(text)), 0));
  }

  fs::MemoryFileSystem memory;
  fs::FaultFileSystem faulty{memory};
  fs::DirectoryPtr directory;
};

TEST_F(Staging, CommitsOrLeavesNothing) {
  {
    auto staged = StagedFile::create(*directory, 0600);
    ASSERT_TRUE(staged);
    EXPECT_TRUE(tree::is_staging_name(staged->name()));
    write(*staged, "half");
  }
  EXPECT_EQ(names(), "old = old\n");
  auto staged = StagedFile::create(*directory, 0600);
  write(*staged, "new");
  ASSERT_TRUE(staged->commit("old", fs::Replace::kYes));
  EXPECT_EQ(names(), "old = new\n");
}

TEST_F(Staging, AFailedCommitLeavesTheOldEntry) {
  {
    auto staged = StagedFile::create(*directory, 0600);
    EXPECT_EQ(staged->commit("old", fs::Replace::kNo).error().kind, ErrorKind::kExists);
    faulty.add({.operation = Operation::kRename, .error = fs::fault(EIO)});
    EXPECT_FALSE(staged->commit("old", fs::Replace::kYes));
  }
  EXPECT_EQ(names(), "old = old\n");
}

TEST_F(Staging, MovedFromOwnsNothing) {
  auto first = StagedFile::create(*directory, 0600);
  const StagedFile second = std::move(*first);
  EXPECT_NE(names(), "old = old\n");
}

TEST_F(Staging, AFileTakenForALeftoverBeforeItsLockIsMadeAgain) {
  int n = 0;
  faulty.add({.operation = Operation::kTryLock, .before = [&] {
                ++n;
                fs::Listing listing;
                const auto behind = memory.open_root("/d");
                ASSERT_TRUE((*behind)->list({}, listing));
                for (const tree::Entry& entry : listing.entries) {
                  if (tree::is_staging_name(entry.name)) {
                    ASSERT_TRUE((*behind)->remove_file(entry.name));
                  }
                }
              }});
  auto staged = StagedFile::create(*directory, 0600);
  ASSERT_TRUE(staged);
  EXPECT_EQ(n, 1);
  write(*staged, "new");
  EXPECT_TRUE(staged->commit("new", fs::Replace::kNo));
}

TEST_F(Staging, WithoutLocksFilesAreStagedAllTheSame) {
  memory.build("/nolock", "");
  memory.mount("/nolock", {.can_lock = false});
  const auto plain = *memory.open_root("/nolock");
  auto staged = StagedFile::create(*plain, 0600);
  ASSERT_TRUE(staged);
  const auto entry = plain->stat_entry(staged->name());
  EXPECT_EQ(*remove_leftover(*plain, *entry), Leftover::kAlive) << "it cannot be told";
}

TEST_F(Staging, ResumesItsOwnLeftoverButNotALiveOne) {
  const std::string name = tree::partial_name("big");
  {
    auto first = StagedFile::create_or_resume(*directory, name, 0600);
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->resumed());
    write(*first, "half");
    EXPECT_EQ(StagedFile::create_or_resume(*directory, name, 0600).error().kind, ErrorKind::kBusy);
    first->keep();
  }
  auto second = StagedFile::create_or_resume(*directory, name, 0600);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->resumed());
  EXPECT_EQ(second->file().stat()->size, 4U);
}

TEST_F(Staging, ABusyPartialFileIsNotRemovedByTheLoser) {
  const std::string name = tree::partial_name("big");
  const auto first = StagedFile::create_or_resume(*directory, name, 0600);
  EXPECT_FALSE(StagedFile::create_or_resume(*directory, name, 0600));
  EXPECT_TRUE(directory->stat_entry(name));
}

TEST_F(Staging, WritesToNothingThatIsSomewhereElseToo) {
  const std::string name = tree::partial_name("big");
  memory.build("/d", "victim = precious\n");
  for (const auto plant :
       {+[](fs::Directory& d, const std::string& as) { EXPECT_TRUE(d.make_link(d, "victim", as)); },
        +[](fs::Directory& d, const std::string& as) {
          EXPECT_TRUE(d.make_symlink(as, "victim"));
        }}) {
    plant(*directory, name);
    auto staged = StagedFile::create_or_resume(*directory, name, 0600);
    ASSERT_TRUE(staged);
    EXPECT_FALSE(staged->resumed());
    write(*staged, "something else");
  }
  EXPECT_EQ(*fs::read_if_there(*directory, "victim", 100), "precious");
}

TEST_F(Staging, LeftoversByKind) {
  memory.build("/d",
               ".robosync-0000000000000001 = file\n.robosync-0000000000000002/a\n"
               ".robosync-0000000000000003/a/b\n.robosync-0000000000000004 -> x\n"
               ".robosync-0000000000000005 |\n");
  const auto remove = [&](char digit) {
    const auto entry = directory->stat_entry(std::string(".robosync-000000000000000") + digit);
    return *remove_leftover(*directory, *entry);
  };
  EXPECT_EQ(remove('1'), Leftover::kRemoved);
  EXPECT_EQ(remove('2'), Leftover::kRemoved);
  EXPECT_EQ(remove('3'), Leftover::kKept);
  EXPECT_EQ(remove('4'), Leftover::kRemoved);
  EXPECT_EQ(remove('5'), Leftover::kRemoved);
  EXPECT_EQ(names(),
            ".robosync-0000000000000003/\n.robosync-0000000000000003/a/\n"
            ".robosync-0000000000000003/a/b\nold = old\n");
}

TEST_F(Staging, ALeftoverThatSomebodyElseRemovesMeanwhileIsRemoved) {
  memory.build("/d",
               ".robosync-0000000000000001 = file\n.robosync-0000000000000002/\n"
               ".robosync-0000000000000004 -> x\n");
  for (const char* name :
       {".robosync-0000000000000001", ".robosync-0000000000000002", ".robosync-0000000000000004"}) {
    const auto entry = directory->stat_entry(name);
    ASSERT_EQ(*remove_leftover(*directory, *entry), Leftover::kRemoved);
    const auto again = remove_leftover(*directory, *entry);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*again, Leftover::kRemoved);
  }
}

TEST_F(Staging, WhatMadeWayIsNotRemovedInPassing) {
  const std::string name = new_aside_name();
  memory.build("/d", name + " = somebody's\n");
  const auto entry = directory->stat_entry(name);
  EXPECT_EQ(*remove_leftover(*directory, *entry), Leftover::kKept);
  EXPECT_TRUE(directory->stat_entry(name));
}

TEST_F(Staging, ALockedDirectoryIsAlive) {
  memory.build("/d", ".robosync-0000000000000002/a\n");
  const auto held = *directory->open_directory(".robosync-0000000000000002");
  ASSERT_TRUE(*held->try_lock());
  const auto entry = directory->stat_entry(".robosync-0000000000000002");
  EXPECT_EQ(*remove_leftover(*directory, *entry), Leftover::kAlive);
  EXPECT_TRUE(held->stat_entry("a"));
}

TEST_F(Staging, NamesDoNotRepeat) {
  EXPECT_NE(new_staging_name(), new_staging_name());
  EXPECT_TRUE(tree::is_staging_name(new_staging_name()));
}

}  // namespace
}  // namespace robosync::apply
