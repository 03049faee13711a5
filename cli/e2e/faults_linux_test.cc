// Requirement 13: one bad file never aborts a run; a volume that is full, read-only or gone does,
// and no run with errors exits 0. Requirement 24: what cannot be honoured is an error.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/mounts_linux_testing.h"

namespace robosync::e2e {
namespace {

class Faults : public DataSafety {
 protected:
  // Every file at a final name is one of the source's, whole.
  void expect_only_whole_files() {
    const TreeImage from = read_tree(source().root());
    for (const auto& [path, node] : read_tree(target_path())) {
      const auto original = from.find(path);
      if (node.kind != S_IFREG || original == from.end()) continue;
      EXPECT_EQ(original->second.content_digest, node.content_digest) << path;
      EXPECT_EQ(original->second.size, node.size) << path;
    }
  }
};

TEST_F(Faults, Row13_AnUnreadableFileDoesNotStopTheOthers) {
  source().file("a", "a").file("b", "b", 0).file("sub/c", "c").file("z", "z");
  const Finished finished = unprivileged({"copy", source_slash(), target_path()});
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  EXPECT_NE(std::string::npos, finished.err.find('b')) << finished.describe();
  for (const char* name : {"a", "sub/c", "z"}) EXPECT_TRUE(exists(target().at(name))) << name;
  EXPECT_FALSE(exists(target().at("b")));
}

TEST_F(Faults, Row13_ADirectoryInTheWayOfAFileIsOneProblem) {
  source().file("clash", "file").file("fine", "f");
  target().file("clash/inside", "i");
  for (const char* verb : {"copy", "move"}) {
    const Finished finished = robosync({verb, source_slash(), target_path()});
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
    EXPECT_EQ("i", read_file(target().at("clash/inside")));
    EXPECT_EQ("f", read_file(target().at("fine")));
  }
}

TEST_F(Faults, Row13_MirrorReplacesADirectoryByAFile) {
  source().file("clash", "file").symlink("clash2", "clash");
  target().file("clash/inside/deep", "i").file("clash2/x", "x").file("extra", "e");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Faults, Row13_AnEmptyDirectoryInTheWayIsReplaced) {
  source().file("clash", "file").symlink("clash2", "clash").fifo("clash3");
  target().directory("clash").directory("clash2").directory("clash3");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), Aspects{.directory_time = false});
}

TEST_F(Faults, Row13_AnyOtherKindInTheWayIsReplaced) {
  const char* const names[] = {"a", "b", "c", "d"};
  for (const char* name : names) {
    target().file(std::string("file/") + name, "f");
    target().symlink(std::string("link/") + name, "f").fifo(std::string("fifo/") + name);
  }
  for (const char* kind : {"file", "link", "fifo"}) {
    const std::string in = std::string(kind) + "/";
    source().file(in + "a", "new").symlink(in + "b", "new").fifo(in + "c").file(in + "d/x", "new");
  }
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Faults, Row13_ATargetDirectoryThatMayNotBeWrittenIsReported) {
  source().file("open/a", "a").file("z", "z");
  target().directory("open", 0555);
  source().mode("open", 0555);
  const Finished finished = unprivileged({"copy", source_slash(), target_path()});
  EXPECT_TRUE(finished.exit_code == kExitPartial || exists(target().at("open/a")))
      << finished.describe();
  EXPECT_EQ("z", read_file(target().at("z")));
}

