// Requirements 19 and 21: no count of files, depth, width or threads makes a run hang, and memory
// is bounded by what is open, not by the tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kInstrumented = true;  // memory is not what it is
#else
constexpr bool kInstrumented = false;
#endif

class Scale : public DataSafety {
 protected:
  Finished bounded_run(const Arguments& arguments) {
    Command command = robosync_command(arguments);
    command.timeout = std::chrono::seconds(full_run() ? 600 : 120);
    Finished finished = run(command);
    EXPECT_FALSE(finished.timed_out) << "hangs: " << finished.describe();
    return finished;
  }
};

TEST_F(Scale, Row19_FileCountsAroundTheBoundsOfQueues) {
  int made = 0;
  std::vector<int> counts = {1, 33, 129, 1025, 10'000};
  if (full_run()) counts.push_back(300'000);
  for (const int count : counts) {
    for (; made < count; ++made) {
      source().file("d" + std::to_string(made / 500) + "/f" + std::to_string(made), "x");
    }
    for (const char* threads : {"1", "2", "8"}) {
      if (count > 10'000 && std::string(threads) == "8") continue;
      remove_tree(target_path());
      ROBOSYNC_ASSERT_EXIT(kExitOk, bounded_run({"copy", std::string("--threads=") + threads,
                                                 source_slash(), target_path()}));
      EXPECT_EQ(names_in(source().root()), names_in(target_path()));
    }
  }
}

TEST_F(Scale, Row19_OneThreadDoesEverything) {
  for (int i = 0; i < 200; ++i) {
    source().file("a/b" + std::to_string(i % 20) + "/f" + std::to_string(i), noise(5000, 1));
  }
  source().file("l1", "linked").hard_link("z/l2", "l1").hard_link("a/l3", "l1");
  target().file("a/extra", "e").file("gone/deep/extra", "e");
  ROBOSYNC_ASSERT_EXIT(kExitOk, bounded_run({"mirror", "--threads=1", "-H", "--verify-after",
                                             source_slash(), target_path()}));
  Aspects aspects;
  aspects.hard_links = true;
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
  ROBOSYNC_EXPECT_EXIT(kExitOk,
                       bounded_run({"verify", "--threads=1", source_slash(), target_path()}));
}

TEST_F(Scale, Row19_DeepTreesNeedNoDeepStackAndFewHandles) {
  std::string path;
  for (int level = 0; level < 1500; ++level) path += "d/";
  source().file(path + "bottom", "b");
  for (const char* threads : {"1", "8"}) {
    remove_tree(target_path());
    const Command command = robosync_command(
        {"copy", std::string("--threads=") + threads, source_slash(), target_path()});
    // As many open files as a shell gives by default, and a small stack.
    Command limited = command;
    limited.arguments = {"sh", "-c", "ulimit -n 1024; ulimit -s 2048; exec \"$@\"", "sh"};
    if (!kInstrumented) {
      limited.arguments.insert(limited.arguments.end(), command.arguments.begin(),
                               command.arguments.end());
    } else {
      limited = command;
    }
    ROBOSYNC_ASSERT_EXIT(kExitOk, run(limited));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
  source().remove("d").file("kept", "k");
  ROBOSYNC_EXPECT_EXIT(kExitOk, bounded_run({"mirror", source_slash(), target_path()}));
  EXPECT_EQ((std::vector<std::string>{"kept"}), names_in(target_path()));
}

TEST_F(Scale, Row19_FewHandlesAreEnough) {
  for (int i = 0; i < 300; ++i) {
    source().file("d" + std::to_string(i) + "/e/f" + std::to_string(i), "x");
    if (i > 0)
      source().hard_link("h" + std::to_string(i),
                         "d" + std::to_string(i) + "/e/f" + std::to_string(i));
  }
  Command limited = robosync_command({});
  limited.arguments = {"sh",
                       "-c",
                       "ulimit -n 64; exec \"$@\"",
                       "sh",
                       robosync_binary(),
                       "copy",
                       "-H",
                       "--threads=8",
                       source_slash(),
                       target_path()};
  ROBOSYNC_ASSERT_EXIT(kExitOk, run(limited));
  Aspects aspects;
  aspects.hard_links = true;
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
}

TEST_F(Scale, Row21_MemoryIsNotBoundedByTheTree) {
  if (kInstrumented) GTEST_SKIP() << "an instrumented build has other memory";
  const int per_directory = 200;
  int made = 0;
  const auto grow_to = [&](int directories) {
    for (; made < directories; ++made) {
      for (int i = 0; i < per_directory; ++i) {
        source().file("d" + std::to_string(made) + "/" + std::string(40, 'n') + std::to_string(i),
                      "");
      }
    }
  };
  grow_to(20);
  const Finished few = bounded_run({"copy", source_slash(), target_path()});
  grow_to(full_run() ? 2000 : 120);
  const Finished many = bounded_run({"mirror", source_slash(), target_path()});
  ROBOSYNC_EXPECT_EXIT(kExitOk, many);
  const Finished again = bounded_run({"mirror", source_slash(), target_path()});
  for (const Finished& finished : {many, again}) {
    EXPECT_LT(finished.resident_kib_max, few.resident_kib_max * 3 / 2 + 8 * 1024)
        << "grows with the tree (" << few.resident_kib_max << " KiB before)";
    EXPECT_LT(finished.resident_kib_max, 150 * 1024);
  }
}

TEST_F(Scale, Row21_DeletingALargeTreeNeedsLittleMemory) {
  if (kInstrumented) GTEST_SKIP() << "an instrumented build has other memory";
  source().file("kept", "k");
  for (int i = 0; i < (full_run() ? 200'000 : 12'000); ++i) {
    target().file("gone/d" + std::to_string(i / 300) + "/f" + std::to_string(i), "");
  }
  const Finished finished = bounded_run({"mirror", source_slash(), target_path()});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  EXPECT_EQ((std::vector<std::string>{"kept"}), names_in(target_path()));
  EXPECT_LT(finished.resident_kib_max, 60 * 1024);
}

TEST_F(Scale, Row21_AbsurdInputsAreRefusedNotSwallowed) {
  source().file("a", "a");
  for (const Arguments& options :
       {Arguments{"--threads=1000000"}, Arguments{"--retries=99999999999999999999"},
        Arguments{"--min-size=99999999999999999999999"}, Arguments{"--bwlimit=1e400"},
        Arguments{"--modify-window=99999999999999999999"},
        Arguments{"--suffix=" + std::string(5000, 's'), "--backup"},
        Arguments{"--exclude=" + std::string(200'000, '*') + "x"}}) {
    target().file("a", "older and longer");
    const Finished finished = bounded_run([&] {
      Arguments arguments = {"copy"};
      arguments.insert(arguments.end(), options.begin(), options.end());
      arguments.push_back(source_slash());
      arguments.push_back(target_path());
      return arguments;
    }());
    EXPECT_EQ(0, finished.signal) << finished.describe();
    EXPECT_FALSE(finished.exit_code == kExitOk && options[0].starts_with("--threads"))
        << finished.describe();
  }
}

}  // namespace
}  // namespace robosync::e2e
