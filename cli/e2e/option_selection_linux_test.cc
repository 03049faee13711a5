// Options that decide what is looked at: filters, lists, sizes, ages, links, mount points. How
// filters match in detail is compared with rsync in filters_linux_test.cc.
#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/mounts_linux_testing.h"

namespace robosync::e2e {
namespace {

using Names = std::vector<std::string>;

void fill(TreeBuilder& tree) {
  tree.file("a.txt", "1").file("b.log", "22").file("sub/c.txt", "333").file("sub/d.log", "4");
}

TEST_F(Option, Exclude_LeavesOutWhatMatches) {
  fill(source());
  EXPECT_EQ((Names{"a.txt", "sub", "sub/c.txt"}), names_copied_with({"--exclude=*.log"}));
  EXPECT_EQ((Names{"a.txt", "b.log"}), names_copied_with({"--exclude", "sub"}));
}

TEST_F(Option, Exclude_HoldsForMoveAndMirror) {
  fill(source());
  target().file("mine.log", "m").file("mine.txt", "m");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--exclude=*.log"}));
  EXPECT_EQ((Names{"a.txt", "mine.log", "sub", "sub/c.txt"}), names_in(target_path()));
  ROBOSYNC_EXPECT_EXIT(kExitOk, move({"--exclude=*.log"}));
  EXPECT_TRUE(exists(source().at("b.log")) && exists(source().at("sub/d.log")));
  EXPECT_FALSE(exists(source().at("a.txt")));
}

TEST_F(Option, Include_ComesBeforeAnExclude) {
  fill(source());
  EXPECT_EQ((Names{"b.log", "sub", "sub/d.log"}),
            names_copied_with({"--include=*.log", "--include=*/", "--exclude=*"}));
}

TEST_F(Option, ExcludeFrom_ReadsPatterns) {
  fill(source());
  const std::string file = written("patterns", "# a comment\n\n*.log\n; another\n");
  EXPECT_EQ((Names{"a.txt", "sub", "sub/c.txt"}), names_copied_with({"--exclude-from=" + file}));
}

TEST_F(Option, IncludeFrom_ReadsPatterns) {
  fill(source());
  const std::string file = written("patterns", "*/\n*.log\n");
  EXPECT_EQ((Names{"b.log", "sub", "sub/d.log"}),
            names_copied_with({"--include-from=" + file, "--exclude=*"}));
}

TEST_F(Option, Filter_TakesWholeRulesAndMergeFiles) {
  fill(source());
  source().file("sub/.rules", "- c.txt\n");
  EXPECT_EQ((Names{"a.txt", "sub", "sub/.rules", "sub/d.log"}),
            names_copied_with({"--filter=- b.log", "--filter=dir-merge .rules"}));
}

TEST_F(Option, From0_SeparatesListsByNul) {
  fill(source());
  source().file("with\nnewline", "n");
  const std::string patterns = written("patterns", std::string("*.log\0*.txt\0", 12));
  EXPECT_EQ((Names{"sub", "with\nnewline"}),
            names_copied_with({"--exclude-from=" + patterns, "--from0"}));
  const std::string names = written("names", std::string("with\nnewline\0a.txt\0", 19));
  EXPECT_EQ((Names{"a.txt", "with\nnewline"}), names_copied_with({"-0", "--files-from=" + names}));
}

TEST_F(Option, FilesFrom_TakesTheNamesInTheList) {
  fill(source());
  source().file("sub/deep/e.txt", "e").directory("hollow").symlink("link", "a.txt");
  EXPECT_EQ((Names{"a.txt", "sub", "sub/d.log"}),
            names_copied_with({"--files-from=" + written("list", "a.txt\r\n# no\n\nsub/d.log\n")}));
  EXPECT_EQ((Names{"sub"}), names_copied_with({"--files-from=" + written("list", "sub\n")}));
  EXPECT_EQ((Names{"sub", "sub/c.txt", "sub/d.log", "sub/deep", "sub/deep/e.txt"}),
            names_copied_with({"--files-from=" + written("list", "sub/\n")}));
  EXPECT_EQ((Names{"hollow", "link"}),
            names_copied_with({"--files-from=" + written("list", "link\nhollow/\n")}));
}

TEST_F(Option, FilesFrom_AMissingNameIsAProblemAndDeletesNothing) {
  fill(source());
  target().file("extra", "e").file("sub/extra", "e");
  const std::string list = written("list", "a.txt\nnot-there\n");
  const Finished finished = copy({"--files-from=" + list});
  EXPECT_TRUE(finished.exit_code == kExitPartial || finished.exit_code == kExitVanished)
      << finished.describe();
  EXPECT_TRUE(exists(target().at("a.txt")));
  const std::string plain = written("list", "a.txt\nsub\n");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--files-from=" + plain}));
  EXPECT_TRUE(exists(target().at("extra"))) << "not listed is not gone";
  EXPECT_TRUE(exists(target().at("sub/extra"))) << "a plain directory name says nothing of it";
}

TEST_F(Option, FilesFrom_MoveTakesOnlyTheListed) {
  fill(source());
  ROBOSYNC_EXPECT_EXIT(kExitOk, move({"--files-from=" + written("list", "a.txt\nsub/d.log\n")}));
  EXPECT_EQ((Names{"b.log", "sub", "sub/c.txt"}), names_in(source().root()));
}

TEST_F(Option, MinSize_LeavesOutSmallerFiles) {
  fill(source());
  EXPECT_EQ((Names{"b.log", "sub", "sub/c.txt"}), names_copied_with({"--min-size=2"}));
  source().file("k", std::string(1024, 'k')).file("k-1", std::string(1023, 'k'));
  EXPECT_EQ((Names{"k", "sub"}), names_copied_with({"--min-size=1K"}));
}

TEST_F(Option, MaxSize_LeavesOutLargerFilesAndProtectsThem) {
  fill(source());
  EXPECT_EQ((Names{"a.txt", "b.log", "sub", "sub/d.log"}), names_copied_with({"--max-size=2"}));
  target().file("sub/c.txt", "older").file("extra", "e");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--max-size=2"}));
  EXPECT_EQ("older", read_file(target().at("sub/c.txt"))) << "it is in the source";
  EXPECT_FALSE(exists(target().at("extra")));
}

TEST_F(Option, MinAge_LeavesOutYoungFiles) {
  fill(source());
  timespec young{};
  clock_gettime(CLOCK_REALTIME, &young);
  source().time("a.txt", young);
  EXPECT_EQ((Names{"b.log", "sub", "sub/c.txt", "sub/d.log"}), names_copied_with({"--min-age=1h"}));
}

TEST_F(Option, MaxAge_LeavesOutOldFiles) {
  fill(source());
  timespec young{};
  clock_gettime(CLOCK_REALTIME, &young);
  source().time("a.txt", young);
  EXPECT_EQ((Names{"a.txt", "sub"}), names_copied_with({"--max-age=1d"}));
  target().file("b.log", "older version");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--max-age=1d"}));
  EXPECT_TRUE(exists(target().at("b.log"))) << "too old to copy is no reason to delete";
}

TEST_F(Option, PruneEmptyDirs_LeavesOutDirectoriesWithoutFiles) {
  fill(source());
  source().directory("hollow/deep/er").file("only-logs/x.log", "x").symlink("links/l", "x");
  EXPECT_EQ((Names{"a.txt", "links", "links/l", "sub", "sub/c.txt"}),
            names_copied_with({"--prune-empty-dirs", "--exclude=*.log"}));
}

TEST_F(Option, PruneEmptyDirs_DeletesNothingForBeingPassedOver) {
  source().file("b/a/f", "1").file("c/f", "1").directory("hollow");
  for (const char* option : {"--existing", "--ignore-existing"}) {
    remove_tree(target_path());
    target().directory("b").directory("c").directory("hollow");
    if (std::string(option) == "--ignore-existing") target().file("b/a/f", "2").file("c/f", "2");
    ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"-m", option}));
    for (const char* name : {"b", "c"}) EXPECT_TRUE(exists(target().at(name))) << option << name;
    EXPECT_FALSE(exists(target().at("hollow"))) << option;
  }
}

