// Options about what is kept of an entry: links, attributes, access lists, permissions, owners,
// times.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

using Names = std::vector<std::string>;

Aspects with_links() {
  Aspects aspects;
  aspects.hard_links = true;
  return aspects;
}

TEST_F(Option, HardLinks_StayLinked) {
  source().file("a", "linked").hard_link("b", "a").hard_link("sub/deep/c", "a");
  source().file("alone", "x").file("z1", "z").hard_link("a0", "z1");
  source().symlink("l1", "x").hard_link("l2", "l1").fifo("p1").hard_link("p2", "p1");
  for (const Arguments& options :
       {Arguments{"-H"}, Arguments{"-H", "--threads=8"}, Arguments{"-H", "--no-fast-path=all"}}) {
    remove_tree(target_path());
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_links());
    ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"-H"}));
  }
}

TEST_F(Option, HardLinks_AreSeparateFilesWithout) {
  source().file("a", "linked").hard_link("b", "a");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  for (const auto& [path, node] : read_tree(target_path())) EXPECT_EQ("", node.link_group) << path;
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify());
}

TEST_F(Option, HardLinks_AreMadeAndBrokenAnew) {
  source().file("a", "one").hard_link("b", "a").file("c", "single").file("d", "single two");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());  // separate at the target
  target().remove("d").hard_link("d", "c");
  ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify({"-H"}));
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"-H"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_links());
  // An update of a linked file reaches all its names.
  source().file("a", "changed", 0644, kNewTime);
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"-H"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_links());
}

TEST_F(Option, HardLinks_AnUpdateDoesNotWriteThroughToOtherNamesOfTheTarget) {
  source().file("a", "new", 0644, kNewTime);
  target().file("a", "old").hard_link("b", "a");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  EXPECT_EQ("old", read_file(target().at("b")));
}

TEST_F(Option, Xattrs_AreKeptChangedAndRemoved) {
  source().file("f", "x").xattr("f", "user.one", "1").xattr("f", "user.empty", "");
  source().xattr("f", "user.binary", std::string("\0\xff\x01", 3));
  source().directory("d").xattr("d", "user.dir", "yes").file("plain", "p");
  source().file("readonly", "r").xattr("readonly", "user.r", "r").mode("readonly", 0444);
  if (is_root()) source().xattr("f", "trusted.t", "t");
  Aspects aspects;
  aspects.xattrs = true;
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-X"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
  // Only attributes differ now: changed, added and to be removed.
  source().xattr("f", "user.one", "2").xattr("d", "user.more", "m");
  target().xattr("plain", "user.extra", "e").xattr("d", "user.extra", "e");
  ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify({"-X"}));
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify());
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--xattrs"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
}

TEST_F(Option, Xattrs_AreNotKeptWithout) {
  source().file("f", "x").xattr("f", "user.one", "1");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  EXPECT_TRUE(read_tree(target_path()).at("f").xattrs.empty());
}

TEST_F(Option, Xattrs_ALargeValueSurvives) {
  source().file("f", "x").xattr("f", "user.large", std::string(3000, 'v'));
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-X"}));
  EXPECT_EQ(3000U, read_tree(target_path()).at("f").xattrs.at("user.large").size());
}

TEST_F(Option, Acls_AreKeptChangedAndRemoved) {
  source().file("f", "x").directory("d").file("plain", "p", 0640);
  run_or_throw({"setfacl", "-m", "u:1234:rwx,g:99:r", source().at("f")});
  run_or_throw({"setfacl", "-m", "u:1234:rx", source().at("d")});
  run_or_throw({"setfacl", "-d", "-m", "u:1234:rwx", source().at("d")});
  Aspects aspects;
  aspects.xattrs = true;
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-A"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
  run_or_throw({"setfacl", "-m", "u:1234:r", source().at("f")});
  run_or_throw({"setfacl", "-m", "u:77:rw", target().at("plain")});
  ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify({"-A"}));
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--acls"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
}

TEST_F(Option, Acls_AndXattrsAreDifferentThings) {
  source().file("f", "x").xattr("f", "user.one", "1");
  run_or_throw({"setfacl", "-m", "u:1234:rwx", source().at("f")});
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-X"}));
  EXPECT_EQ(1U, read_tree(target_path()).at("f").xattrs.size());
  EXPECT_EQ("1", read_tree(target_path()).at("f").xattrs.at("user.one"));
  remove_tree(target_path());
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-A"}));
  EXPECT_EQ(1U, read_tree(target_path()).at("f").xattrs.count("system.posix_acl_access"));
  EXPECT_EQ(0U, read_tree(target_path()).at("f").xattrs.count("user.one"));
}

