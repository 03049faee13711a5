// Renaming, replacing and exchanging.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;

TEST_P(FsContract, RenamesWithinAndAcrossDirectories) {
  build("f = x\nd/g = y\nl -> f\np |");
  const DirectoryPtr below = directory("d");
  for (const Replace replace : {Replace::kNo, Replace::kYes}) {
    const tree::Identity was = metadata("f").identity;
    ASSERT_TRUE(succeeds(root().rename("f", *below, "f2", replace)));
    EXPECT_EQ(below->stat_entry("f2")->metadata.identity, was);
    ASSERT_TRUE(succeeds(root().rename("l", *below, "l2", replace)));
    ASSERT_TRUE(succeeds(root().rename("p", root(), "p2", replace)));
    EXPECT_EQ(dump(), "d/\nd/f2 = x\nd/g = y\nd/l2 -> f\np2 |\n");
    ASSERT_TRUE(succeeds(below->rename("f2", root(), "f", replace)));
    ASSERT_TRUE(succeeds(below->rename("l2", root(), "l", replace)));
    ASSERT_TRUE(succeeds(root().rename("p2", root(), "p", replace)));
  }
  EXPECT_TRUE(fails(root().rename("none", root(), "x", Replace::kYes), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root().rename("none", root(), "x", Replace::kNo), ErrorKind::kNotFound));
}

TEST_P(FsContract, RenamesDirectoriesWithAllBelow) {
  build("a/b/c = x\nd/");
  const DirectoryPtr held = directory("a");
  for (const Replace replace : {Replace::kNo, Replace::kYes}) {
    ASSERT_TRUE(succeeds(root().rename("a", *directory("d"), "moved", replace)));
    EXPECT_EQ(dump(), "d/\nd/moved/\nd/moved/b/\nd/moved/b/c = x\n");
    EXPECT_EQ(root().stat_entry("d")->metadata.link_count, metadata("d").link_count);
    // A held handle goes with it.
    ASSERT_TRUE(succeeds(held->create_file("new", 0600)));
    EXPECT_TRUE(succeeds((*directory("d")->open_directory("moved"))->remove_file("new")));
    ASSERT_TRUE(succeeds(directory("d")->rename("moved", root(), "a", replace)));
  }
}

TEST_P(FsContract, WithoutReplaceATakenNameIsLeftAlone) {
  build("f = x\nd/\ntaken/\ndangling -> none\ng = y\nfull/below = z");
  for (const char* from : {"f", "d", "dangling"}) {
    for (const char* to : {"taken", "dangling", "g", "full"}) {
      if (from == std::string_view(to)) continue;
      EXPECT_TRUE(fails(root().rename(from, root(), to, Replace::kNo), ErrorKind::kExists))
          << from << " to " << to;
    }
  }
  EXPECT_EQ(dump(), "d/\ndangling -> none\nf = x\nfull/\nfull/below = z\ng = y\ntaken/\n");
}

TEST_P(FsContract, ReplacesNonDirectoriesByEachOther) {
  for (const char* from : {"f", "l", "p"}) {
    for (const char* to : {"old", "dangling", "fifo"}) {
      build("f = new\nl -> new\np |\nold = old\ndangling -> none\nfifo |");
      const tree::Identity was = metadata(from).identity;
      ASSERT_TRUE(succeeds(root().rename(from, root(), to, Replace::kYes))) << from << " " << to;
      EXPECT_EQ(metadata(to).identity, was);
      EXPECT_TRUE(fails(root().stat_entry(from), ErrorKind::kNotFound));
      for (const char* name : {"f", "l", "p", "old", "dangling", "fifo"}) {
        (void)root().remove_file(name);
      }
    }
  }
}

