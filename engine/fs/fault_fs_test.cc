#include "engine/fs/fault_fs_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>

#include "engine/fs/memory_fs_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;

class FaultFileSystemTest : public testing::Test {
 protected:
  FaultFileSystemTest() { memory_.build("/src", "a = aaaa\nb = bbbb\nd/c = cccc"); }

  DirectoryPtr source() { return *faulty_.open_root("/src"); }

  MemoryFileSystem memory_;
  FaultFileSystem faulty_{memory_};
};

TEST_F(FaultFileSystemTest, PassesEverythingOnWithoutRules) {
  EXPECT_EQ(dump_tree(source()), memory_.dump("/src"));
  ASSERT_TRUE(build_tree(source(), "n/f = x\nn/l -> f\nn/h => n/f\nn/p |"));
  EXPECT_EQ(memory_.dump("/src/n", {.modes = false}), "f = x\nh => f\nl -> f\np |\n");
  ASSERT_TRUE(source()->rename("a", *source(), "z", Replace::kNo));
  ASSERT_TRUE(source()->exchange("z", *source(), "b"));
  EXPECT_EQ(*read_whole(*source(), "b"), "aaaa");
}

TEST_F(FaultFileSystemTest, FailsTheChosenCallsOnly) {
  faulty_.add({.operation = Operation::kOpenFile,
               .path = "/src/a",
               .nth = 2,
               .times = 2,
               .error = fault(EIO)});
  EXPECT_TRUE(source()->open_file("b"));
  EXPECT_TRUE(source()->open_file("a"));
  EXPECT_NE(faulty_.unused(), "");
  EXPECT_EQ(source()->open_file("a").error().kind, ErrorKind::kIo);
  EXPECT_TRUE(source()->open_file("b"));
  EXPECT_EQ(source()->open_file("a").error().kind, ErrorKind::kIo);
  EXPECT_TRUE(source()->open_file("a"));
  EXPECT_EQ(faulty_.unused(), "");
}

TEST_F(FaultFileSystemTest, AFailedCallIsNotMade) {
  faulty_.add({.operation = Operation::kRemoveFile, .times = kEveryTime, .error = fault(EACCES)});
  EXPECT_EQ(source()->remove_file("a").error().kind, ErrorKind::kPermission);
  EXPECT_EQ(source()->remove_file("b").error().kind, ErrorKind::kPermission);
  EXPECT_TRUE(source()->stat_entry("a"));
}

TEST_F(FaultFileSystemTest, FailsByEitherPathOfARename) {
  faulty_.add({.operation = Operation::kRename, .path = "*/target", .error = fault(ENOSPC)});
  EXPECT_EQ(source()->rename("a", *source(), "target", Replace::kYes).error().kind,
            ErrorKind::kNoSpace);
  EXPECT_TRUE(source()->rename("a", *source(), "target", Replace::kYes));
}

TEST_F(FaultFileSystemTest, CutsReadsWritesAndKernelCopies) {
  faulty_.add({.operation = Operation::kRead, .cut_to = 3});
  faulty_.add({.operation = Operation::kWrite, .cut_to = 2});
  faulty_.add({.operation = Operation::kCopyRange, .cut_to = 1});
  faulty_.add({.operation = Operation::kCopyRange, .nth = 2, .cut_to = 0});
  EXPECT_EQ(*read_whole(*source(), "a"), "aaa");
  ASSERT_TRUE(write_whole(*source(), "short", "full"));
  EXPECT_EQ(*read_whole(*source(), "short"), "fu");
  const FilePtr from = *source()->open_file("a");
  const FilePtr to = *source()->create_file("copy", 0600);
  EXPECT_EQ(*to->copy_range_from(*from, 0, 4), 1U);
  EXPECT_EQ(*to->copy_range_from(*from, 0, 4), 0U);
  EXPECT_EQ(*to->copy_range_from(*from, 0, 4), 4U);
  EXPECT_EQ(faulty_.unused(), "");
}

TEST_F(FaultFileSystemTest, AWriteMayFailHalfway) {
  faulty_.add({.operation = Operation::kWrite, .error = fault(ENOSPC), .cut_to = 2});
  EXPECT_EQ(write_whole(*source(), "a", "full").error().kind, ErrorKind::kNoSpace);
  EXPECT_EQ(*read_whole(*source(), "a"), "fu");
}

TEST_F(FaultFileSystemTest, FalsifiesWhatIsReadOrStored) {
  faulty_.add({.operation = Operation::kRead, .path = "*/a", .corrupt = true});
  faulty_.add({.operation = Operation::kWrite, .path = "*/n", .corrupt = true});
  EXPECT_EQ(*read_whole(*source(), "a"), "qaaa");
  EXPECT_EQ(*read_whole(*source(), "a"), "aaaa");
  ASSERT_TRUE(write_whole(*source(), "n", "aa"));
  EXPECT_EQ(*read_whole(*source(), "n"), "qa");
}

