// Requirements 1, 2, 4 and 7: what a mirror may delete, and above all what it may not.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/rivals_linux_testing.h"

namespace robosync::e2e {
namespace {

TEST_F(DataSafety, Row01_KeepSetIsTheFullManifestWhenNothingChanged) {
  for (int i = 0; i < 300; ++i) {
    source().file("d" + std::to_string(i % 10) + "/f" + std::to_string(i), noise(64, 1));
  }
  ROBOSYNC_ASSERT_EXIT(kExitOk, mirror());
  for (int round = 0; round < 2; ++round) {
    const Finished again = mirror({"--json", "-v"});
    ROBOSYNC_EXPECT_EXIT(kExitOk, again);
    EXPECT_TRUE(parse_json_output(again.out).event_lines().empty()) << again.out;
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
}

TEST_F(DataSafety, Row01_KeepSetIsTheFullManifestWhenOneOfAThousandChanged) {
  for (int i = 0; i < 1000; ++i) {
    source().file("d" + std::to_string(i % 25) + "/f" + std::to_string(i), "content");
  }
  ROBOSYNC_ASSERT_EXIT(kExitOk, mirror());
  source().file("d7/f7", "changed", 0644, kNewTime);
  source().remove("d8/f8").file("d9/new", "new");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

class UnreadableSource : public DataSafety {
 protected:
  void SetUp() override {
    DataSafety::SetUp();
    source().file("open/a", "a").file("closed/x", "x").file("z", "z");
    target().file("extra-1", "1").file("open/extra-2", "2").file("closed/extra-3", "3");
    target().file("gone/extra-4", "4");
  }

  void expect_nothing_deleted(const Finished& finished) {
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
    for (const char* name : {"extra-1", "open/extra-2", "closed/extra-3", "gone/extra-4"}) {
      EXPECT_TRUE(exists(target().at(name))) << name << " was deleted\n" << finished.describe();
    }
    EXPECT_EQ("z", read_file(target().at("z"))) << "the rest must go on";
  }
};

TEST_F(UnreadableSource, Row02_DirectoryThatMayNotBeReadDeletesNothing) {
  source().mode("closed", 0);
  const Finished finished = unprivileged({"mirror", source_slash(), target_path()});
  expect_nothing_deleted(finished);
  EXPECT_NE(std::string::npos, (finished.out + finished.err).find("delet"))
      << "it must say that nothing was deleted\n"
      << finished.describe();
}

TEST_F(UnreadableSource, Row02_DirectoryThatMayBeListedButNotSearchedDeletesNothing) {
  source().mode("closed", 0444);
  expect_nothing_deleted(unprivileged({"mirror", source_slash(), target_path()}));
}

TEST_F(UnreadableSource, Row02_DeleteExcludedDoesNotOverrideIt) {
  source().mode("closed", 0);
  expect_nothing_deleted(unprivileged(
      {"mirror", "--delete-excluded", "--exclude=extra*", source_slash(), target_path()}));
}

TEST_F(UnreadableSource, Row02_ErrorWhileListingDeletesNothing) {
  const Command command = robosync_command({"mirror", source_slash(), target_path()});
  expect_nothing_deleted(run(with_tampering(
      command, {.injections = {"getdents64:error=EIO"}, .paths = {source().at("closed")}})));
}

TEST_F(UnreadableSource, Row02_ErrorLateInAListingDeletesNothing) {
  for (int i = 0; i < 2000; ++i) source().file("closed/many" + std::to_string(i), "");
  const Command command = robosync_command({"mirror", source_slash(), target_path()});
  expect_nothing_deleted(
      run(with_tampering(command, {.injections = {"getdents64:error=EIO:when=2+"},
                                   .paths = {source().at("closed")}})));
}

TEST_F(UnreadableSource, Row02_ErrorLookingAtAnEntryDeletesNothing) {
  const Command command = robosync_command({"mirror", source_slash(), target_path()});
  expect_nothing_deleted(
      run(with_tampering(command, {.injections = {"statx:error=EIO", "newfstatat:error=EIO"},
                                   .paths = {source().at("closed")}})));
}

TEST_F(DataSafety, Row02_ATargetDirectoryThatMayNotBeReadIsReported) {
  source().file("a", "a").file("locked/b", "b");
  target().file("extra", "e").file("locked/extra", "e").mode("locked", 0);
  source().mode("locked", 0);  // the source's is unreadable too, so the mode cannot be repaired
  const Finished finished = unprivileged({"mirror", source_slash(), target_path()});
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  EXPECT_TRUE(exists(target().at("extra")));
  target().mode("locked", 0755);
  EXPECT_TRUE(exists(target().at("locked/extra")));
}

TEST_F(DataSafety, Row02_FileThatVanishedIsProtectedAndTheRestGoesOn) {
  source().file("lonely/victim", "newer content").file("z", "z");
  target().file("lonely/victim", "old").file("extra", "e");
  const Command command = robosync_command({"mirror", source_slash(), target_path()});
  const Finished finished =
      run(with_tampering(command, {.injections = {"openat:error=ENOENT", "openat2:error=ENOENT"},
                                   .paths = {source().at("lonely")}}));
  ROBOSYNC_EXPECT_EXIT(kExitVanished, finished);
  EXPECT_EQ("old", read_file(target().at("lonely/victim")));
  EXPECT_EQ("z", read_file(target().at("z")));
  EXPECT_FALSE(exists(target().at("extra"))) << "other deletions go on";
}

TEST_F(DataSafety, Row02_FileThatVanishesBetweenItsNameAndItsLookIsProtected) {
  source().file("lonely/victim", "newer content").file("z", "z");
  target().file("lonely/victim", "old").file("extra", "e");
  // The names are read, and before the entry is looked at there is half a second to remove it.
  const Command command = with_tampering(
      robosync_command({"mirror", source_slash(), target_path()}),
      {.injections = {"getdents64:delay_exit=700000:when=1"}, .paths = {source().at("lonely")}});
  Process process(command);
  while (!exists(target().at("z")) && process.running()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  source().remove("lonely/victim");
  const Finished finished = process.wait();
  ROBOSYNC_EXPECT_EXIT(kExitVanished, finished);
  EXPECT_EQ("old", read_file(target().at("lonely/victim")));
  EXPECT_FALSE(exists(target().at("extra"))) << "other deletions go on";
}

TEST_F(DataSafety, Row02_DirectoryThatVanishedIsProtectedAndTheRestGoesOn) {
  source().file("lonely/sub/file", "new").file("z", "z");
  target().file("lonely/sub/file", "old").file("lonely/sub/extra", "old").file("extra", "e");
  const Command command = robosync_command({"mirror", source_slash(), target_path()});
  const Finished finished =
      run(with_tampering(command, {.injections = {"openat:error=ENOENT", "openat2:error=ENOENT"},
                                   .paths = {source().at("lonely")}}));
  ROBOSYNC_EXPECT_EXIT(kExitVanished, finished);
  EXPECT_EQ("old", read_file(target().at("lonely/sub/file")));
  EXPECT_EQ("old", read_file(target().at("lonely/sub/extra")));
  EXPECT_EQ("z", read_file(target().at("z")));
}

TEST_F(DataSafety, Row02_EntriesComingAndGoingNeverCostOthersTheirLife) {
  for (int i = 0; i < 200; ++i) source().file("churn/stays" + std::to_string(i), "stays");
  source().file("a/b/c", "c");
  const std::string churn = source().at("churn");
  Rival rival([churn] {
    static unsigned turn = 0;
    const std::string name = churn + "/comes-and-goes-" + std::to_string(++turn % 50);
    const int fd = creat(name.c_str(), 0644);
    if (fd >= 0) close(fd);
    unlink((churn + "/comes-and-goes-" + std::to_string((turn + 25) % 50)).c_str());
  });
  for (int round = 0; round < (full_run() ? 60 : 8); ++round) {
    target().file("extra", "e");
    const Finished finished = mirror();
    EXPECT_TRUE(finished.exit_code == kExitOk || finished.exit_code == kExitVanished)
        << finished.describe();
    EXPECT_FALSE(exists(target().at("extra"))) << finished.describe();
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(exists(target().at("churn/stays" + std::to_string(i)))) << finished.describe();
    }
    ASSERT_TRUE(exists(target().at("a/b/c")));
  }
}

TEST_F(DataSafety, Row04_FiltersDoNotSeeTheAncestorsOfTheRoot) {
  const std::string inner = at("data/tmp/src");
  TreeBuilder(inner).file("kept", "k").file("sub/kept", "k").file("data/left-out", "l");
  ROBOSYNC_ASSERT_EXIT(kExitOk, robosync({"mirror", "--exclude=data", "--exclude=tmp",
                                          "--exclude=src", inner + "/", target_path()}));
  EXPECT_TRUE(exists(target().at("kept")));
  EXPECT_TRUE(exists(target().at("sub/kept")));
  EXPECT_FALSE(exists(target().at("data")));
}

TEST_F(DataSafety, Row04_ExcludedEntriesAreProtectedUnlessAsked) {
  source().file("a", "a").file("cache/from-source", "s");
  target().file("cache/mine", "m").file("deep/cache/mine", "m").file("note.bak", "b");
  ROBOSYNC_ASSERT_EXIT(kExitOk, mirror({"--exclude=cache", "--exclude=*.bak"}));
  EXPECT_TRUE(exists(target().at("cache/mine")));
  EXPECT_TRUE(exists(target().at("deep/cache/mine"))) << "protected below a directory to delete";
  EXPECT_TRUE(exists(target().at("note.bak")));
  EXPECT_FALSE(exists(target().at("cache/from-source")));
  ROBOSYNC_ASSERT_EXIT(kExitOk,
                       mirror({"--exclude=cache", "--exclude=*.bak", "--delete-excluded"}));
  EXPECT_EQ((std::vector<std::string>{"a"}), names_in(target_path()));
}

TEST_F(DataSafety, Row04_EmptySourceDoesNotEmptyATarget) {
  target().file("precious", "p").file("sub/precious", "p");
  const TreeImage before = read_tree(target_path());
  const Finished refused = mirror();
  ROBOSYNC_EXPECT_EXIT(kExitGuarded, refused);
  EXPECT_NE(std::string::npos, refused.err.find("empty")) << refused.describe();
  EXPECT_EQ("", differences(before, read_tree(target_path())));
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--allow-empty-source"}));
  EXPECT_TRUE(names_in(target_path()).empty());
}

TEST_F(DataSafety, Row04_EmptySourceIsRefusedInADryRunToo) {
  target().file("precious", "p");
  ROBOSYNC_EXPECT_EXIT(kExitGuarded, mirror({"--dry-run"}));
}

TEST_F(DataSafety, Row04_MissingSourceDoesNotTouchATarget) {
  target().file("precious", "p");
  const TreeImage before = read_tree(target_path());
  const Finished finished = robosync({"mirror", at("not-there/"), target_path()});
  EXPECT_NE(0, finished.exit_code);
  EXPECT_NE(std::string::npos, finished.err.find("not-there")) << finished.describe();
  EXPECT_EQ("", differences(before, read_tree(target_path())));
}

TEST_F(DataSafety, Row04_CopyNeverDeletes) {
  source().file("a", "a").file("sub/b", "b");
  target().file("extra", "e").file("sub/extra", "e").symlink("dangling", "nowhere");
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  for (const char* name : {"extra", "sub/extra", "dangling"}) {
    EXPECT_TRUE(exists(target().at(name))) << name;
  }
}

TEST_F(DataSafety, Row07_AChangeDeepInTheTreeIsFoundOnAWarmRun) {
  std::string deep = "one";
  for (int level = 0; level < 40; ++level) deep += "/level";
  source().file(deep + "/file", "first content").file("one/other", "o");
  for (int round = 0; round < 2; ++round) ROBOSYNC_ASSERT_EXIT(kExitOk, mirror());
  // Written in place: no directory on the way changes its time.
  source().file(deep + "/file", "other content", 0644, kNewTime);
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
  EXPECT_EQ("other content", read_file(target().at(deep + "/file")));
  target().remove(deep + "/file").file(deep + "/extra", "e");
  target().time(deep, kOldTime);
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

}  // namespace
}  // namespace robosync::e2e