TEST_F(Option, OneFileSystem_DoesNotEnterAMountAndDoesNotDeleteBehindIt) {
  fill(source());
  source().directory("mounted");
  target().file("mounted/kept", "k").file("extra", "e");
  const bool ran = with_private_mounts([this] {
    mount_tmpfs(source().at("mounted"), "size=1m");
    source().file("mounted/other-volume", "o");
    ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"-x"}));
    EXPECT_FALSE(exists(target().at("mounted/other-volume")));
    EXPECT_TRUE(exists(target().at("mounted/kept"))) << "what was not looked at is not deleted";
    EXPECT_FALSE(exists(target().at("extra")));
    ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
    EXPECT_TRUE(exists(target().at("mounted/other-volume"))) << "entered without -x";
    unmount(source().at("mounted"));
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Option, OneFileSystem_LetsTheTargetBeMountedInsideTheSource) {
  fill(source());
  source().directory("backup");
  const bool ran = with_private_mounts([this] {
    mount_tmpfs(source().at("backup"), "size=2m");
    ROBOSYNC_EXPECT_EXIT(kExitRefused, robosync({"copy", source_slash(), source().at("backup")}));
    const Finished finished = robosync({"mirror", "-x", source_slash(), source().at("backup")});
    ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
    EXPECT_EQ("333", read_file(source().at("backup/sub/c.txt")));
    EXPECT_FALSE(exists(source().at("backup/backup/a.txt")));
    unmount(source().at("backup"));
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

class LinkTree {
 public:
  LinkTree(TreeBuilder& tree, const std::string& outside) {
    TreeBuilder(outside).file("file", "outside").file("dir/inner", "outside too");
    tree.file("file", "inside").file("dir/inner", "inside too").symlink("inward", "file");
    tree.symlink("dir/up", "../file").symlink("dir-inward", "dir");
    tree.symlink("outward", outside + "/file").symlink("dir-outward", outside + "/dir");
    tree.symlink("dir/out", "../../outside/file");
  }
};

mode_t kind_of(const TreeImage& tree, const std::string& path) {
  const auto found = tree.find(path);
  return found == tree.end() ? 0 : found->second.kind;
}

TEST_F(Option, Links_AreKeptAsTheyAre) {
  LinkTree(source(), at("outside"));
  source().symlink("dangling", "nowhere");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--links"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Option, CopyLinks_CopiesWhatTheyLeadTo) {
  LinkTree(source(), at("outside"));
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--copy-links"}));
  for (const auto& [path, node] : read_tree(target_path())) {
    EXPECT_NE(static_cast<mode_t>(S_IFLNK), node.kind) << path;
  }
  EXPECT_EQ("inside", read_file(target().at("inward")));
  EXPECT_EQ("outside", read_file(target().at("outward")));
  EXPECT_EQ("outside too", read_file(target().at("dir-outward/inner")));
  EXPECT_EQ("inside too", read_file(target().at("dir-inward/inner")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--copy-links"}));
  EXPECT_EQ(kExitOk, mirror({"-L"}).exit_code);
}

TEST_F(Option, CopyLinks_ALinkThatLeadsNowhereIsOneProblem) {
  source().symlink("dangling", "nowhere").file("a", "a");
  target().file("dangling", "kept").file("extra", "e");
  ROBOSYNC_EXPECT_EXIT(kExitPartial, mirror({"--copy-links"}));
  EXPECT_TRUE(exists(target().at("a")));
  EXPECT_TRUE(exists(target().at("dangling")));
}

TEST_F(Option, CopyLinks_ALoopIsNoticed) {
  source().file("dir/a", "a").symlink("dir/self", ".").symlink("dir/up", "../dir");
  Command command = robosync_command({"copy", "--copy-links", source_slash(), target_path()});
  command.timeout = std::chrono::seconds(30);
  const Finished finished = run(command);
  EXPECT_FALSE(finished.timed_out);
  EXPECT_NE(kExitOk, finished.exit_code) << finished.describe();
  EXPECT_LT(names_in(target_path()).size(), 30U);
}

TEST_F(Option, SafeLinks_LeavesOutThoseThatLeadOut) {
  LinkTree(source(), at("outside"));
  source().symlink("sneaky", "dir/../../outside/file").symlink("absolute-inside", at("src/file"));
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--safe-links"}));
  const TreeImage tree = read_tree(target_path());
  for (const char* path : {"inward", "dir/up", "dir-inward"}) {
    EXPECT_EQ(static_cast<mode_t>(S_IFLNK), kind_of(tree, path)) << path;
  }
  for (const char* path : {"outward", "dir-outward", "dir/out", "sneaky", "absolute-inside"}) {
    EXPECT_FALSE(tree.contains(path)) << path;
  }
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--safe-links"}));
}

TEST_F(Option, CopyUnsafeLinks_CopiesWhatThoseLeadTo) {
  LinkTree(source(), at("outside"));
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--copy-unsafe-links"}));
  const TreeImage tree = read_tree(target_path());
  for (const char* path : {"inward", "dir/up", "dir-inward"}) {
    EXPECT_EQ(static_cast<mode_t>(S_IFLNK), kind_of(tree, path)) << path;
  }
  EXPECT_EQ("outside", read_file(target().at("outward")));
  EXPECT_EQ("outside", read_file(target().at("dir/out")));
  EXPECT_EQ("outside too", read_file(target().at("dir-outward/inner")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--copy-unsafe-links"}));
}

TEST_F(Option, SkipLinks_LeavesOutAllAndProtectsThem) {
  LinkTree(source(), at("outside"));
  target().symlink("inward", "kept").symlink("extra", "gone");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--skip-links"}));
  const TreeImage tree = read_tree(target_path());
  EXPECT_FALSE(tree.contains("outward"));
  EXPECT_FALSE(tree.contains("extra"));
  EXPECT_EQ("inside", read_file(target().at("file")));
}

// What it does to junctions is only shown where there are any.
TEST_F(Option, Junctions_AreNoneOfTheLinksOfThisSystem) {
  LinkTree(source(), at("outside"));
  for (const std::string value : {"keep", "follow", "skip"}) {
    remove_tree(target_path());
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--junctions=" + value}));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
  EXPECT_EQ(kExitUsage, copy({"--junctions=some"}).exit_code);
}

// What it does where there can be none is shown by NoLinks.* of engine_test.
TEST_F(Option, LinksFallback_LeavesLinksAloneWhereTheyCanBeMade) {
  LinkTree(source(), at("outside"));
  for (const std::string value : {"skip", "copy"}) {
    remove_tree(target_path());
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--links-fallback=" + value}));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
  EXPECT_EQ(kExitUsage, copy({"--links-fallback=some"}).exit_code);
  for (const char* const policy : {"--copy-links", "--skip-links", "--safe-links"}) {
    EXPECT_EQ(kExitUsage, copy({"--links-fallback=copy", policy}).exit_code) << policy;
  }
}

// What it does to a target that is Windows is shown by IllegalNames.* of engine_test.
TEST_F(Option, IllegalNames_MappedOnesAreGivenBack) {
  source()
      .file(
          "a\xEF\x80\xBA"
          "b",
          "1")
      .file("nu\xEF\x80\xAE/c", "2")
      .file("\xEF\x80\xAF", "3");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--illegal-names=skip"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  remove_tree(target_path());
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--illegal-names=map"}));
  EXPECT_EQ("1", read_file(target().at("a:b")));
  EXPECT_EQ("2", read_file(target().at("nu./c")));
  EXPECT_EQ("3", read_file(target().at("\xEF\x80\xAF"))) << "a slash is no name";
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--illegal-names=map"}));
  EXPECT_EQ("1", read_file(target().at("a:b")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--illegal-names=map"}));
}

}  // namespace
}  // namespace robosync::e2e
