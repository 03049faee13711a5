// Requirement 8: nothing outside the two roots is read, written, listed or deleted, whatever links
// lie in the way and even while somebody swaps directories for links.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/rivals_linux_testing.h"

namespace robosync::e2e {
namespace {

class Containment : public DataSafety {
 protected:
  Containment() : outside_(at("outside")) {
    outside_.file("secret", "secret").file("sub/secret", "secret").file("a", "outside a");
    set_old_times();
    before_ = read_tree(outside_.root());
  }

  void set_old_times() {
    for (const char* path : {"sub", ""}) outside_.time(path, kOldTime);
  }
  void expect_outside_untouched() {
    EXPECT_EQ("", differences(before_, read_tree(outside_.root()))) << "touched outside the root";
  }
  [[nodiscard]] TreeBuilder& outside() { return outside_; }

 private:
  TreeBuilder outside_;
  TreeImage before_;
};

TEST_F(Containment, Row08_ALinkWhereADirectoryGoesIsReplacedNotEntered) {
  source().file("sub/a", "new a").file("sub/secret", "new secret");
  target().symlink("sub", outside().root());
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  expect_outside_untouched();
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), Aspects{.directory_time = false});
}

TEST_F(Containment, Row08_MirrorDoesNotListOrDeleteThroughALink) {
  source().file("sub/a", "new a").file("other", "o");
  target().symlink("sub", outside().root()).symlink("extra", outside().root());
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
  expect_outside_untouched();
  EXPECT_FALSE(exists(target().at("extra")));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), Aspects{.directory_time = false});
}

TEST_F(Containment, Row08_AFileIsNotWrittenThroughALink) {
  source().file("a", "new a").file("dangling", "d");
  for (const char* option : {"--inplace", "--partial", "--no-fast-path=all", "--preallocate"}) {
    target().directory("");
    unlink(target().at("a").c_str());
    unlink(target().at("dangling").c_str());
    target().symlink("a", outside().at("a")).symlink("dangling", outside().at("created"));
    ROBOSYNC_EXPECT_EXIT(kExitOk, copy({option}));
    expect_outside_untouched();
    EXPECT_EQ("new a", read_file(target().at("a"))) << option;
    EXPECT_EQ("d", read_file(target().at("dangling"))) << option;
  }
}

TEST_F(Containment, Row08_MetadataIsNotSetThroughALink) {
  source().symlink("link", outside().at("a")).symlink("dir-link", outside().root());
  target().symlink("link", outside().at("a")).symlink("dir-link", outside().root());
  target().time("link", kNewTime).time("dir-link", kNewTime);
  if (is_root()) source().owner("link", 1234, 1234).owner("dir-link", 1234, 1234);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--chmod=777"}));
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"-A", "-X", "-I"}));
  expect_outside_untouched();
}

TEST_F(Containment, Row08_ALinkToADirectoryInTheSourceIsNotEntered) {
  source().symlink("sub", outside().root()).symlink("up", "..").symlink("self", ".");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  EXPECT_EQ(outside().root(), read_tree(target_path()).at("sub").link_target);
  EXPECT_EQ(3U, names_in(target_path()).size());
}

TEST_F(Containment, Row08_FilesFromCannotNameWhatIsOutside) {
  source().file("a", "a").symlink("link", outside().root());
  for (const char* list : {"../outside/secret\n", "/etc/hostname\n", "link/secret\n", "link/\n",
                           "a/../../outside/secret\n"}) {
    Command command = robosync_command({"copy", "--files-from=-", source_slash(), target_path()});
    command.input = list;
    const Finished finished = run(command);
    for (const std::string& name : exists(target_path()) ? names_in(target_path()) : Arguments{}) {
      EXPECT_EQ(std::string::npos, name.find("secret")) << list << finished.describe();
      EXPECT_EQ(std::string::npos, name.find("hostname")) << list << finished.describe();
    }
  }
  expect_outside_untouched();
}

TEST_F(Containment, Row08_BackupsDoNotLeaveThroughALink) {
  source().file("sub/a", "new a", 0644, kNewTime).file("b", "new b", 0644, kNewTime);
  target().file("sub/a", "old a").file("b", "old b").symlink("kept/sub", outside().root());
  const Finished finished = copy({"--backup-dir=kept"});
  expect_outside_untouched();
  EXPECT_EQ("old b", read_file(target().at("kept/b"))) << finished.describe();
  // The backup of sub/a must be somewhere: in a directory that replaced the link, or the file was
  // not replaced at all.
  const bool replaced = read_file(target().at("sub/a")) == "new a";
  if (replaced) {
    EXPECT_EQ("old a", read_file(target().at("kept/sub/a"))) << finished.describe();
  } else {
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  }
}

TEST_F(Containment, Row08_MoveRemovesNothingThroughALink) {
  source().symlink("sub", outside().root()).file("b", "b");
  target().file("sub/a", "outside a").file("sub/secret", "secret");
  (void)move();
  expect_outside_untouched();
}

TEST_F(Containment, Row08_ARootThatIsALinkIsWhatTheUserMeans) {
  source().file("a", "a");
  TreeBuilder real(at("real"));
  TreeBuilder here(root());
  here.symlink("src-link", "src").symlink("dst-link", "real");
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"mirror", at("src-link/"), at("dst-link")}));
  EXPECT_EQ("a", read_file(real.at("a")));
}