TEST_F(Faults, Row13_AFullVolumeEndsTheRun) {
  for (int i = 0; i < 40; ++i) source().file("f" + std::to_string(i), noise(100'000, 1));
  const bool ran = with_private_mounts([this] {
    for (const Arguments& options :
         {Arguments{}, Arguments{"--no-fast-path=all"}, Arguments{"--preallocate"},
          Arguments{"--inplace"}, Arguments{"--threads=1"}}) {
      target().directory("");
      mount_tmpfs(target_path(), "size=1m");
      target().file("old", "o");
      for (int i = 0; i < 3; ++i) target().file("f" + std::to_string(i), "old and complete");
      Arguments arguments = {"mirror"};
      arguments.insert(arguments.end(), options.begin(), options.end());
      arguments.push_back(source_slash());
      arguments.push_back(target_path());
      const Finished finished = robosync(arguments);
      ROBOSYNC_EXPECT_EXIT(kExitFileIo, finished);
      EXPECT_TRUE(exists(target().at("old"))) << "deleted after a fault of the volume";
      EXPECT_TRUE(staging_names_in(target_path()).empty()) << finished.describe();
      const TreeImage from = read_tree(source().root());
      for (const auto& [path, node] : read_tree(target_path())) {
        if (node.kind != S_IFREG || options == Arguments{"--inplace"}) continue;
        EXPECT_TRUE(!from.contains(path) || from.at(path).content_digest == node.content_digest ||
                    read_file(target().at(path)) == "old and complete")
            << path << " is half a file";
      }
      unmount(target_path());
    }
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Faults, Row13_AVolumeWithoutInodesEndsTheRun) {
  for (int i = 0; i < 60; ++i) source().file("f" + std::to_string(i), "x");
  const bool ran = with_private_mounts([this] {
    target().directory("");
    mount_tmpfs(target_path(), "size=4m,nr_inodes=20");
    const Finished finished = copy();
    ROBOSYNC_EXPECT_EXIT(kExitFileIo, finished);
    EXPECT_TRUE(staging_names_in(target_path()).empty()) << finished.describe();
    expect_only_whole_files();
    unmount(target_path());
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

// A part of the source that is mounted in the target: deleting or writing there would hit the only
// copy, under another name.
TEST_F(Faults, Row01_WhatTheTargetReachesByABindMountIsLeftAlone) {
  source().file("d/b", "the only copy").file("e/new", "n");
  target().file("extra/f", "x").directory("extra/mounted").directory("e");
  const bool ran = with_private_mounts([this] {
    run_or_throw({"mount", "--bind", source().at("d"), target().at("extra/mounted")});
    run_or_throw({"mount", "--bind", source().at("d"), target().at("e")});
    const Finished finished = mirror();
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
    EXPECT_EQ("the only copy", read_file(source().at("d/b")));
    EXPECT_FALSE(exists(source().at("d/new"))) << "the source was written to";
    EXPECT_FALSE(exists(target().at("extra/f"))) << "other deletions go on";
    ROBOSYNC_EXPECT_EXIT(kExitPartial, mirror({"-n"}));
    unmount(target().at("extra/mounted"));
    unmount(target().at("e"));
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Faults, Row13_AReadOnlyVolumeEndsTheRun) {
  source().file("a", "a").file("sub/b", "b");
  TreeBuilder(at("real")).file("old", "o");
  const bool ran = with_private_mounts([this] {
    target().directory("");
    mount_read_only_view(at("real"), target_path());
    for (const char* verb : {"copy", "mirror", "move"}) {
      const Finished finished = robosync({verb, source_slash(), target_path()});
      ROBOSYNC_EXPECT_EXIT(kExitFileIo, finished);
      EXPECT_TRUE(exists(source().at("a")) && exists(source().at("sub/b")));
      EXPECT_TRUE(exists(target().at("old")));
    }
    unmount(target_path());
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Faults, Row13_AMoveFromAReadOnlyVolumeLosesNothing) {
  source().file("a", "a");
  const bool ran = with_private_mounts([this] {
    mount_read_only_view(source().root(), source().root());
    const Finished finished = move();
    EXPECT_NE(0, finished.exit_code) << finished.describe();
    EXPECT_EQ("a", read_file(source().at("a")));
    unmount(source().root());
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Faults, Row13_WritesThatFailForOneFileLeaveTheOthers) {
  source().file("bad/file", noise(200'000, 1)).file("good/file", noise(200'000, 2));
  target().directory("bad").directory("good");
  const Command command = robosync_command({"copy", source_slash(), target_path()});
  const Finished finished =
      run(with_tampering(command, {.injections = {"openat:error=EACCES", "openat2:error=EACCES"},
                                   .paths = {source().at("bad")}}));
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  EXPECT_FALSE(exists(target().at("bad/file")));
  EXPECT_EQ(noise(200'000, 2), read_file(target().at("good/file")));
}

TEST_F(Faults, Row16_AFailureToSetMetadataIsReported) {
  source().file("a", "a", 0640).directory("sub", 0711);
  const char* const kinds[] = {"utimensat", "fchmod"};
  for (const char* call : kinds) {
    target().directory("");
    const Command command = robosync_command({"copy", source_slash(), target_path()});
    std::vector<std::string> injections = {std::string(call) + ":error=EPERM"};
    if (std::string(call) == "fchmod") {
      injections.emplace_back("fchmodat:error=EPERM");
      source().mode("a", 04755);  // a mode that creation alone does not give
    }
    const Finished finished = run(with_tampering(command, {.injections = injections}));
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
    target().remove("");
  }
}

TEST_F(Faults, Row24_ARunWithErrorsNeverExitsZero) {
  source().file("a", "a");
  const std::vector<Arguments> bad = {
      {"copy"},
      {"copy", source_slash()},
      {"frobnicate", source_slash(), target_path()},
      {"copy", "--no-such-option", source_slash(), target_path()},
      {"copy", "--threads=many", source_slash(), target_path()},
      {"copy", "--min-size=-1", source_slash(), target_path()},
      {"copy", "--chmod=zzz", source_slash(), target_path()},
      {"copy", "--filter=nonsense rule", source_slash(), target_path()},
      {"copy", "--exclude-from=/no/such/file", source_slash(), target_path()},
      {"copy", "--files-from=/no/such/file", source_slash(), target_path()},
      {"copy", "--max-delete=5", source_slash(), target_path()},
      {"copy", "--delete-excluded", source_slash(), target_path()},
      {"move", "--max-delete=5", source_slash(), target_path()},
      {"verify", "--dry-run", source_slash(), target_path()},
      {"verify", "--inplace", source_slash(), target_path()},
      {"mirror", "--max-delete=200%", source_slash(), target_path()},
      {"mirror", source_slash(), at("second"), target_path()},
      {"copy", "--log-file=/no/such/dir/log", source_slash(), target_path()},
      {"copy", "", target_path()},
      {"copy", source_slash(), ""},
  };
  for (const Arguments& arguments : bad) {
    const Finished finished = robosync(arguments);
    EXPECT_NE(0, finished.exit_code) << ::testing::PrintToString(arguments) << finished.describe();
    EXPECT_FALSE(finished.err.empty()) << ::testing::PrintToString(arguments);
    EXPECT_FALSE(exists(target_path())) << ::testing::PrintToString(arguments);
  }
}

TEST_F(Faults, Row24_AFilterThatMatchesNothingIsAWarning) {
  source().file("a", "a").file("b.log", "b");
  const Finished finished = copy({"--exclude=*.log", "--exclude=*.nothing-like-this"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  EXPECT_NE(std::string::npos, finished.err.find("*.nothing-like-this")) << finished.describe();
  EXPECT_EQ(std::string::npos, finished.err.find("*.log")) << finished.describe();
}

TEST_F(Faults, Row24_ReflinkAlwaysIsAnErrorWhereItCannotBe) {
  source().file("a", noise(100'000, 1));
  const bool ran = with_private_mounts([this] {
    target().directory("");
    mount_tmpfs(target_path(), "size=4m");
    const Finished finished = copy({"--reflink=always"});
    EXPECT_NE(0, finished.exit_code) << finished.describe();
    EXPECT_FALSE(exists(target().at("a")));
    unmount(target_path());
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_F(Faults, Row13_SocketsAreKeptAsRsyncDoes) {
  source().file("a", "a");
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = source().at("socket");
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(0, bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  close(fd);
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

}  // namespace
}  // namespace robosync::e2e