TEST_P(FsContract, FilesAndDirectoriesDoNotReplaceEachOther) {
  build("f = x\nl -> f\nempty/\nfull/below = y\nd/\ninner/");
  EXPECT_TRUE(fails(root().rename("f", root(), "empty", Replace::kYes), ErrorKind::kIsDirectory));
  EXPECT_TRUE(fails(root().rename("l", root(), "full", Replace::kYes), ErrorKind::kIsDirectory));
  EXPECT_TRUE(fails(root().rename("d", root(), "f", Replace::kYes), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(root().rename("d", root(), "l", Replace::kYes), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(root().rename("d", root(), "full", Replace::kYes), ErrorKind::kNotEmpty));
  EXPECT_EQ(dump(), "d/\nempty/\nf = x\nfull/\nfull/below = y\ninner/\nl -> f\n");
  EXPECT_TRUE(succeeds(root().rename("full", root(), "empty", Replace::kYes)));
  EXPECT_EQ(dump(), "d/\nempty/\nempty/below = y\nf = x\ninner/\nl -> f\n");
}

TEST_P(FsContract, ADirectoryDoesNotMoveBelowItself) {
  build("a/b/");
  EXPECT_TRUE(fails(root().rename("a", *directory("a"), "x", Replace::kYes), ErrorKind::kInvalid));
  const DirectoryPtr b = *directory("a")->open_directory("b");
  EXPECT_TRUE(fails(root().rename("a", *b, "x", Replace::kNo), ErrorKind::kInvalid));
  EXPECT_EQ(dump(), "a/\na/b/\n");
}

// POSIX: renaming one of two names of a file to the other does nothing, so that whoever stages a
// hard link and renames it over its twin is left with the staged name.
TEST_P(FsContract, RenamingOneNameOfAFileToAnotherLeavesBoth) {
  build("f = x\ntwin => f");
  EXPECT_TRUE(succeeds(root().rename("f", root(), "twin", Replace::kYes)));
  EXPECT_EQ(dump(), "f = x\ntwin => f\n");
  EXPECT_TRUE(succeeds(root().rename("f", root(), "f", Replace::kYes)));
  EXPECT_TRUE(fails(root().rename("f", root(), "twin", Replace::kNo), ErrorKind::kExists));
  EXPECT_TRUE(fails(root().rename("f", root(), "f", Replace::kNo), ErrorKind::kExists));
}

TEST_P(FsContract, OpenHandlesOutliveReplacementAndRemoval) {
  build("f = old\ng = new");
  const FilePtr old = file("f");
  const FilePtr renamed = file("g", Access::kReadWrite);
  ASSERT_TRUE(succeeds(root().rename("g", root(), "f", Replace::kYes)));
  EXPECT_EQ(*read_text(*old, 0, 10), "old");
  EXPECT_EQ(old->stat()->link_count, 0U);
  ASSERT_TRUE(succeeds(renamed->write_at(bytes_of("NEW"), 0)));
  EXPECT_EQ(content("f"), "NEW");
  ASSERT_TRUE(succeeds(root().remove_file("f")));
  ASSERT_TRUE(succeeds(renamed->write_at(bytes_of("gone"), 0)));
  EXPECT_EQ(*read_text(*renamed, 0, 10), "gone");
  EXPECT_EQ(renamed->stat()->link_count, 0U);
}

TEST_P(FsContract, ARemovedDirectoryTakesNothingNew) {
  build("d/");
  const DirectoryPtr held = directory("d");
  ASSERT_TRUE(succeeds(root().remove_directory("d")));
  EXPECT_TRUE(fails(held->create_file("f", 0600), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(held->make_directory("e", 0700), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(held->stat_entry("f"), ErrorKind::kNotFound));
  build("f = x");
  EXPECT_TRUE(fails(root().rename("f", *held, "f", Replace::kYes), ErrorKind::kNotFound));
  EXPECT_TRUE(succeeds(held->stat()));
  Listing listing;
  const auto listed = held->list({}, listing);
  EXPECT_TRUE(listed || fails(listed, ErrorKind::kNotFound));
  EXPECT_TRUE(listing.entries.empty());
}

TEST_P(FsContract, ExchangesAnyTwoEntries) {
  build("f = x\nd/below = y\nl -> f\nsub/g = z");
  const DirectoryPtr sub = directory("sub");
  if (!supported(root().exchange("f", *sub, "g"), traits().exchange)) {
    EXPECT_EQ(dump(), "d/\nd/below = y\nf = x\nl -> f\nsub/\nsub/g = z\n");
    return;
  }
  EXPECT_EQ(dump(), "d/\nd/below = y\nf = z\nl -> f\nsub/\nsub/g = x\n");
  ASSERT_TRUE(succeeds(root().exchange("d", root(), "f")));
  EXPECT_EQ(dump(), "d = z\nf/\nf/below = y\nl -> f\nsub/\nsub/g = x\n");
  ASSERT_TRUE(succeeds(root().exchange("l", root(), "d")));
  EXPECT_EQ(dump(), "d -> f\nf/\nf/below = y\nl = z\nsub/\nsub/g = x\n");
  EXPECT_TRUE(fails(root().exchange("l", root(), "none"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root().exchange("none", root(), "l"), ErrorKind::kNotFound));
  // Linux has one number for this and for "cannot exchange".
  EXPECT_FALSE(root().exchange("sub", *sub, "g").has_value()) << "a directory and what is in it";
  EXPECT_EQ(dump(), "d -> f\nf/\nf/below = y\nl = z\nsub/\nsub/g = x\n");
}

TEST_P(FsContract, NothingMovesToAnotherDevice) {
  build("f = x\nd/");
  const auto other = file_system().open_root(volume().other_device_path());
  ASSERT_TRUE(succeeds(other));
  ASSERT_NE((*other)->stat()->identity.device, root().stat()->identity.device)
      << "this machine offers no second file system for the test";
  for (const Replace replace : {Replace::kNo, Replace::kYes}) {
    EXPECT_TRUE(fails(root().rename("f", **other, "f", replace), ErrorKind::kCrossDevice));
    EXPECT_TRUE(fails(root().rename("d", **other, "d", replace), ErrorKind::kCrossDevice));
  }
  EXPECT_TRUE(fails((*other)->make_link(root(), "f", "f"), ErrorKind::kCrossDevice));
  EXPECT_EQ(names(**other).size(), 0U);
  EXPECT_EQ(dump(), "d/\nf = x\n");
}

TEST_P(FsContract, CopiesInsideTheKernelMayRefuseAnotherDevice) {
  build("f = content");
  const auto other = file_system().open_root(volume().other_device_path());
  ASSERT_TRUE(succeeds(other));
  const FilePtr from = file("f");
  const auto to = (*other)->create_file("copy", 0600);
  ASSERT_TRUE(succeeds(to));
  EXPECT_FALSE(supported((*to)->clone_from(*from), Support::kNo));
  if (supported((*to)->copy_range_from(*from, 0, 7), Support::kEither)) {
    EXPECT_EQ(*read_text(**to, 0, 10), "content");
  } else {
    EXPECT_EQ((*to)->stat()->size, 0U);
  }
  EXPECT_TRUE(succeeds((*other)->remove_file("copy")));
}

}  // namespace
}  // namespace robosync::fs
