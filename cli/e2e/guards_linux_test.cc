// What is refused before anything is touched: roots inside each other, roots that are one, sources
// that are not there.
#include <gtest/gtest.h>

#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/mounts_linux_testing.h"

namespace robosync::e2e {
namespace {

class Guards : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    lay_out();
  }
  void lay_out() {
    source().remove("");
    source() = TreeBuilder(at("src"));
    source().file("a", "a").file("sub/b", "b").file("sub/deep/c", "c");
    before_ = read_tree(source().root());
  }
  void expect_refused(const Arguments& arguments) {
    const Finished finished = robosync(arguments);
    ROBOSYNC_EXPECT_EXIT(kExitRefused, finished);
    EXPECT_FALSE(finished.err.empty());
    const std::string changed = differences(before_, read_tree(source().root()));
    EXPECT_EQ("", changed) << ::testing::PrintToString(arguments);
    if (!changed.empty()) lay_out();
  }

 private:
  TreeImage before_;
};

TEST_F(Guards, TheTargetInsideTheSourceIsRefused) {
  for (const char* verb : {"copy", "mirror", "move"}) {
    expect_refused({verb, source_slash(), source().at("sub")});
    expect_refused({verb, source_slash(), source().at("sub/deep")});
  }
}

TEST_F(Guards, ANewTargetInsideTheSourceIsRefused) {
  for (const char* verb : {"copy", "mirror", "move"}) {
    expect_refused({verb, source_slash(), source().at("new")});
    expect_refused({verb, source_slash(), source().at("sub/new")});
  }
}

TEST_F(Guards, TheSameDirectoryTwiceIsRefused) {
  for (const char* verb : {"copy", "mirror", "move"}) {
    expect_refused({verb, source_slash(), source().root()});
    expect_refused({verb, source_slash(), source().root() + "/."});
    expect_refused({verb, source_slash(), source().at("sub/..")});
    expect_refused({verb, source().root() + "/.", source().root()});
    expect_refused({verb, source().root(), root()});
  }
}

TEST_F(Guards, ADirectoryIntoItselfIsRefused) {
  for (const char* verb : {"copy", "mirror", "move"}) {
    expect_refused({verb, source().root(), source().root()});
    expect_refused({verb, source().root(), source().at("sub")});
  }
}

TEST_F(Guards, AnExcludedTargetInsideTheSourceIsFine) {
  source().directory("backup");
  const Finished finished =
      robosync({"mirror", "--exclude=/backup", source_slash(), source().at("backup")});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  EXPECT_EQ("c", read_file(source().at("backup/sub/deep/c")));
  EXPECT_FALSE(exists(source().at("backup/backup")));
  // And it does not feed on itself.
  ROBOSYNC_EXPECT_EXIT(
      kExitOk, robosync({"mirror", "--exclude=/backup", source_slash(), source().at("backup")}));
  EXPECT_FALSE(exists(source().at("backup/backup")));
}

TEST_F(Guards, AMirrorOntoWhatHoldsTheSourceIsRefused) {
  expect_refused({"mirror", source_slash(), root()});
  expect_refused({"mirror", source().at("sub/"), source().root()});
  expect_refused({"mirror", source().at("sub/deep/"), source().root()});
}

TEST_F(Guards, ACopyOntoWhatHoldsTheSourceDeletesNothing) {
  TreeBuilder(root()).file("bystander", "b");
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"copy", source_slash(), root()}));
  EXPECT_EQ("c", read_file(at("sub/deep/c")));
  EXPECT_EQ("b", read_file(at("bystander")));
}

