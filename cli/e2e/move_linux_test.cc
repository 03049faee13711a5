// Requirement 3: a move removes a source file only when that very file is proven to have landed.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

class Move : public DataSafety {
 protected:
  // Fails unless `content` is at the target, or else still in the source.
  void expect_not_lost(const std::string& path, const std::string& content) {
    const bool landed = exists(target().at(path)) && read_file(target().at(path)) == content;
    const bool stayed = exists(source().at(path)) && read_file(source().at(path)) == content;
    EXPECT_TRUE(landed || stayed) << path << " is lost";
  }
  [[nodiscard]] bool in_source(const std::string& path) { return exists(source().at(path)); }
};

TEST_F(Move, Row03_EverythingLandsAndNoFileIsLeft) {
  source().file("a", noise(300000, 1)).file("sub/b", "b", 0751).symlink("sub/link", "b");
  source().fifo("pipe").file("sub/deep/c", "").directory("hollow", 0711);
  const TreeImage before = read_tree(source().root());
  ROBOSYNC_ASSERT_EXIT(kExitOk, move());
  Aspects aspects;
  aspects.root = false;
  EXPECT_EQ("", differences(before, read_tree(target_path()), aspects));
  if (exists(source().root())) {
    for (const auto& [path, node] : read_tree(source().root())) {
      EXPECT_EQ(static_cast<mode_t>(S_IFDIR), node.kind) << path << " was left behind";
    }
  }
}

TEST_F(Move, Row03_SkippedFileOfSameSizeAndTimeIsComparedByContent) {
  source().file("same", "equal content").file("other", "source content");
  target().file("same", "equal content").file("other", "target content");
  const Finished finished = move();
  expect_not_lost("other", "source content");
  expect_not_lost("same", "equal content");
  EXPECT_FALSE(in_source("same")) << finished.describe();
  if (in_source("other")) ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
}

TEST_F(Move, Row03_UpdateKeepsTheSourceOfWhatItSkips) {
  source().file("older", "from source", 0644, kOldTime).file("plain", "p");
  target().file("older", "newer at target", 0644, kNewTime);
  const Finished finished = move({"--update"});
  EXPECT_TRUE(in_source("older")) << finished.describe();
  EXPECT_EQ("newer at target", read_file(target().at("older")));
  EXPECT_FALSE(in_source("plain"));
}

TEST_F(Move, Row03_IgnoreExistingKeepsTheSourceOfWhatDiffers) {
  source().file("there", "from source", 0644, kNewTime).file("fresh", "f");
  target().file("there", "at target");
  const Finished finished = move({"--ignore-existing"});
  EXPECT_TRUE(in_source("there")) << finished.describe();
  EXPECT_EQ("at target", read_file(target().at("there")));
  EXPECT_FALSE(in_source("fresh"));
}

TEST_F(Move, Row03_ExistingKeepsTheSourceOfWhatIsNotCreated) {
  source().file("there", "new content", 0644, kNewTime).file("fresh", "f").file("sub/fresh", "f");
  target().file("there", "at target");
  const Finished finished = move({"--existing"});
  EXPECT_TRUE(in_source("fresh") && in_source("sub/fresh")) << finished.describe();
  EXPECT_EQ("new content", read_file(target().at("there")));
  EXPECT_FALSE(in_source("there"));
}

TEST_F(Move, Row03_SizeOnlyDoesNotRemoveWhatDiffersInContent) {
  source().file("same-size", "AAAA", 0644, kNewTime);
  target().file("same-size", "BBBB");
  (void)move({"--size-only"});
  expect_not_lost("same-size", "AAAA");
}

