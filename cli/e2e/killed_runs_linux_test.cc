// Requirement 18 and Ctrl-C: whenever a run ends, every file at a final name is complete, old or
// new; the next run finishes the work and no staging name is left; nothing else is touched.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

using std::chrono::microseconds;

class KilledRuns : public DataSafety {
 protected:
  KilledRuns() : random_(test_seed()), old_(at("old")) {
    fill(old_, 0);
    fill(source(), 100'000);
    // Each version has names of its own, too.
    for (int i = 0; i < 30; ++i) {
      old_.file("gone/g" + std::to_string(i), noise(3000, static_cast<std::uint64_t>(i)));
      source().file("fresh/deep/f" + std::to_string(i), noise(9000, static_cast<std::uint64_t>(i)));
    }
    for (int i = 0; i < 25; ++i) {
      old_.symlink("links/l" + std::to_string(i), "old-target");
      source().symlink("links/l" + std::to_string(i), "new-target");
    }
    old_image_ = read_tree(old_.root());
    new_image_ = read_tree(source().root());
  }

  static void fill(TreeBuilder& tree, std::uint64_t seed) {
    const timespec time = seed == 0 ? kOldTime : kNewTime;
    for (std::uint64_t i = 0; i < 120; ++i) {
      const std::size_t size = i % 10 == 0 ? 400'000 + seed : 2000 + i;
      tree.file("d" + std::to_string(i % 8) + "/f" + std::to_string(i), noise(size, seed + i), 0644,
                time);
    }
    tree.file("large", noise(3'000'000, seed + 999), 0644, time);
  }

  [[nodiscard]] static int rounds() { return full_run() ? 200 : 25; }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  [[nodiscard]] TreeBuilder& old_version() { return old_; }
  [[nodiscard]] const TreeImage& old_image() const { return old_image_; }
  [[nodiscard]] const TreeImage& new_image() const { return new_image_; }

  // How long a whole run takes, so that kills fall all over it.
  microseconds measure(const Arguments& arguments) {
    const auto start = std::chrono::steady_clock::now();
    (void)robosync(arguments);
    return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - start);
  }

  void kill_after(const Arguments& arguments, microseconds delay) {
    Process process(robosync_command(arguments));
    std::this_thread::sleep_for(delay);
    process.send(SIGKILL);
    (void)process.wait();
  }

  [[nodiscard]] static bool is(const TreeImage& version, const std::string& path,
                               const NodeImage& node) {
    const auto found = version.find(path);
    return found != version.end() && found->second.kind == node.kind &&
           found->second.size == node.size && found->second.content_digest == node.content_digest &&
           found->second.link_target == node.link_target;
  }

  static bool is_staging(const std::string& path) {
    return path.find(".robosync-") != std::string::npos;
  }

  // Every non-directory at a final name is whole: of the old or of the new version.
  void expect_whole_entries(const std::string& root, int round) {
    for (const auto& [path, node] : read_tree(root)) {
      if (node.kind == S_IFDIR || is_staging(path)) continue;
      EXPECT_TRUE(is(old_image_, path, node) || is(new_image_, path, node))
          << path << " is neither the old nor the new file, in round " << round;
    }
  }

  // Of a move: each file is at one of both places.
  void expect_nothing_lost(const std::string& from, int round) {
    const TreeImage stayed = exists(from) ? read_tree(from) : TreeImage{};
    const TreeImage landed = exists(target_path()) ? read_tree(target_path()) : TreeImage{};
    for (const auto& [path, node] : new_image()) {
      if (node.kind == S_IFDIR) continue;
      EXPECT_TRUE(is(stayed, path, node) || is(landed, path, node))
          << path << " is lost in round " << round;
    }
    if (exists(target_path())) expect_whole_entries(target_path(), round);
  }

  void expect_all_landed(int round) {
    const TreeImage now = read_tree(target_path());
    for (const auto& [path, node] : new_image()) {
      if (node.kind == S_IFDIR) continue;
      ASSERT_TRUE(is(now, path, node)) << path << " after round " << round;
    }
    EXPECT_TRUE(staging_names_in(target_path()).empty());
  }

  void expect_finished(const std::string& source_root, int round) {
    EXPECT_TRUE(staging_names_in(target_path()).empty())
        << "staging left after the run that followed round " << round << ": "
        << ::testing::PrintToString(staging_names_in(target_path()));
    EXPECT_EQ("", differences(source_root, target_path())) << "after round " << round;
  }

