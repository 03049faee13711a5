// Options that decide what counts as changed, and those of the run as a whole.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

TEST_F(Option, Quick_SizeOrTimeDecides) {
  source().file("same", "AAAA").file("time", "AAAA", 0644, kNewTime).file("size", "AAA");
  target().file("same", "BBBB").file("time", "BBBB").file("size", "BBBB");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--quick"}));
  EXPECT_EQ("BBBB", read_file(target().at("same")));
  EXPECT_EQ("AAAA", read_file(target().at("time")));
  EXPECT_EQ("AAA", read_file(target().at("size")));
  ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify());
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"--quick"}));
}

TEST_F(Option, Checksum_ContentDecides) {
  source().file("content", "AAAA").file("time", "same", 0644, kNewTime);
  target().file("content", "BBBB").file("time", "same");
  for (const char* verb : {"copy", "mirror"}) {
    target().file("content", "BBBB").file("time", "same");
    const Finished finished =
        robosync({verb, "--checksum", "--json", source_slash(), target_path()});
    ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
    EXPECT_EQ("AAAA", read_file(target().at("content")));
    EXPECT_EQ(4, parse_json_output(finished.out).summary["transferred_bytes"]) << finished.out;
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"-c"}));
}

TEST_F(Option, Digest_BothKindsFindADifference) {
  for (const char* digest : {"xxh3", "sha256"}) {
    const std::string option = std::string("--digest=") + digest;
    std::string content = noise(300'000, 1);
    source().file("f", content);
    content[299'999] ^= 1;
    target().file("f", content);
    ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify({option}));
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-c", option}));
    ROBOSYNC_EXPECT_EXIT(kExitOk, verify({option}));
    EXPECT_EQ(noise(300'000, 1), read_file(target().at("f")));
  }
  EXPECT_EQ(kExitUsage, verify({"--digest=md5"}).exit_code);
}

TEST_F(Option, SizeOnly_TimeDoesNotMatter) {
  source().file("f", "AAAA", 0644, kNewTime).file("g", "AAAAA", 0644, kNewTime);
  target().file("f", "BBBB").file("g", "BBBB");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--size-only"}));
  EXPECT_EQ("BBBB", read_file(target().at("f")));
  EXPECT_EQ("AAAAA", read_file(target().at("g")));
}

TEST_F(Option, IgnoreTimes_EverythingIsCopied) {
  source().file("f", "AAAA").file("sub/g", "AAAA");
  target().file("f", "BBBB").file("sub/g", "BBBB");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--ignore-times"}));
  EXPECT_EQ("AAAA", read_file(target().at("f")));
  EXPECT_EQ("AAAA", read_file(target().at("sub/g")));
}

TEST_F(Option, Update_WhatIsNewerOnTheTargetStays) {
  source().file("older", "AAAA", 0644, kOldTime).file("newer", "AAAA", 0644, kNewTime);
  source().file("equal", "AAAAA", 0644, kOldTime);
  for (const char* verb : {"copy", "mirror"}) {
    target().file("older", "BBBB", 0644, kNewTime).file("newer", "BBBB", 0644, kOldTime);
    target().file("equal", "BBBB", 0644, kOldTime);
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({verb, "-u", source_slash(), target_path()}));
    EXPECT_EQ("BBBB", read_file(target().at("older")));
    EXPECT_EQ("AAAA", read_file(target().at("newer")));
    EXPECT_EQ("AAAAA", read_file(target().at("equal"))) << "same time, other size: not newer";
  }
}

TEST_F(Option, Existing_NothingNewIsMade) {
  source().file("there", "AAAA", 0644, kNewTime).file("new", "n").file("newdir/x", "x");
  source().symlink("newlink", "there").fifo("newfifo");
  target().file("there", "BBBB").file("extra", "e");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--existing"}));
  EXPECT_EQ((std::vector<std::string>{"there"}), names_in(target_path())) << "mirror still deletes";
  EXPECT_EQ("AAAA", read_file(target().at("there")));
}

TEST_F(Option, IgnoreExisting_NothingThereIsTouched) {
  source().file("there", "AAAA", 0600, kNewTime).file("new", "n").file("sub/new", "n");
  source().symlink("link", "new-place");
  target().file("there", "BBBB", 0644).directory("sub").symlink("link", "old-place");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--ignore-existing"}));
  EXPECT_EQ("BBBB", read_file(target().at("there")));
  EXPECT_EQ(0644U, read_tree(target_path()).at("there").mode);
  EXPECT_EQ("old-place", read_tree(target_path()).at("link").link_target);
  EXPECT_EQ("n", read_file(target().at("new")));
  EXPECT_EQ("n", read_file(target().at("sub/new")));
}

TEST_F(Option, ModifyWindow_CloseTimesAreEqual) {
  timespec close_by = kOldTime;
  close_by.tv_sec += 2;
  timespec further = kOldTime;
  further.tv_sec += 3;
  source().file("close", "AAAA", 0644, close_by).file("further", "AAAA", 0644, further);
  target().file("close", "BBBB").file("further", "BBBB");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--modify-window=2"}));
  EXPECT_EQ("BBBB", read_file(target().at("close")));
  EXPECT_EQ("AAAA", read_file(target().at("further")));
}

TEST_F(Option, Archive_IsTheDefault) {
  source().file("sub/f", "x", 04755).symlink("l", "f").fifo("p");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-a"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Option, Recursive_IsTheDefault) {
  source().file("sub/deep/f", "x");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-r"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Option, Threads_AnyNumberGivesTheSameTree) {
  for (int i = 0; i < 150; ++i) {
    source().file("d" + std::to_string(i % 13) + "/f" + std::to_string(i), noise(3000, 1));
  }
  source().file("large", noise(9'000'000, 2)).hard_link("d1/linked", "large");
  for (int threads = 0; threads <= 8; ++threads) {
    const std::string option = "--threads=" + std::to_string(threads);
    remove_tree(target_path());
    target().file("d1/extra", "e");
    ROBOSYNC_ASSERT_EXIT(kExitOk, mirror({option, "-H"}));
    Aspects aspects;
    aspects.hard_links = true;
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
    ROBOSYNC_EXPECT_EXIT(kExitOk, verify({option}));
  }
}

TEST_F(Option, NoFastPath_EachGivesTheSameTree) {
  for (int i = 0; i < 60; ++i) {
    source().file("d" + std::to_string(i % 5) + "/f" + std::to_string(i), noise(3000, 1), 0640);
  }
  source().file("large", noise(40'000'000, 2));
  source().sparse("sparse", 9'000'000, {{5'000'000, noise(10'000, 3)}});
  for (const char* path : {"clone", "copy-range", "parallel", "staged-dirs", "holes", "all"}) {
    const std::string option = std::string("--no-fast-path=") + path;
    remove_tree(target_path());
    ROBOSYNC_ASSERT_EXIT(kExitOk, copy({option}));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
    ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({option, "-I"}));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
  EXPECT_EQ(kExitUsage, copy({"--no-fast-path=magic"}).exit_code);
}

TEST_F(Option, Retries_TransientFaultsAreTriedAgain) {
  source().file("lonely/file", "content");
  const auto run_with = [&](const std::string& retries, const std::string& when) {
    remove_tree(target_path());
    target().directory("lonely");
    const Command command = robosync_command({"copy", "--retries=" + retries, "--retry-wait=0.01",
                                              "--json", source_slash(), target_path()});
    return run(with_tampering(command, {.injections = {"openat:error=EBUSY:when=" + when,
                                                       "openat2:error=EBUSY:when=" + when},
                                        .paths = {source().at("lonely")}}));
  };
  const Finished once = run_with("3", "1");
  ROBOSYNC_EXPECT_EXIT(kExitOk, once);
  EXPECT_EQ("content", read_file(target().at("lonely/file")));
  EXPECT_GE(parse_json_output(once.out).summary["retries"].get<int>(), 1);
  const Finished never = run_with("0", "1");
  ROBOSYNC_EXPECT_EXIT(kExitPartial, never);
  const Finished always = run_with("2", "1+");
  ROBOSYNC_EXPECT_EXIT(kExitPartial, always);
  EXPECT_FALSE(exists(target().at("lonely/file")));
}

TEST_F(Option, RetryWait_GrowsAndIsKept) {
  source().file("lonely/file", "content");
  target().directory("lonely");
  const Command command =
      robosync_command({"copy", "--retries=3", "--retry-wait=0.2", source_slash(), target_path()});
  const Finished finished =
      run(with_tampering(command, {.injections = {"openat:error=EBUSY", "openat2:error=EBUSY"},
                                   .paths = {source().at("lonely")}}));
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  // 0.2 + 0.4 + 0.8 seconds.
  EXPECT_GE(finished.elapsed, std::chrono::milliseconds(1100)) << finished.describe();
  EXPECT_LE(finished.elapsed, std::chrono::milliseconds(15'000)) << finished.describe();
}

TEST_F(Option, Retries_WhatWillNotPassIsNotTriedAgain) {
  source().file("secret", "s", 0);
  give_to_unprivileged(root());
  Command command =
      robosync_command({"copy", "--retries=5", "--retry-wait=2", source_slash(), target_path()});
  command.user = kUnprivileged;
  const Finished finished = run(command);
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  EXPECT_LE(finished.elapsed, std::chrono::milliseconds(1900)) << "waited for a permission";
}

TEST_F(Option, DryRun_ChangesNothingAndForetellsTheRun) {
  for (const char* verb : {"copy", "mirror", "move"}) {
    source().remove("");
    source() = TreeBuilder(at("src"));
    remove_tree(target_path());
    source().file("new/a", "a").file("changed", "AAAA", 0600, kNewTime).file("same", "s");
    source().symlink("link", "to").fifo("pipe").directory("hollow").file("meta", "m", 0711);
    source().file("kind", "now a file").hard_link("new/b", "new/a");
    target().file("changed", "BBBB").file("same", "s").file("meta", "m").file("extra/e", "e");
    target().symlink("link", "elsewhere").symlink("kind", "was a link").file("extra2", "e");
    for (const std::string& root : {source().root(), target_path()}) {
      TreeBuilder(root).time("", kOldTime);
    }
    const TreeImage source_before = read_tree(source().root());
    const TreeImage target_before = read_tree(target_path());
    const Finished dry =
        robosync({verb, "-H", "--dry-run", "--json", "-v", source_slash(), target_path()});
    ROBOSYNC_EXPECT_EXIT(kExitOk, dry);
    EXPECT_EQ("", differences(source_before, read_tree(source().root()), all_aspects()));
    EXPECT_EQ("", differences(target_before, read_tree(target_path()), all_aspects()));
    const Finished real = robosync({verb, "-H", "--json", "-v", source_slash(), target_path()});
    ROBOSYNC_EXPECT_EXIT(kExitOk, real);
    const JsonOutput foretold = parse_json_output(dry.out);
    const JsonOutput done = parse_json_output(real.out);
    EXPECT_EQ("", list_differences(foretold.event_lines(), done.event_lines())) << verb;
    for (const char* counter : {"scanned", "created", "updated", "metadata_updated", "unchanged",
                                "linked", "deleted", "skipped", "transferred_bytes"}) {
      EXPECT_EQ(foretold.summary[counter], done.summary[counter]) << verb << " " << counter;
    }
  }
}

TEST_F(Option, DryRun_IntoAMissingTargetMakesNothing) {
  source().file("a/b/c", "x").symlink("l", "x");
  const Finished dry = copy({"-n", "--log-file=" + at("log")});
  ROBOSYNC_EXPECT_EXIT(kExitOk, dry);
  EXPECT_FALSE(exists(target_path()));
  EXPECT_NE(std::string::npos, dry.out.find("a/b/c")) << "the list is what it is for\n" << dry.out;
}

TEST_F(Option, DryRun_DoesNotCleanUpBackUpOrFollowAnything) {
  source().file("f", "new", 0644, kNewTime);
  target().file("f", "old").file(".robosync-0123456789abcdef", "a leftover").file("extra", "e");
  target().time("", kOldTime);
  const TreeImage before = read_tree(target_path());
  for (const char* verb : {"copy", "mirror"}) {
    for (const char* option : {"--backup-dir=bak", "--backup", "--inplace", "--partial", "-I"}) {
      ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({verb, "-n", option, source_slash(), target_path()}));
      EXPECT_EQ("", differences(before, read_tree(target_path()), all_aspects())) << option;
    }
  }
}

}  // namespace
}  // namespace robosync::e2e