TEST_F(Guards, ThroughLinksAndBindMountsItIsTheSameDirectory) {
  TreeBuilder(root()).symlink("alias", source().root());
  expect_refused({"mirror", source_slash(), at("alias")});
  expect_refused({"move", at("alias/"), source().root()});
  const bool ran = with_private_mounts([this] {
    TreeBuilder(root()).directory("bound");
    mount_read_only_view(source().root(), at("bound"));
    expect_refused({"mirror", at("bound/"), source().root()});
    expect_refused({"mirror", source_slash(), at("bound")});
    unmount(at("bound"));
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Guards, AMountOfTheTargetInsideTheSourceIsSeenWhenReached) {
  source().directory("sub/mounted");
  const bool ran = with_private_mounts([this] {
    target().file("kept", "k");
    mount_read_only_view(target_path(), source().at("sub/mounted"));
    const Finished finished = robosync({"copy", source_slash(), target_path()});
    EXPECT_NE(kExitOk, finished.exit_code) << finished.describe();
    EXPECT_EQ("k", read_file(target().at("kept")));
    EXPECT_FALSE(exists(target().at("sub/mounted/kept"))) << "copied into itself";
    unmount(source().at("sub/mounted"));
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Guards, AMissingSourceTouchesNothing) {
  target().file("precious", "p");
  const TreeImage before = read_tree(target_path());
  for (const char* verb : {"copy", "mirror", "move", "verify"}) {
    const Finished finished = robosync({verb, at("missing/"), target_path()});
    EXPECT_GE(finished.exit_code, 2) << finished.describe();
    EXPECT_EQ("", differences(before, read_tree(target_path())));
  }
  EXPECT_FALSE(exists(at("missing")));
}

TEST_F(Guards, AnUnmountedSourceLooksEmptyAndIsRefused) {
  TreeBuilder volume(at("volume"));
  const bool ran = with_private_mounts([&] {
    mount_tmpfs(volume.root(), "size=1m");
    volume.file("data", "d").file("sub/data", "d");
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"mirror", volume.root() + "/", target_path()}));
    unmount(volume.root());
    const Finished finished = robosync({"mirror", volume.root() + "/", target_path()});
    ROBOSYNC_EXPECT_EXIT(kExitGuarded, finished);
    EXPECT_EQ("d", read_file(target().at("sub/data")));
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Guards, EverythingFilteredOutIsNotAnEmptySource) {
  target().file("mine", "m");
  const Finished finished = mirror({"--exclude=*"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  EXPECT_NE(std::string::npos, finished.out.find("nothing matched")) << finished.describe();
  EXPECT_EQ("m", read_file(target().at("mine")));
}

TEST_F(Guards, ASourceWithOnlyEmptyDirectoriesIsNotEmpty) {
  TreeBuilder hollow(at("hollow"));
  hollow.directory("sub");
  target().file("extra", "e");
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"mirror", hollow.root() + "/", target_path()}));
  EXPECT_EQ((std::vector<std::string>{"sub"}), names_in(target_path()));
}

TEST_F(Guards, ADeletionIsPrintedInADryRun) {
  target().file("extra", "e").file("gone/inside", "i").file("a", "a");
  const Finished finished = mirror({"-n"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  for (const char* name : {"extra", "gone", "gone/inside"}) {
    EXPECT_NE(std::string::npos, finished.out.find(name)) << finished.out;
  }
  EXPECT_TRUE(exists(target().at("extra")));
}

TEST_F(Guards, HardLinksDoNotLeaveTheTree) {
  // A file with a name outside the tree is copied, never linked across.
  TreeBuilder(root()).file("outside", "o");
  TreeBuilder(root()).hard_link("src/linked", "outside");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-H"}));
  const TreeImage tree = read_tree(target_path());
  EXPECT_EQ("", tree.at("linked").link_group);
  target().append("linked", "changed");
  EXPECT_EQ("o", read_file(at("outside")));
}

TEST_F(Guards, HardLinksAcrossFileSystemsFallBackToCopies) {
  const bool ran = with_private_mounts([this] {
    source().hard_link("link", "a");
    target().directory("sub");
    mount_tmpfs(target().at("sub"), "size=1m");
    source().hard_link("sub/link", "a");
    const Finished finished = copy({"-H"});
    EXPECT_EQ("a", read_file(target().at("sub/link"))) << finished.describe();
    EXPECT_EQ("a", read_file(target().at("link"))) << finished.describe();
    unmount(target().at("sub"));
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

}  // namespace
}  // namespace robosync::e2e