 private:
  std::mt19937_64 random_;
  TreeBuilder old_;
  TreeImage old_image_;
  TreeImage new_image_;
};

TEST_F(KilledRuns, Row18_AnyMomentOfAMirrorOverAnOldVersion) {
  const std::string versions[] = {source().root(), old_version().root()};
  (void)robosync({"mirror", versions[1] + "/", target_path()});
  const microseconds whole = measure({"mirror", versions[0] + "/", target_path()});
  for (int round = 0; round < rounds() && !HasFailure(); ++round) {
    const std::string from = versions[(round + 1) % 2] + "/";
    kill_after({"mirror", from, target_path()}, whole * below(1000) / 1000);
    expect_whole_entries(target_path(), round);
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"mirror", from, target_path()}));
    expect_finished(versions[(round + 1) % 2], round);
  }
}

TEST_F(KilledRuns, Row18_AnyMomentOfAFirstCopy) {
  const microseconds whole = measure({"copy", source_slash(), target_path()});
  for (int round = 0; round < rounds() && !HasFailure(); ++round) {
    remove_tree(target_path());
    const int kills = round % 4 == 3 ? 3 : 1;  // leftovers upon leftovers, too
    for (int i = 0; i < kills; ++i) {
      kill_after({"copy", source_slash(), target_path()}, whole * below(1000) / 1000);
    }
    if (exists(target_path())) expect_whole_entries(target_path(), round);
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
    expect_finished(source().root(), round);
  }
}

TEST_F(KilledRuns, Row18_AnyMomentOfAMove) {
  const std::string from = at("moving");
  const auto refill = [&] {
    remove_tree(from);
    remove_tree(target_path());
    run_or_throw({"cp", "-a", source().root(), from});
  };
  refill();
  const microseconds whole = measure({"move", from + "/", target_path()});
  for (int round = 0; round < rounds() && !HasFailure(); ++round) {
    refill();
    kill_after({"move", from + "/", target_path()}, whole * below(1000) / 1000);
    expect_nothing_lost(from, round);
    if (exists(from)) ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"move", from + "/", target_path()}));
    expect_all_landed(round);
  }
}

// Which end of a connection dies.
struct Victim {
  Route route;
  bool far;
};

class KilledSessions : public KilledRuns, public ::testing::WithParamInterface<Victim> {
 protected:
  static int session_rounds() { return full_run() ? 60 : 6; }

  // Kills one end after `delay`, and waits for the other one. How the run ended, if it was not the
  // one that was killed.
  std::optional<int> kill_one_after(const Arguments& arguments, microseconds delay) {
    Process near(robosync_command(over(GetParam().route, arguments)));
    std::this_thread::sleep_for(delay);
    const pid_t far = near.child();
    if (!GetParam().far) {
      near.send(SIGKILL);
    } else if (far > 0) {
      EXPECT_TRUE(kill(far, SIGKILL) == 0 || errno == ESRCH);
    }
    const Finished finished = near.wait();
    EXPECT_FALSE(finished.timed_out) << finished.describe();
    if (far > 0) EXPECT_TRUE(has_ended_within(far, std::chrono::seconds(20))) << "it hangs";
    if (!GetParam().far) return std::nullopt;
    EXPECT_TRUE(finished.exit_code == kExitOk || finished.exit_code == kExitSocket)
        << finished.describe();
    return finished.exit_code;
  }
};

INSTANTIATE_TEST_SUITE_P(Over, KilledSessions,
                         ::testing::Values(Victim{Route::kPush, false}, Victim{Route::kPush, true},
                                           Victim{Route::kPull, false}, Victim{Route::kPull, true}),
                         [](const auto& info) {
                           return std::string(info.param.route == Route::kPush ? "Push" : "Pull") +
                                  (info.param.far ? "FarSide" : "NearSide");
                         });