TEST_F(Move, Row03_WhatIsLeftOutStays) {
  source().file("keep.log", "excluded").file("go.txt", "moves").file("sub/keep.log", "excluded");
  source().file("sub/go.txt", "moves").file("only/keep.log", "excluded").file("all/go.txt", "m");
  ROBOSYNC_ASSERT_EXIT(kExitOk, move({"--exclude=*.log"}));
  for (const char* name : {"keep.log", "sub/keep.log", "only/keep.log"}) {
    EXPECT_TRUE(in_source(name)) << name;
  }
  for (const char* name : {"go.txt", "sub/go.txt", "all/go.txt"}) {
    EXPECT_FALSE(in_source(name)) << name;
    EXPECT_TRUE(exists(target().at(name))) << name;
  }
}

TEST_F(Move, Row03_SizeLimitsKeepTheSource) {
  source().file("small", "s").file("large", noise(50000, 2));
  ROBOSYNC_ASSERT_EXIT(kExitOk, move({"--max-size=1000"}));
  EXPECT_TRUE(in_source("large"));
  EXPECT_FALSE(in_source("small"));
}

TEST_F(Move, Row03_SkippedLinksStayInTheSource) {
  source().symlink("out", "/etc/hostname").symlink("in", "file").file("file", "f");
  ROBOSYNC_ASSERT_EXIT(kExitOk, move({"--safe-links"}));
  EXPECT_TRUE(in_source("out"));
  EXPECT_FALSE(in_source("in"));
}

TEST_F(Move, Row03_FollowingALinkNeverRemovesWhatItLeadsTo) {
  TreeBuilder outside(at("outside"));
  outside.file("file", "outside").file("sub/inner", "outside too");
  source().symlink("link", at("outside/file")).symlink("dir-link", at("outside/sub"));
  (void)move({"--copy-links"});
  EXPECT_EQ("outside", read_file(target().at("link")));
  EXPECT_EQ("outside", read_file(outside.at("file")));
  EXPECT_EQ("outside too", read_file(outside.at("sub/inner")));
}

TEST_F(Move, Row03_AFailingFileKeepsItsSourceAndTheRestMoves) {
  source().file("clash", "a file").file("fine", "f").file("sub/fine", "f");
  target().file("clash/full", "a directory that is not empty");
  const Finished finished = move();
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  EXPECT_TRUE(in_source("clash")) << finished.describe();
  EXPECT_FALSE(in_source("fine"));
  EXPECT_FALSE(in_source("sub/fine"));
}

TEST_F(Move, Row03_AnUnreadableFileStays) {
  source().file("secret", "s", 0).file("fine", "f").file("closed/x", "x");
  source().mode("closed", 0);
  const Finished finished = unprivileged({"move", source_slash(), target_path()});
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  source().mode("closed", 0755);
  EXPECT_TRUE(in_source("secret"));
  EXPECT_TRUE(in_source("closed/x"));
  EXPECT_FALSE(in_source("fine"));
}

TEST_F(Move, Row03_AFailureToSyncTheTargetRemovesNothing) {
  source().file("a", "a").file("sub/b", "b");
  const Command command = robosync_command({"move", source_slash(), target_path()});
  const Finished finished =
      run(with_tampering(command, {.injections = {"fsync:error=EIO", "fdatasync:error=EIO",
                                                  "syncfs:error=EIO", "sync_file_range:error=EIO"},
                                   .paths = {}}));
  EXPECT_NE(0, finished.exit_code) << finished.describe();
  EXPECT_TRUE(in_source("a") && in_source("sub/b")) << finished.describe();
}

TEST_F(Move, Row03_TheTargetIsSyncedBeforeTheFirstRemoval) {
  source().file("a", "a").file("sub/b", "b");
  const std::string log = at("trace");
  const Command command = robosync_command({"move", source_slash(), target_path()});
  const Finished finished = run(with_trace(command, "fsync,fdatasync,syncfs,unlinkat,unlink", log));
  ROBOSYNC_ASSERT_EXIT(kExitOk, finished);
  const std::string calls = read_file(log);
  const std::size_t synced = calls.find("sync");
  const std::size_t removed = calls.find("\"a\"");
  ASSERT_NE(std::string::npos, synced) << calls;
  ASSERT_NE(std::string::npos, removed) << calls;
  EXPECT_LT(synced, removed) << calls;
}