// A directory and a link to the outside change places all the time while the program runs.
class Swapped : public Containment {
 protected:
  static constexpr const char* kMarker = "secret";

  void fill(TreeBuilder& tree) {
    for (int i = 0; i < 40; ++i) {
      tree.file("victim/inner/file" + std::to_string(i), "harmless " + std::to_string(i));
      tree.file("victim/top" + std::to_string(i), "harmless");
    }
    // The same names outside, with other content: reading one of them would show.
    for (int i = 0; i < 40; ++i) {
      outside().file("inner/file" + std::to_string(i), kMarker);
      outside().file("top" + std::to_string(i), kMarker);
    }
  }

  [[nodiscard]] static std::chrono::seconds duration() {
    return std::chrono::seconds(full_run() ? 30 : 2);
  }

  void expect_no_marker_in(const std::string& root) {
    for (const auto& [path, node] : read_tree(root)) {
      if (node.kind == S_IFREG) {
        ASSERT_NE(kMarker, read_file(root + "/" + path)) << path << " came from outside";
      }
    }
  }
};

TEST_F(Swapped, Row08_RacingLinkInTheSource) {
  fill(source());
  source().symlink("decoy", outside().root());
  Rival rival(exchanging(source().at("victim"), source().at("decoy")));
  const auto until = std::chrono::steady_clock::now() + duration();
  int rounds = 0;
  while (std::chrono::steady_clock::now() < until) {
    const Finished finished = run(robosync_command(
        {rounds % 2 == 0 ? "copy" : "mirror", "--ignore-times", source_slash(), target_path()}));
    ASSERT_EQ(0, finished.signal) << finished.describe();
    expect_no_marker_in(target_path());
    if (++rounds % 3 == 0) target().remove("victim").remove("decoy");
  }
  EXPECT_GT(rounds, 0);
}

TEST_F(Swapped, Row08_RacingLinkInTheTarget) {
  fill(source());
  target().directory("victim/inner").symlink("decoy", outside().root());
  const TreeImage before = read_tree(outside().root());
  source().file("decoy/x", "x");
  Rival rival(exchanging(target().at("victim"), target().at("decoy")));
  const auto until = std::chrono::steady_clock::now() + duration();
  int rounds = 0;
  const char* const verbs[] = {"copy", "mirror"};
  while (std::chrono::steady_clock::now() < until) {
    const Finished finished =
        run(robosync_command({verbs[rounds % 2], "--ignore-times", source_slash(), target_path()}));
    ASSERT_EQ(0, finished.signal) << finished.describe();
    ASSERT_EQ("", differences(before, read_tree(outside().root()))) << "written outside\n"
                                                                    << finished.describe();
    // Let the next round find a link again.
    unlink(target().at("decoy").c_str());
    if (!exists(target().at("decoy")))
      (void)!symlink(outside().root().c_str(), target().at("decoy").c_str());
    ++rounds;
  }
  EXPECT_GT(rounds, 0);
}

TEST_F(Swapped, Row08_RacingLinkWhileDeleting) {
  source().file("kept", "k");
  const TreeImage before = read_tree(outside().root());
  const auto until = std::chrono::steady_clock::now() + duration();
  int rounds = 0;
  while (std::chrono::steady_clock::now() < until) {
    target().remove("victim").remove("decoy").symlink("decoy", outside().root());
    for (int i = 0; i < 30; ++i) {
      target().file("victim/sub/secret" + std::to_string(i), "").file("victim/secret", "");
    }
    Rival rival(exchanging(target().at("victim"), target().at("decoy")));
    const Finished finished = mirror();
    rival.stop();
    ASSERT_EQ("", differences(before, read_tree(outside().root()))) << "deleted outside\n"
                                                                    << finished.describe();
    ++rounds;
  }
  EXPECT_GT(rounds, 1);
}

TEST_F(Swapped, Row08_RacingLinkWhileMoving) {
  outside().file("inner/file0", "harmless 0");  // equal content must not be a reason to remove it
  const TreeImage before = read_tree(outside().root());
  const auto until = std::chrono::steady_clock::now() + duration();
  int rounds = 0;
  while (std::chrono::steady_clock::now() < until) {
    source().remove("victim").remove("decoy");
    for (int i = 0; i < 30; ++i) {
      source().file("victim/inner/file" + std::to_string(i), "harmless 0");
    }
    source().symlink("decoy", outside().root());
    Rival rival(exchanging(source().at("victim"), source().at("decoy")));
    const Finished finished = move();
    rival.stop();
    ASSERT_EQ("", differences(before, read_tree(outside().root()))) << "removed outside\n"
                                                                    << finished.describe();
    ++rounds;
  }
  EXPECT_GT(rounds, 1);
}

TEST_F(Swapped, Row08_RacingFileAndLinkInTheSource) {
  outside().file("swapped", kMarker);
  source().file("file", "harmless").symlink("decoy", outside().at("swapped"));
  Rival rival(exchanging(source().at("file"), source().at("decoy")));
  const auto until = std::chrono::steady_clock::now() + duration();
  while (std::chrono::steady_clock::now() < until) {
    const Finished finished = run(robosync_command({"copy", "-I", source_slash(), target_path()}));
    ASSERT_EQ(0, finished.signal) << finished.describe();
    expect_no_marker_in(target_path());
  }
}

}  // namespace
}  // namespace robosync::e2e