TEST_P(KilledSessions, Row18_AnyMomentOfAMirrorOverAnOldVersion) {
  set_route(GetParam().route);
  const std::string versions[] = {source().root(), old_version().root()};
  const auto mirror_from = [&](const std::string& from, const std::string& retries) {
    return Arguments{"mirror", "--retries=" + retries, from + "/", target_path()};
  };
  (void)robosync(mirror_from(versions[1], "0"));
  const microseconds whole = measure(over(GetParam().route, mirror_from(versions[0], "0")));
  for (int round = 0; round < session_rounds() && !HasFailure(); ++round) {
    const std::string from = versions[(round + 1) % 2];
    const std::string retries = round % 3 == 0 ? "2" : "0";
    const auto end = kill_one_after(mirror_from(from, retries), whole * below(1000) / 1000);
    expect_whole_entries(target_path(), round);
    if (end != kExitOk) {
      ROBOSYNC_EXPECT_EXIT(
          kExitOk, run(robosync_command(over(GetParam().route, mirror_from(from, retries)))));
    }
    expect_finished(from, round);
  }
}

TEST_P(KilledSessions, Row18_AnyMomentOfAMove) {
  const std::string from = at("moving");
  const Arguments move_all = {"move", "--retries=0", from + "/", target_path()};
  const auto refill = [&] {
    remove_tree(from);
    remove_tree(target_path());
    run_or_throw({"cp", "-a", source().root(), from});
  };
  refill();
  const microseconds whole = measure(over(GetParam().route, move_all));
  for (int round = 0; round < session_rounds() && !HasFailure(); ++round) {
    refill();
    (void)kill_one_after(move_all, whole * below(1000) / 1000);
    expect_nothing_lost(from, round);
    if (exists(from)) {
      ROBOSYNC_EXPECT_EXIT(kExitOk, run(robosync_command(over(GetParam().route, move_all))));
    }
    expect_all_landed(round);
  }
}

// The moments that matter most, one by one: killed at the N-th of each call that commits something.
TEST_F(KilledRuns, Row18_EveryCommittingCall) {
  const int step = full_run() ? 3 : 60;
  for (const char* call : {"renameat2", "renameat", "linkat", "unlinkat", "mkdirat", "utimensat"}) {
    for (int at_call = 1; at_call < 400; at_call += step) {
      remove_tree(target_path());
      run_or_throw({"cp", "-a", old_version().root(), target_path()});
      const Command command = robosync_command({"mirror", source_slash(), target_path()});
      const Finished finished = run(with_tampering(
          command,
          {.injections = {std::string(call) + ":signal=KILL:when=" + std::to_string(at_call)}}));
      expect_whole_entries(target_path(), at_call);
      if (finished.exit_code == 0) break;  // so many calls there were not
      ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
      expect_finished(source().root(), at_call);
      if (HasFailure()) FAIL() << "killed at " << call << " number " << at_call;
    }
  }
}

TEST_F(KilledRuns, Row18_BackupsSurviveAKill) {
  const microseconds whole = measure({"copy", source_slash(), target_path()});
  for (int round = 0; round < rounds() / 3 && !HasFailure(); ++round) {
    remove_tree(target_path());
    run_or_throw({"cp", "-a", old_version().root(), target_path()});
    kill_after({"mirror", "--backup-dir=saved", source_slash(), target_path()},
               whole * below(1000) / 1000);
    // Each old file is where it was or in the backup; nothing of it is gone.
    const TreeImage now = read_tree(target_path());
    for (const auto& [path, node] : old_image()) {
      if (node.kind != S_IFREG) continue;
      const auto saved = now.find("saved/" + path);
      EXPECT_TRUE(is(now, path, node) ||
                  (saved != now.end() && saved->second.content_digest == node.content_digest))
          << path << " is in no place, round " << round;
    }
  }
}