TEST_F(Move, Row03_AFailureToRemoveIsReported) {
  source().file("stuck/a", "a").file("b", "b").mode("stuck", 0555);
  const Finished finished = unprivileged({"move", source_slash(), target_path()});
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  EXPECT_TRUE(in_source("stuck/a"));
  EXPECT_EQ("a", read_file(target().at("stuck/a")));
  EXPECT_FALSE(in_source("b"));
}

TEST_F(Move, Row03_AFileThatChangesMeanwhileIsNotRemoved) {
  const std::string first = noise(600'000, 3);
  const std::string added = "written while it was being moved";
  source().file("growing", first);
  const Command command =
      robosync_command({"move", "--bwlimit=400K", "--retries=0", source_slash(), target_path()});
  Process process(command);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  source().append("growing", added);
  const Finished finished = process.wait();
  expect_not_lost("growing", first + added);
  if (exists(target().at("growing"))) {
    const std::string landed = read_file(target().at("growing"));
    EXPECT_TRUE(landed == first || landed == first + added) << "half a file of " << landed.size();
  } else {
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  }
}

TEST_F(Move, Row03_OntoItselfIsRefused) {
  source().file("a", "a").file("sub/b", "b");
  const TreeImage before = read_tree(source().root());
  const Finished directory = robosync({"move", source_slash(), source().root()});
  EXPECT_NE(0, directory.exit_code) << directory.describe();
  const Finished file = robosync({"move", source().at("a"), source().at("a")});
  EXPECT_NE(0, file.exit_code) << file.describe();
  const Finished into = robosync({"move", source().at("a"), source().root()});
  EXPECT_NE(0, into.exit_code) << into.describe();
  EXPECT_EQ("", differences(before, read_tree(source().root())));
}

TEST_F(Move, Row03_OntoAHardLinkOfItselfLosesNothing) {
  source().file("a", "content");
  target().directory("");
  source().hard_link("b", "a");
  (void)robosync({"move", source().at("a"), source().at("b")});
  EXPECT_EQ("content", read_file(source().at("b")));
}

TEST_F(Move, Row03_SeveralSourcesOfOneNameLoseNothing) {
  TreeBuilder other(at("other"));
  source().file("same", "first");
  other.file("same", "second").file("alone", "alone");
  const Finished finished = robosync({"move", source_slash(), at("other/"), target_path()});
  EXPECT_EQ("first", read_file(target().at("same"))) << finished.describe();
  EXPECT_EQ("second", read_file(other.at("same"))) << "the second never landed\n"
                                                   << finished.describe();
  EXPECT_EQ("alone", read_file(target().at("alone")));
}

TEST_F(Move, Row03_HardLinksArriveAsOneFile) {
  source().file("a", "linked").hard_link("sub/b", "a");
  ROBOSYNC_ASSERT_EXIT(kExitOk, move({"--hard-links"}));
  const TreeImage landed = read_tree(target_path());
  EXPECT_EQ("a", landed.at("a").link_group);
  EXPECT_EQ("a", landed.at("sub/b").link_group);
  EXPECT_FALSE(in_source("a") || in_source("sub/b"));
}

TEST_F(Move, Row03_WorksAcrossEveryFastPath) {
  for (const char* path : {"clone", "copy-range", "parallel", "staged-dirs", "holes", "all"}) {
    TreeBuilder from(at(std::string("from-") + path));
    from.file("a", noise(70000, 4)).file("sub/b", "b");
    const std::string to = at(std::string("to-") + path);
    ROBOSYNC_ASSERT_EXIT(
        kExitOk, robosync({"move", std::string("--no-fast-path=") + path, from.root() + "/", to}));
    EXPECT_EQ(noise(70000, 4), read_file(to + "/a"));
    EXPECT_EQ("b", read_file(to + "/sub/b"));
    EXPECT_FALSE(exists(from.at("a")) || exists(from.at("sub/b")));
  }
}

}  // namespace
}  // namespace robosync::e2e
