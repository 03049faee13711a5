// Rows of data safety that need a real system, with two programs and a pipe between the trees:
// who may not read, a volume that is full or read-only, files that change meanwhile.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/mounts_linux_testing.h"
#include "cli/e2e/rivals_linux_testing.h"

namespace robosync::e2e {
namespace {

class RemoteSafety : public EndToEnd, public ::testing::WithParamInterface<Route> {
 protected:
  RemoteSafety() { set_route(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Over, RemoteSafety, ::testing::Values(Route::kPush, Route::kPull),
                         [](const auto& info) {
                           return std::string(info.param == Route::kPush ? "Push" : "Pull");
                         });

TEST_P(RemoteSafety, Row02_WhatCannotBeReadDeletesNothing) {
  source().file("open/a", "a").file("closed/x", "x").file("z", "z").mode("closed", 0);
  target().file("extra-1", "1").file("closed/extra-2", "2").file("gone/extra-3", "3");
  for (const Arguments& options : {Arguments{}, Arguments{"--delete-excluded", "--exclude=*.o"}}) {
    Arguments arguments = {"mirror"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {source_slash(), target_path()});
    const Finished finished = unprivileged(over(GetParam(), arguments));
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
    for (const char* const name : {"extra-1", "closed/extra-2", "gone/extra-3"}) {
      EXPECT_TRUE(exists(target().at(name))) << name << " was deleted\n" << finished.describe();
    }
    EXPECT_EQ("z", read_file(target().at("z"))) << "the rest must go on";
  }
}

TEST_P(RemoteSafety, Row13_AFullVolumeThereEndsTheRun) {
  for (int i = 0; i < 40; ++i) source().file("f" + std::to_string(i), noise(100'000, 1));
  const bool ran = with_private_mounts([this] {
    target().directory("");
    mount_tmpfs(target_path(), "size=1m");
    target().file("old", "o").file("f0", "old and complete");
    const Finished finished = mirror();
    ROBOSYNC_EXPECT_EXIT(kExitFileIo, finished);
    EXPECT_TRUE(exists(target().at("old"))) << "deleted after a fault of the volume";
    EXPECT_TRUE(staging_names_in(target_path()).empty()) << finished.describe();
    const TreeImage from = read_tree(source().root());
    for (const auto& [path, node] : read_tree(target_path())) {
      if (node.kind != S_IFREG || !from.contains(path)) continue;
      EXPECT_TRUE(from.at(path).content_digest == node.content_digest ||
                  read_file(target().at(path)) == "old and complete")
          << path << " is half a file";
    }
    unmount(target_path());
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

TEST_P(RemoteSafety, Row13_AReadOnlyVolumeThereEndsTheRun) {
  source().file("a", "a").file("b", "b");
  target().file("old", "o");
  const bool ran = with_private_mounts([this] {
    mount_read_only_view(target_path(), target_path());
    ROBOSYNC_EXPECT_EXIT(kExitFileIo, mirror());
    EXPECT_TRUE(exists(target().at("old")));
    unmount(target_path());
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

// The writer never stops: what lands is one of its versions, or the file is told to have failed.
TEST_P(RemoteSafety, Row22_AFileThatChangesAllTheTimeIsWholeOrFails) {
  const std::string path = source().at("busy");
  source().file("busy", std::string(300'000, 'a')).file("quiet", "q");
  char letter = 'a';
  Rival writer([path, &letter] {
    letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1);
    std::ofstream(path, std::ios::binary | std::ios::in) << std::string(300'000, letter);
  });
  for (int round = 0; round < (full_run() ? 50 : 6); ++round) {
    const Finished finished = copy({"--retries=1", "--retry-wait=0.01", "--checksum"});
    EXPECT_TRUE(finished.exit_code == kExitOk || finished.exit_code == kExitPartial)
        << finished.describe();
    EXPECT_EQ("q", read_file(target().at("quiet")));
    EXPECT_TRUE(staging_names_in(target_path()).empty());
    if (exists(target().at("busy"))) {
      EXPECT_EQ(300'000U, read_file(target().at("busy")).size());
    } else {
      ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
    }
  }
}

}  // namespace
}  // namespace robosync::e2e
