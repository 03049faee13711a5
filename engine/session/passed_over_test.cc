// Directories that TARGET does not go into: what SOURCE tells of them must not hold up the rest.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/limits.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

// Below the interval of the heartbeats, or these would keep a session alive that is stuck.
constexpr auto kStuck = std::chrono::milliseconds(kHeartbeatInterval) * 4 / 5;

base::Result<Report> pull(fs::MemoryFileSystem& memory, const Request& request) {
  Opening opening;
  opening.role = ClientRole::kTarget;
  opening.paths = request.sources;
  net::MemoryPair pair = net::memory_stream_pair();
  pair.client->set_no_progress_time(kStuck);
  pair.server->set_no_progress_time(kStuck);
  OpenGate gate(memory);
  const base::Cancellation never;
  std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
  apply::Observer silent;
  auto report = run_client(std::move(pair.client), opening, request, memory, silent, never);
  server.join();
  return report;
}

TEST(PassedOverTest, MoreDirectoriesThanMayBeOpen) {
  std::string tree;
  for (std::size_t i = 0; i <= kOpenDirectoriesMax; ++i) {
    tree += "new/" + std::to_string(i) + "/x/\n";
  }
  fs::MemoryFileSystem memory;
  memory.build("/src", tree + "old/file = new content\n");
  memory.build("/dst", "old/file = content\n");
  Request request;
  request.sources = {"/src/"};
  request.target = "/dst";
  request.existing_only = true;
  const auto report = pull(memory, request);
  ASSERT_TRUE(report) << report.error().message();
  ASSERT_FALSE(report->fatal) << report->fatal->message();
  EXPECT_EQ(report->outcome, Outcome::kOk);
  EXPECT_EQ(memory.dump("/dst", {.modes = false}), "old/\nold/file = new content\n");
}

// One directory that takes more than the window by itself.
TEST(PassedOverTest, AWideDirectory) {
  std::string tree;
  for (std::size_t i = 0; i <= kManifestWindow; ++i) tree += "new/" + std::to_string(i) + "\n";
  fs::MemoryFileSystem memory;
  memory.build("/src", tree + "old/file = new content\n");
  memory.build("/dst", "old/file = content\n");
  Request request;
  request.sources = {"/src/"};
  request.target = "/dst";
  request.existing_only = true;
  const auto report = pull(memory, request);
  ASSERT_TRUE(report) << report.error().message();
  ASSERT_FALSE(report->fatal) << report->fatal->message();
  EXPECT_EQ(memory.dump("/dst", {.modes = false}), "old/\nold/file = new content\n");
}

}  // namespace
}  // namespace robosync::session
