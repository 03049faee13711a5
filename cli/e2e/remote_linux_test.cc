// Runs with the other side at the far end of `robosync serve --stdio`: push and pull come out as a
// local run does, and whatever ends the connection is told by its exit code and leaves nothing
// half.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

using std::chrono::milliseconds;

class Remote : public EndToEnd, public ::testing::WithParamInterface<Route> {
 protected:
  Remote() { set_route(GetParam()); }

  void expect_same() { ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path()); }
};

std::string route_name(const ::testing::TestParamInfo<Route>& info) {
  return info.param == Route::kPush ? "Push" : "Pull";
}

INSTANTIATE_TEST_SUITE_P(Over, Remote, ::testing::Values(Route::kPush, Route::kPull), route_name);

TEST_P(Remote, CopyKeepsWhatALocalRunKeeps) {
  source().file("a", "alpha").file("deep/er/b", noise(700'000, 1), 0640, kNewTime);
  source().symlink("link", "deep/er/b").directory("empty", 0700).fifo("pipe");
  source().sparse("holes", 4'000'000, {{0, "begin"}, {3'000'000, "end"}});
  source().file("name\nwith\xff bytes", "odd");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  expect_same();
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify());
  const JsonOutput again = parse_json_output(copy({"--json", "-i"}).out);
  EXPECT_EQ(std::vector<std::string>{}, again.event_lines());
}

TEST_P(Remote, ACopyUpdatesAndDeletesNothing) {
  target().file("kept", "mine").file("a", "older");
  source().file("a", "newer", 0644, kNewTime).file("large", noise(3'000'000, 2), 0644, kNewTime);
  target().file("large", noise(3'000'000, 2).substr(0, 2'900'000));
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  EXPECT_EQ("newer", read_file(target().at("a")));
  EXPECT_EQ("mine", read_file(target().at("kept")));
  EXPECT_EQ(noise(3'000'000, 2), read_file(target().at("large")));
}

TEST_P(Remote, HardLinksAndAttributes) {
  source().file("one", "shared").hard_link("sub/two", "one").xattr("one", "user.colour", "red");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-H", "-X"}));
  expect_same();
}

TEST_P(Remote, MirrorDeletesWithinItsLimit) {
  source().file("a", "a");
  target().file("gone/x", "x").file("gone/y", "y").file("z", "z");
  ROBOSYNC_EXPECT_EXIT(kExitGuarded, mirror({"--max-delete", "1"}));
  EXPECT_TRUE(exists(target().at("gone/x")));
  EXPECT_TRUE(exists(target().at("a"))) << "all but the deletions is done";
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
  expect_same();
}

TEST_P(Remote, AnEmptySourceDeletesNothing) {
  target().file("kept", "kept");
  ROBOSYNC_EXPECT_EXIT(kExitGuarded, mirror());
  EXPECT_TRUE(exists(target().at("kept")));
}

TEST_P(Remote, FiltersHoldOnBothSides) {
  source().file("a.txt", "a").file("b.tmp", "b").file("sub/c.log", "c").file("sub/d", "d");
  source().file("sub/.rules", "- *.log\n");
  target().file("old.tmp", "excluded").file("sub/old.log", "excluded there").file("old", "old");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--exclude", "*.tmp", "--filter", ": .rules"}));
  EXPECT_TRUE(exists(target().at("old.tmp")));
  EXPECT_TRUE(exists(target().at("sub/old.log")));
  EXPECT_FALSE(exists(target().at("old")));
  EXPECT_FALSE(exists(target().at("b.tmp")));
  EXPECT_FALSE(exists(target().at("sub/c.log")));
  EXPECT_TRUE(exists(target().at("sub/d")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--exclude", "*.tmp", "--delete-excluded"}));
  EXPECT_FALSE(exists(target().at("old.tmp")));
}

TEST_P(Remote, FilesFromChooses) {
  source().file("a", "a").file("sub/b", "b").file("c", "c");
  TreeBuilder(root()).file("list", "a\nsub/b\n");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--files-from", at("list")}));
  EXPECT_EQ((std::vector<std::string>{"a", "sub", "sub/b"}), names_in(target_path()));
}

TEST_P(Remote, BackupsAreKept) {
  source().file("a", "newer", 0644, kNewTime);
  target().file("a", "older").file("gone", "gone");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--backup", "--backup-dir", "old"}));
  EXPECT_EQ("older", read_file(target().at("old/a")));
  EXPECT_EQ("gone", read_file(target().at("old/gone")));
  EXPECT_EQ("newer", read_file(target().at("a")));
}

TEST_P(Remote, ADryRunChangesNothing) {
  source().file("a", "newer", 0644, kNewTime).file("b", "b");
  target().file("a", "older").file("gone", "gone");
  const TreeImage before = read_tree(target_path());
  const Finished dry = mirror({"--dry-run", "--json", "-i"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, dry);
  EXPECT_EQ("", differences(before, read_tree(target_path())));
  const Finished real = mirror({"--json", "-i"});
  EXPECT_EQ(parse_json_output(dry.out).event_lines(), parse_json_output(real.out).event_lines());
}

TEST_P(Remote, MoveRemovesWhatHasLanded) {
  source().file("a", "a").file("sub/b", noise(400'000, 3)).symlink("link", "a");
  const TreeImage before = read_tree(source().root());
  ROBOSYNC_EXPECT_EXIT(kExitOk, move());
  EXPECT_EQ("", differences(before, read_tree(target_path())));
  for (const std::string& name : names_in(source().root())) {
    EXPECT_TRUE(name == "sub") << name << " is still there";
  }
}

TEST_P(Remote, VerifyTellsDifferences) {
  source().file("a", "same").file("b", "this");
  target().file("a", "same").file("b", "that");
  ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify());
}

TEST_P(Remote, BlocksCannotBeShared) {
  source().file("a", "a");
  ROBOSYNC_EXPECT_EXIT(kExitRefused, copy({"--reflink", "always"}));
  EXPECT_FALSE(exists(target_path()));
}

TEST_P(Remote, WhatIsNoServerIsAnErrorOfTheProtocol) {
  source().file("a", "a");
  TreeBuilder(root()).file(
      "far-shell", "#!/bin/sh\necho Welcome to this machine, dear guest\ncat >/dev/null\n", 0755);
  ROBOSYNC_EXPECT_EXIT(kExitProtocol, copy());
  EXPECT_FALSE(exists(target_path()));
}

TEST_P(Remote, AShellThatIsMissingIsSaidSo) {
  source().file("a", "a");
  const Finished finished = copy({"-e", at("no-shell")});
  // The route's own -e stands before: the last one counts.
  ROBOSYNC_EXPECT_EXIT(kExitFileIo, finished);
  EXPECT_NE(std::string::npos, finished.err.find("no-shell")) << finished.err;
  EXPECT_EQ(std::string::npos, finished.err.find(" yet")) << finished.err;
}

TEST_P(Remote, AShellThatFailsIsALostConnection) {
  source().file("a", "a");
  TreeBuilder(root()).file("far-shell", "#!/bin/sh\nexit 255\n", 0755);
  ROBOSYNC_EXPECT_EXIT(kExitSocket, copy());
  EXPECT_FALSE(exists(target_path()));
}

// Slow enough that it is under way when something happens to it: 8 MiB at 1 MiB a second.
class Interrupted : public Remote {
 protected:
  Interrupted() {
    source().file("small", "small").file("large", noise(8'000'000, 4));
    command_ = robosync_command(over(
        GetParam(), {"copy", "--bwlimit", "1M", "--retries", "0", source_slash(), target_path()}));
  }

  // Waits, for at most ten seconds, until something is being received.
  void wait_for_staging() {
    for (int i = 0; i < 1000; ++i) {
      if (exists(target_path()) && !staging_names_in(target_path()).empty()) return;
      std::this_thread::sleep_for(milliseconds(10));
    }
    ADD_FAILURE() << "nothing is being received";
  }

  // How much of the large file is kept for the next run.
  [[nodiscard]] std::uint64_t partial_bytes() const {
    if (!exists(target_path())) return 0;
    for (const std::string& name : staging_names_in(target_path())) {
      std::error_code gone;
      const std::uint64_t bytes = std::filesystem::file_size(target().at(name), gone);
      if (!gone) return bytes;
    }
    return 0;
  }

  void expect_nothing_half() {
    EXPECT_FALSE(exists(target().at("large")));
    if (exists(target().at("small"))) EXPECT_EQ("small", read_file(target().at("small")));
  }

  Command command_;
};

INSTANTIATE_TEST_SUITE_P(Over, Interrupted, ::testing::Values(Route::kPush, Route::kPull),
                         route_name);

TEST_P(Interrupted, CtrlCEndsBothSidesWithinASecond) {
  Process process(command_);
  wait_for_staging();
  process.send(SIGINT);
  EXPECT_TRUE(process.ends_within(milliseconds(1500)));
  ROBOSYNC_EXPECT_EXIT(kExitInterrupted, process.wait());
  // The far side may be a moment behind.
  for (int i = 0; i < 200 && !staging_names_in(target_path()).empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_TRUE(staging_names_in(target_path()).empty());
  expect_nothing_half();
}

TEST_P(Interrupted, AFarSideThatDiesIsALostConnection) {
  Process process(command_);
  wait_for_staging();
  const pid_t far = process.child();
  ASSERT_GT(far, 1);
  ASSERT_EQ(0, kill(far, SIGKILL));
  EXPECT_TRUE(process.ends_within(milliseconds(5000)));
  ROBOSYNC_EXPECT_EXIT(kExitSocket, process.wait());
  expect_nothing_half();
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  EXPECT_TRUE(staging_names_in(target_path()).empty());
  expect_same();
}

TEST_P(Interrupted, TheNextRunGoesOnFromWhatIsThere) {
  Arguments arguments = {"copy", "--partial", "--bwlimit=4M", source_slash(), target_path()};
  Process process(robosync_command(over(GetParam(), arguments)));
  // A second's worth of it.
  for (int i = 0; i < 1000 && partial_bytes() < 3'000'000; ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  const pid_t far = process.child();
  process.send(SIGKILL);
  (void)process.wait();
  ASSERT_TRUE(far < 0 || has_ended_within(far, milliseconds(10'000)));
  ASSERT_GE(partial_bytes(), 3'000'000U);
  const JsonOutput again = parse_json_output(copy({"--partial", "--json"}).out);
  EXPECT_EQ(1, again.summary["resumed_files"]) << again.summary.dump();
  EXPECT_TRUE(staging_names_in(target_path()).empty());
  expect_same();
}

TEST_P(Interrupted, ALostConnectionIsMadeAgain) {
  // The first far side dies in the middle of its work, the second does not.
  TreeBuilder(root()).file("far-shell",
                           "#!/bin/sh\nshift\nif mkdir " + at("once") +
                               " 2>/dev/null; then\n  exec 3<&0\n  \"$@\" <&3 3<&- & child=$!\n"
                               "  exec 0<&- 1>&- 3<&-\n  sleep 1\n  kill -9 $child\n"
                               "else exec \"$@\"; fi\n",
                           0755);
  const Finished finished = run(robosync_command(over(
      GetParam(), {"copy", "--bwlimit=4M", "--retries=3", "-v", source_slash(), target_path()})));
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  EXPECT_NE(std::string::npos, finished.err.find("trying again")) << finished.describe();
  EXPECT_TRUE(staging_names_in(target_path()).empty());
  expect_same();
}

class RemoteUsage : public EndToEnd {};

TEST_F(RemoteUsage, OneSideIsHere) {
  source().file("a", "a");
  for (const Arguments& operands :
       {Arguments{"far:a", "far:b"}, Arguments{"far:a", "other:b", at("dst")},
        Arguments{"far:a", source().at("a"), at("dst")}, Arguments{"robosync://h", at("dst")},
        Arguments{"robosync://h/m/a", "robosync://h/n/b", at("dst")},
        Arguments{"--", "-oProxyCommand=x:a", at("dst")}}) {
    Arguments arguments = {"copy", "-e", "/nonexistent/shell"};
    arguments.insert(arguments.end(), operands.begin(), operands.end());
    ROBOSYNC_EXPECT_EXIT(kExitUsage, robosync(arguments));
  }
  EXPECT_FALSE(exists(at("dst")));
}

TEST_F(RemoteUsage, NobodyListens) {
  // A port that is taken, by somebody who does not listen.
  const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(0, bind(taken, reinterpret_cast<sockaddr*>(&address), size));
  ASSERT_EQ(0, getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size));
  const std::string server = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  source().file("a", "a");
  for (const char* const scheme : {"robosync://", "robosync+tcp://"}) {
    ROBOSYNC_EXPECT_EXIT(kExitSocket, robosync({"copy", source_slash(), scheme + server + "/m/"}));
  }
  close(taken);
}

TEST_F(RemoteUsage, LsListsTheFarSide) {
  source().file("a", "a").file("sub/b", "b");
  TreeBuilder(root()).file("far-shell", "#!/bin/sh\nshift\nexec \"$@\"\n", 0755);
  const Finished listed = robosync({"ls", "-e", at("far-shell"), "--remote-program",
                                    robosync_binary(), "far:" + source().root()});
  ROBOSYNC_EXPECT_EXIT(kExitOk, listed);
  EXPECT_EQ(listed.out, robosync({"ls", source().root()}).out);
  EXPECT_NE(std::string::npos, listed.out.find("sub"));
}

}  // namespace
}  // namespace robosync::e2e