TEST_F(Option, Acls_ADefaultListOfTheTargetDoesNotLeakIntoCopies) {
  source().file("sub/f", "x", 0600).directory("sub/d", 0711);
  target().directory("");
  run_or_throw({"setfacl", "-d", "-m", "u:1234:rwx,m::rwx", target_path()});
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  const TreeImage tree = read_tree(target_path());
  EXPECT_EQ(0600U, tree.at("sub/f").mode);
  EXPECT_EQ(0711U, tree.at("sub/d").mode);
}

TEST_F(Option, NoPerms_NewFilesGetWhatTheUmaskAllowsOldOnesKeepTheirs) {
  source().file("new", "n", 0666).file("old", "changed", 0777, kNewTime).directory("dir", 0777);
  target().file("old", "old", 0600);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--no-perms"}));
  const TreeImage tree = read_tree(target_path());
  EXPECT_EQ(0644U, tree.at("new").mode);
  EXPECT_EQ(0600U, tree.at("old").mode);
  EXPECT_EQ(0755U, tree.at("dir").mode);
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--no-perms"}));
}

TEST_F(Option, NoTimes_TimesAreThoseOfTheCopy) {
  source().file("f", "x").file("d/g", "y").time("d", kOldTime);
  const time_t before = time(nullptr);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--no-times"}));
  for (const auto& [path, node] : read_tree(target_path())) {
    EXPECT_GE(node.time.tv_sec, before - 1) << path;
  }
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--no-times"}));
}

TEST_F(Option, NoOwner_FilesBelongToWhoeverCopies) {
  if (!is_root()) GTEST_SKIP() << "giving files away needs root";
  source().file("f", "x").owner("f", 1234, 2345).directory("d").owner("d", 1234, 2345);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--no-owner"}));
  for (const char* name : {"f", "d"}) {
    EXPECT_EQ(0U, read_tree(target_path()).at(name).uid) << name;
    EXPECT_EQ(2345U, read_tree(target_path()).at(name).gid) << name;
  }
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--no-owner"}));
}

TEST_F(Option, NoGroup_FilesGetTheGroupOfWhoeverCopies) {
  if (!is_root()) GTEST_SKIP() << "giving files away needs root";
  source().file("f", "x").owner("f", 1234, 2345);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--no-group"}));
  EXPECT_EQ(1234U, read_tree(target_path()).at("f").uid);
  EXPECT_EQ(0U, read_tree(target_path()).at("f").gid);
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--no-group"}));
}

TEST_F(Option, NoDevices_LeavesOutDeviceNodes) {
  if (!is_root()) GTEST_SKIP() << "making device nodes needs root";
  source().device("null", S_IFCHR, 1, 3).fifo("fifo").file("f", "x");
  EXPECT_EQ((Names{"f", "fifo", "null"}), names_copied_with({}));
  EXPECT_EQ((Names{"f", "fifo"}), names_copied_with({"--no-devices"}));
}

TEST_F(Option, NumericIds_KeepsTheNumbers) {
  if (!is_root()) GTEST_SKIP() << "giving files away needs root";
  source().file("f", "x").owner("f", 54321, 54322).file("g", "x").owner("g", 1, 1);
  for (const char* option : {"--numeric-ids", "--threads=1"}) {
    remove_tree(target_path());
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy({option}));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
}

TEST_F(Option, Chmod_ChangesModesOnTheWay) {
  source().file("f", "x", 0600).file("run", "x", 0755).directory("d", 0700).file("d/g", "y", 0640);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--chmod=D755,F644"}));
  TreeImage tree = read_tree(target_path());
  EXPECT_EQ(0644U, tree.at("f").mode);
  EXPECT_EQ(0644U, tree.at("run").mode);
  EXPECT_EQ(0755U, tree.at("d").mode);
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--chmod=D755,F644"}));
  // It holds for what is there already, and several add up.
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--chmod=go-rwx", "--chmod=Fu+x"}));
  tree = read_tree(target_path());
  EXPECT_EQ(0700U, tree.at("f").mode);
  EXPECT_EQ(0700U, tree.at("run").mode);
  EXPECT_EQ(0700U, tree.at("d").mode);
  EXPECT_EQ(0600U, read_tree(source().root()).at("f").mode) << "the source is not touched";
}

TEST_F(Option, Chmod_AModeWithoutWriteDoesNotStopTheCopy) {
  source().file("d/f", "x").file("d/e/g", "y");
  ROBOSYNC_EXPECT_EXIT(kExitOk,
                       unprivileged({"copy", "--chmod=a-w", source_slash(), target_path()}));
  EXPECT_EQ(0555U, read_tree(target_path()).at("d").mode);
  EXPECT_EQ("y", read_file(target().at("d/e/g")));
}

}  // namespace
}  // namespace robosync::e2e
