// Options about how bytes are written, backups and deletion.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/mounts_linux_testing.h"

namespace robosync::e2e {
namespace {

using Names = std::vector<std::string>;

ino_t inode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(0, lstat(path.c_str(), &status)) << path;
  return status.st_ino;
}

TEST_F(Option, Sparse_RunsOfZerosBecomeHoles) {
  const std::string zeros(2'000'000, '\0');
  source().file("zeros", zeros + "end").file("middle", "begin" + zeros + "end");
  source().file("dense", noise(100'000, 1)).file("only", zeros);
  for (const Arguments& options :
       {Arguments{"-S"}, Arguments{"-S", "--no-fast-path=all"}, Arguments{"-S", "--threads=1"}}) {
    remove_tree(target_path());
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
    const TreeImage tree = read_tree(target_path());
    for (const char* name : {"zeros", "middle", "only"}) {
      EXPECT_LT(tree.at(name).allocated_bytes, 400'000) << name;
    }
  }
}

TEST_F(Option, Sparse_HolesOfTheSourceAreKeptInAnyCase) {
  source().sparse("f", 8'000'000, {{0, "a"}, {4'000'000, noise(50'000, 1)}});
  for (const Arguments& options :
       {Arguments{}, Arguments{"--threads=1"}, Arguments{"--no-fast-path=clone"},
        Arguments{"--no-fast-path=copy-range"}}) {
    remove_tree(target_path());
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
    Aspects aspects;
    aspects.holes = true;
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
  }
}

TEST_F(Option, Sparse_AnUpdateOverOldDataLeavesNoneOfIt) {
  const std::string old = noise(300'000, 9);
  for (const Arguments& options : {Arguments{"-S"}, Arguments{"-S", "--inplace"},
                                   Arguments{"--inplace"}, Arguments{"--inplace", "--threads=1"}}) {
    source().sparse("f", 300'000, {{100'000, "data"}}).time("f", kNewTime);
    target().file("f", old);
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
}

TEST_F(Option, Inplace_KeepsTheInodeAndItsOtherNames) {
  source().file("f", noise(50'000, 1), 0640, kNewTime).file("shorter", "s", 0644, kNewTime);
  source().file("new", "n").file("longer", noise(90'000, 2), 0644, kNewTime);
  target().file("f", noise(60'000, 3)).file("shorter", noise(10'000, 4)).file("longer", "l");
  target().hard_link("other-name", "f");
  const ino_t before = inode_of(target().at("f"));
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--inplace"}));
  EXPECT_EQ(before, inode_of(target().at("f")));
  EXPECT_EQ(noise(50'000, 1), read_file(target().at("other-name")));
  target().remove("other-name");
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), Aspects{.directory_time = false});
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());  // without it the inode changes
  source().file("f", "again", 0640, kOldTime);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  EXPECT_NE(before, inode_of(target().at("f")));
}

TEST_F(Option, Partial_KeepsWhatWasWrittenAndResumes) {
  const std::string content = noise(6'000'000, 5);
  source().file("big", content);
  Process process(
      robosync_command({"copy", "--partial", "--bwlimit=2M", source_slash(), target_path()}));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  process.send(SIGINT);
  ROBOSYNC_EXPECT_EXIT(kExitInterrupted, process.wait());
  EXPECT_FALSE(exists(target().at("big"))) << "half a file has no business at its final name";
  EXPECT_FALSE(names_in(target_path()).empty()) << "what was written is kept";
  const Finished finished = copy({"--partial", "--json"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  const JsonOutput output = parse_json_output(finished.out);
  EXPECT_EQ(1, output.summary["resumed_files"]) << finished.out;
  EXPECT_LT(output.summary["written_bytes"].get<std::size_t>(), content.size());
  EXPECT_EQ((Names{"big"}), names_in(target_path()));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Option, Partial_WhatSomebodyPutInItsPlaceIsNotWrittenTo) {
  source().file("big", noise(6'000'000, 5));
  Process process(
      robosync_command({"copy", "--partial", "--bwlimit=2M", source_slash(), target_path()}));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  process.send(SIGINT);
  ROBOSYNC_EXPECT_EXIT(kExitInterrupted, process.wait());
  const Names left = names_in(target_path());
  ASSERT_EQ(1U, left.size());
  const std::string half = target().at(left.front());
  const std::string victim = written("victim", "precious");
  for (const Arguments& plant : {Arguments{"ln", "-f", victim, half},
                                 Arguments{"ln", "-sf", victim, half}, Arguments{"mkfifo", half}}) {
    run_or_throw({"rm", "-f", half});
    run_or_throw(plant);
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--partial"}));
    EXPECT_EQ("precious", read_file(victim)) << plant.front();
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
    target().remove("big");
  }
}

TEST_F(Option, Partial_AChangedSourceIsNotGluedToTheOldHalf) {
  source().file("big", noise(6'000'000, 5));
  Process process(
      robosync_command({"copy", "--partial", "--bwlimit=2M", source_slash(), target_path()}));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  process.send(SIGINT);
  ROBOSYNC_EXPECT_EXIT(kExitInterrupted, process.wait());
  source().file("big", noise(6'000'000, 6), 0644, kNewTime);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--partial"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Option, Preallocate_ReservesWithoutChangingTheResult) {
  source().file("f", noise(500'000, 1)).file("empty", "");
  const std::string log = at("trace");
  ROBOSYNC_EXPECT_EXIT(kExitOk,
                       run(with_trace(robosync_command({"copy", "--preallocate", "--reflink=never",
                                                        source_slash(), target_path()}),
                                      "fallocate", log)));
  EXPECT_NE(std::string::npos, read_file(log).find("fallocate")) << read_file(log);
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Option, Preallocate_AndHolesExcludeEachOther) {
  source().file("f", "x");
  ROBOSYNC_EXPECT_EXIT(kExitUsage, copy({"-S", "--preallocate"}));
  EXPECT_FALSE(exists(target_path()));
}

TEST_F(Option, Fsync_EveryFileIsSynced) {
  for (int i = 0; i < 7; ++i) source().file("d/f" + std::to_string(i), "x");
  const std::string log = at("trace");
  const auto syncs = [&](const Arguments& options) {
    remove_tree(target_path());
    Arguments arguments = {"copy"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(source_slash());
    arguments.push_back(target_path());
    ROBOSYNC_EXPECT_EXIT(
        kExitOk, run(with_trace(robosync_command(arguments), "fsync,fdatasync,syncfs", log)));
    return std::ranges::count(read_file(log), '\n');
  };
  EXPECT_EQ(0, syncs({}));
  EXPECT_GE(syncs({"--fsync"}), 7);
}

TEST_F(Option, VerifyAfter_FindsWhatTheKernelDidNotWrite) {
  const std::string content = noise(200'000, 1);
  source().file("sub/f", content).file("other", "o");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--verify-after"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  remove_tree(target_path());
  // The kernel says it copied everything and did nothing.
  const Command command = robosync_command(
      {"copy", "--verify-after", "--reflink=never", source_slash(), target_path()});
  const Finished finished = run(with_tampering(
      command, {.injections = {"copy_file_range:retval=200000", "pwrite64:retval=200000"}}));
  EXPECT_NE(0, finished.exit_code) << finished.describe();
  if (exists(target().at("sub/f"))) {
    EXPECT_EQ(content, read_file(target().at("sub/f")));
  }
}

TEST_F(Option, Reflink_SharesBlocksWhereItCan) {
  if (!is_root()) GTEST_SKIP() << "mounting an image needs root";
  const bool ran = with_private_mounts([this] {
    TreeBuilder volume(at("volume"));
    ASSERT_TRUE(mount_image("xfs", at("image"), "320M", volume.root()));
    TreeBuilder from(volume.at("src"));
    from.file("big", noise(20'000'000, 1)).file("small", "s");
    from.sparse("holes", 5'000'000, {{4'000'000, "x"}});
    for (const char* mode : {"auto", "always", "never"}) {
      const std::string to = volume.at(std::string("dst-") + mode);
      const Finished finished =
          robosync({"copy", std::string("--reflink=") + mode, "--json", from.root() + "/", to});
      ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
      Aspects aspects;
      aspects.holes = true;
      ROBOSYNC_EXPECT_SAME_TREE(from.root(), to, aspects);
      const nlohmann::json summary = parse_json_output(finished.out).summary;
      if (std::string(mode) == "never") {
        EXPECT_EQ(0, summary["cloned_files"]) << finished.out;
      } else {
        EXPECT_GE(summary["cloned_files"].get<int>(), 1) << finished.out;
        EXPECT_GE(summary["cloned_bytes"].get<int>(), 20'000'000) << finished.out;
      }
    }
    unmount(volume.root());
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Option, Bwlimit_TakesAboutAsLongAsItShould) {
  source().file("a", noise(1'500'000, 1)).file("b", noise(1'500'000, 2));
  for (const Arguments& options :
       {Arguments{"--bwlimit=2M"}, Arguments{"--bwlimit=2048"},
        Arguments{"--bwlimit=2M", "--no-fast-path=all", "--threads=8"}}) {
    remove_tree(target_path());
    const Finished finished = copy(options);
    ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
    // 3 MB at 2 MiB/s: 1.43 s, less what may be sent at once, more on a busy machine.
    EXPECT_GE(finished.elapsed, std::chrono::milliseconds(700)) << finished.describe();
    EXPECT_LE(finished.elapsed, std::chrono::milliseconds(12'000)) << finished.describe();
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
}

TEST_F(Option, Backup_KeepsWhatIsReplacedOrDeleted) {
  source().file("changed", "new", 0644, kNewTime).symlink("link", "new").file("same", "s");
  target().file("changed", "old").file("extra", "e").symlink("link", "old").file("same", "s");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--backup"}));
  EXPECT_EQ((Names{"changed", "changed~", "extra~", "link", "link~", "same"}),
            names_in(target_path()));
  EXPECT_EQ("old", read_file(target().at("changed~")));
  EXPECT_EQ("old", read_tree(target_path()).at("link~").link_target);
  EXPECT_EQ("new", read_file(target().at("changed")));
  // Backups are not deleted by the next run.
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--backup"}));
  EXPECT_EQ("old", read_file(target().at("changed~")));
  EXPECT_TRUE(exists(target().at("extra~")));
}

TEST_F(Option, Backup_CopyAndMoveKeepToo) {
  for (const char* verb : {"copy", "move"}) {
    source().file("f", std::string("new by ") + verb, 0644, kNewTime);
    target().file("f", "old");
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({verb, "-b", source_slash(), target_path()}));
    EXPECT_EQ("old", read_file(target().at("f~"))) << verb;
    EXPECT_EQ(std::string("new by ") + verb, read_file(target().at("f")));
  }
}

TEST_F(Option, BackupDir_KeepsTheSamePathBelowIt) {
  source().file("sub/changed", "new", 0644, kNewTime).file("a", "a");
  for (const std::string& directory : {std::string("kept/here"), at("elsewhere/kept")}) {
    remove_tree(target_path());
    target().file("sub/changed", "old").file("sub/deep/extra", "e").file("a", "a");
    TreeBuilder(root()).directory("elsewhere");
    const std::string where = directory.starts_with("/") ? directory : target().at(directory);
    ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--backup-dir=" + directory}));
    EXPECT_EQ("old", read_file(where + "/sub/changed"));
    EXPECT_EQ("e", read_file(where + "/sub/deep/extra"));
    EXPECT_EQ("new", read_file(target().at("sub/changed")));
    EXPECT_FALSE(exists(where + "/a"));
  }
}

TEST_F(Option, BackupDir_OnAnotherFileSystemIsRefusedBeforeAnythingIsTouched) {
  source().file("changed", "new", 0644, kNewTime).file("added", "a");
  target().file("changed", "old").file("extra", "e").directory("mounted");
  TreeBuilder(root()).directory("elsewhere");
  const bool ran = with_private_mounts([this] {
    mount_tmpfs(at("elsewhere"), "size=1m");
    mount_tmpfs(target().at("mounted"), "size=1m");
    for (const std::string& directory :
         {at("elsewhere"), at("elsewhere/kept"), std::string("mounted"),
          std::string("mounted/kept/here")}) {
      for (const Arguments& more : {Arguments{}, Arguments{"-n"}}) {
        Arguments options = {"--backup-dir=" + directory};
        options.insert(options.end(), more.begin(), more.end());
        const Finished finished = mirror(options);
        ROBOSYNC_EXPECT_EXIT(kExitUsage, finished);
        EXPECT_NE(std::string::npos, finished.err.find("another file system")) << finished.err;
        EXPECT_EQ((Names{"changed", "extra", "mounted"}), names_in(target_path())) << directory;
        EXPECT_EQ("old", read_file(target().at("changed")));
      }
    }
  });
  ASSERT_TRUE(ran);
}

TEST_F(Option, Suffix_IsAppended) {
  source().file("f", "new", 0644, kNewTime);
  target().file("f", "old");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--backup", "--suffix=.old"}));
  EXPECT_EQ("old", read_file(target().at("f.old")));
  target().file("f", "old again");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--backup-dir=kept", "--suffix=.1"}));
  EXPECT_EQ("old again", read_file(target().at("kept/f.1")));
}

TEST_F(Option, DeleteExcluded_DeletesThemToo) {
  source().file("a", "a").file("b.log", "source's");
  target().file("b.log", "b").file("c.log", "c").file("sub/d.log", "d");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--exclude=*.log", "--delete-excluded"}));
  EXPECT_EQ((Names{"a"}), names_in(target_path()));
  EXPECT_TRUE(exists(source().at("b.log")));
}

TEST_F(Option, MaxDelete_DeletesNothingWhenItWouldBeMore) {
  const auto lay_out = [&] {
    remove_tree(target_path());
    source().file("a", "a", 0644, kNewTime);
    target().file("a", "old").file("x1", "").file("x2", "").file("sub/x3", "").file("y", "");
  };
  // Five of the six entries are extra: y, x1, x2, sub, sub/x3.
  for (const char* too_few : {"0", "4", "80%"}) {
    lay_out();
    ROBOSYNC_EXPECT_EXIT(kExitGuarded, mirror({std::string("--max-delete=") + too_few}));
    EXPECT_EQ((Names{"a", "sub", "sub/x3", "x1", "x2", "y"}), names_in(target_path())) << too_few;
    EXPECT_EQ("a", read_file(target().at("a"))) << "the rest of the run is done";
  }
  for (const char* enough : {"5", "100%", "84%"}) {
    lay_out();
    ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({std::string("--max-delete=") + enough}));
    EXPECT_EQ((Names{"a"}), names_in(target_path())) << enough;
  }
}

TEST_F(Option, MaxDelete_IsForetoldByADryRun) {
  source().file("a", "a");
  target().file("a", "a").file("x1", "").file("x2", "");
  ROBOSYNC_EXPECT_EXIT(kExitGuarded, mirror({"--dry-run", "--max-delete=1"}));
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--dry-run", "--max-delete=2"}));
  EXPECT_TRUE(exists(target().at("x1")));
}

TEST_F(Option, AllowEmptySource_EmptiesTheTarget) {
  target().file("a", "a").file("sub/b", "b");
  ROBOSYNC_EXPECT_EXIT(kExitGuarded, mirror());
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--allow-empty-source"}));
  EXPECT_TRUE(names_in(target_path()).empty());
}

TEST_F(Option, Yes_IsTakenAndNothingIsAskedWithoutATerminal) {
  source().file("a", "a");
  for (const Arguments& options : {Arguments{"--yes"}, Arguments{"-y"}, Arguments{}}) {
    for (int i = 0; i < 50; ++i) target().file("x" + std::to_string(i), "");
    ROBOSYNC_EXPECT_EXIT(kExitOk, mirror(options));
    EXPECT_EQ((Names{"a"}), names_in(target_path()));
  }
}

}  // namespace
}  // namespace robosync::e2e