TEST_F(KilledRuns, Row18_InterruptedRunsEndWithinASecond) {
  for (int i = 0; i < 6; ++i) {
    source().file("huge" + std::to_string(i), noise(20'000'000, static_cast<std::uint64_t>(i)));
  }
  for (const Arguments& options :
       {Arguments{"--bwlimit=3M"}, Arguments{"--bwlimit=3M", "--no-fast-path=all"},
        Arguments{"--bwlimit=3M", "--threads=1"}, Arguments{"--bwlimit=3M", "--json"}}) {
    remove_tree(target_path());
    Arguments arguments = {"copy"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(source_slash());
    arguments.push_back(target_path());
    Process process(robosync_command(arguments));
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    ASSERT_TRUE(process.running());
    process.send(SIGINT);
    EXPECT_TRUE(process.ends_within(std::chrono::milliseconds(1000))) << "later than a second";
    const Finished finished = process.wait();
    ROBOSYNC_EXPECT_EXIT(kExitInterrupted, finished);
    EXPECT_NE(std::string::npos, finished.out.find("scanned")) << "no summary\n"
                                                               << finished.describe();
    EXPECT_TRUE(staging_names_in(target_path()).empty()) << finished.describe();
    for (const auto& [path, node] : read_tree(target_path())) {
      if (node.kind == S_IFREG) {
        EXPECT_EQ(read_tree(source().root()).at(path).content_digest, node.content_digest) << path;
      }
    }
  }
}

TEST_F(KilledRuns, Row18_InterruptedRunsWaitForNoReader) {
  for (int i = 0; i < 3000; ++i)
    source().file("many/" + std::string(60, 'n') + std::to_string(i), "");
  const std::string pipe = at("pipe");
  ASSERT_EQ(0, ::mkfifo(pipe.c_str(), 0600));
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  for (const std::string option : {"-v", "--json -v"}) {
    remove_tree(target_path());
    // Files one by one: what takes long to take back is not what this is about.
    const std::string options = option + " --no-fast-path=staged-dirs";
    Process process(
        {.arguments = {"sh", "-c", "exec \"$0\" copy $1 \"$2\" \"$3\" >\"$4\"", robosync_binary(),
                       options, source_slash(), target_path(), pipe}});
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    ASSERT_TRUE(process.running()) << "its output fits the pipe";
    process.send(SIGINT);
    EXPECT_TRUE(process.ends_within(std::chrono::milliseconds(1000))) << "later than a second";
    process.send(SIGKILL);
    ROBOSYNC_EXPECT_EXIT(kExitInterrupted, process.wait());
    EXPECT_TRUE(staging_names_in(target_path()).empty());
    std::string rest(1 << 20, ' ');
    while (::read(reader, rest.data(), rest.size()) > 0) {
    }
  }
  ::close(reader);
}

TEST_F(KilledRuns, Row18_InterruptsAtAnyMomentLeaveNoStaging) {
  const microseconds whole = measure({"mirror", source_slash(), target_path()});
  for (int round = 0; round < rounds() / 2 && !HasFailure(); ++round) {
    const std::string& from = round % 2 == 0 ? old_version().root() : source().root();
    Process process(robosync_command({"mirror", from + "/", target_path()}));
    std::this_thread::sleep_for(whole * below(1000) / 1000);
    process.send(round % 3 == 0 ? SIGTERM : SIGINT);
    const Finished finished = process.wait();
    // Before its handlers are in place the signal ends it at once, which is as good.
    EXPECT_TRUE(finished.exit_code == kExitInterrupted || finished.exit_code == kExitOk ||
                finished.signal != 0)
        << finished.describe();
    expect_whole_entries(target_path(), round);
    EXPECT_TRUE(staging_names_in(target_path()).empty()) << "round " << round;
  }
}

TEST_F(KilledRuns, Row18_TwoRunsAtOnceIntoOneTarget) {
  for (int round = 0; round < (full_run() ? 60 : 8) && !HasFailure(); ++round) {
    remove_tree(target_path());
    if (round % 2 == 0) run_or_throw({"cp", "-a", old_version().root(), target_path()});
    Process first(robosync_command({"copy", source_slash(), target_path()}));
    std::this_thread::sleep_for(microseconds(below(20'000)));
    Process second(robosync_command({"copy", source_slash(), target_path()}));
    const Finished ends[] = {first.wait(), second.wait()};
    for (const Finished& finished : ends) {
      EXPECT_TRUE(finished.exit_code == kExitOk || finished.exit_code == kExitPartial)
          << finished.describe();
    }
    expect_whole_entries(target_path(), round);
    EXPECT_TRUE(staging_names_in(target_path()).empty()) << "round " << round;
    ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
    expect_finished(source().root(), round);
  }
}

TEST_F(KilledRuns, Row18_ARunDoesNotRemoveTheStagingOfARunStillAlive) {
  source().file("slow/file", noise(3'000'000, 77));
  Process slow(robosync_command({"copy", "--bwlimit=2M", source_slash(), target_path()}));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  ASSERT_TRUE(slow.running());
  TreeBuilder other(at("other"));
  other.file("slow/small", "s").file("small", "s");
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"copy", other.root() + "/", target_path()}));
  const Finished finished = slow.wait();
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  EXPECT_EQ(noise(3'000'000, 77), read_file(target().at("slow/file")));
  EXPECT_EQ("s", read_file(target().at("slow/small")));
}

}  // namespace
}  // namespace robosync::e2e