TEST_F(FaultFileSystemTest, AnEntryVanishesBetweenListAndOpen) {
  faulty_.add({.operation = Operation::kOpenDirectory, .path = "/src/d", .vanish = true});
  Listing listing;
  ASSERT_TRUE(source()->list({}, listing));
  EXPECT_EQ(listing.entries.size(), 3U);
  EXPECT_EQ(source()->open_directory("d").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(memory_.dump("/src", {.modes = false}), "a = aaaa\nb = bbbb\n");
}

TEST_F(FaultFileSystemTest, AListingHasProblemsWhereTheRuleSays) {
  faulty_.add({.operation = Operation::kListEntry, .path = "/src/a", .error = fault(EIO)});
  faulty_.add({.operation = Operation::kListEntry, .path = "/src/d", .vanish = true});
  Listing listing;
  ASSERT_TRUE(source()->list({}, listing));
  ASSERT_EQ(listing.entries.size(), 1U);
  EXPECT_EQ(listing.entries[0].name, "b");
  ASSERT_EQ(listing.problems.size(), 2U);
  for (const tree::Problem& problem : listing.problems) {
    EXPECT_EQ(problem.error.kind, problem.path == "a" ? ErrorKind::kIo : ErrorKind::kNotFound);
  }
  EXPECT_FALSE(memory_.open_root("/src/d"));
}

TEST_F(FaultFileSystemTest, AListingBreaksOffAfterSomeEntries) {
  faulty_.add({.operation = Operation::kList, .error = fault(EIO), .cut_to = 2});
  Listing listing;
  EXPECT_EQ(source()->list({}, listing).error().kind, ErrorKind::kIo);
  EXPECT_EQ(listing.entries.size(), 2U);
}

TEST_F(FaultFileSystemTest, RunsCodeOfTheTestAroundTheCall) {
  std::string seen;
  faulty_.add({.operation = Operation::kRead,
               .path = "/src/a",
               .before =
                   [&] {
                     seen += "before ";
                     // The decorated file system and this one may both be used.
                     ASSERT_TRUE(write_whole(*source(), "a", "changed"));
                   },
               .after = [&] { seen += "after "; }});
  EXPECT_EQ(*read_whole(*source(), "a"), "changed");
  EXPECT_EQ(seen, "before after ");
}

TEST_F(FaultFileSystemTest, SwapsADirectoryForALinkUnderACaller) {
  memory_.build("/outside", "c = secret");
  faulty_.add({.operation = Operation::kOpenDirectory, .path = "/src/d", .before = [&] {
                 const DirectoryPtr directory = *memory_.open_root("/src");
                 ASSERT_TRUE(directory->rename("d", *directory, "aside", Replace::kNo));
                 ASSERT_TRUE(directory->make_symlink("d", "/outside"));
               }});
  EXPECT_EQ(source()->open_directory("d").error().kind, ErrorKind::kLink);
}

TEST_F(FaultFileSystemTest, Delays) {
  faulty_.add({.operation = Operation::kStatEntry, .delay = std::chrono::milliseconds(20)});
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(source()->stat_entry("a"));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(20));
}

TEST_F(FaultFileSystemTest, RulesAddUpInTheirOrder) {
  faulty_.add({.operation = Operation::kStatEntry, .error = fault(EIO)});
  faulty_.add({.operation = Operation::kStatEntry, .error = fault(EACCES)});
  EXPECT_EQ(source()->stat_entry("a").error().kind, ErrorKind::kIo);
  EXPECT_TRUE(source()->stat_entry("a"));
  EXPECT_EQ(faulty_.unused(), "");
}

TEST_F(FaultFileSystemTest, RulesReachTheFileSystemsOwnCalls) {
  faulty_.add({.operation = Operation::kOpenRoot, .path = "/src", .error = fault(EACCES)});
  faulty_.add({.operation = Operation::kLocate, .path = "/src/a", .error = fault(EACCES)});
  faulty_.add({.operation = Operation::kAncestry, .error = fault(EIO)});
  EXPECT_FALSE(faulty_.open_root("/src"));
  EXPECT_FALSE(faulty_.locate("/src/a"));
  EXPECT_FALSE(faulty_.ancestry(source()));
  EXPECT_EQ(faulty_.ancestry(source())->size(), 2U);
}

TEST_F(FaultFileSystemTest, PathsFollowHowThingsWereOpened) {
  const Located located = *faulty_.locate("/src/d/");
  EXPECT_EQ(located.name, "d");
  ASSERT_TRUE((*located.parent->open_directory("d"))->open_file("c"));
  const Located dots = *faulty_.locate("/src/d/..");
  EXPECT_EQ(dots.name, "");
  ASSERT_TRUE(dots.parent->stat_entry("a"));
  faulty_.log().clear();
  ASSERT_TRUE((*located.parent->open_directory("d"))->open_file("c", Access::kReadWrite));
  ASSERT_TRUE(source()->rename("a", *located.parent, "z", Replace::kNo));
  EXPECT_THAT(faulty_.log().changes(),
              ElementsAre("open_file_for_writing /src/d/c", "rename /src/a -> /src/z"));
  EXPECT_EQ(faulty_.log().count(Operation::kOpenFileForWriting, "*/d/*"), 1U);
  EXPECT_EQ(faulty_.log().count(Operation::kRename, "/src/z"), 1U);
}

TEST_F(FaultFileSystemTest, ForgetsRules) {
  faulty_.add({.operation = Operation::kStatEntry, .error = fault(EIO)});
  faulty_.clear();
  EXPECT_TRUE(source()->stat_entry("a"));
  EXPECT_EQ(faulty_.unused(), "");
}

TEST(Operations, PatternsMatchAsDescribed) {
  for (const auto& [pattern, text] : {std::pair{"", ""},
                                      {"*", ""},
                                      {"*", "a/b"},
                                      {"a*", "a"},
                                      {"*b", "aab"},
                                      {"a*b*c", "a/x/b/b/c"},
                                      {"/a/.tmp-*/x", "/a/.tmp-12/x"},
                                      {"**", "x"}}) {
    EXPECT_TRUE(matches(pattern, text)) << pattern << " " << text;
  }
  for (const auto& [pattern, text] : {std::pair{"", "a"},
                                      {"a", ""},
                                      {"a", "ab"},
                                      {"b", "ab"},
                                      {"a*b", "abc"},
                                      {"a*b*c", "acb"},
                                      {"?", "a"}}) {
    EXPECT_FALSE(matches(pattern, text)) << pattern << " " << text;
  }
}

}  // namespace
}  // namespace robosync::fs
