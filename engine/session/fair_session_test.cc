// In one session no large file holds up the small ones, wherever it gets stuck itself.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <tuple>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/limits.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

// What the target has of the large files.
enum class Older : std::uint8_t { kNothing, kOther, kSame };

// Where the large files get stuck until the small ones have arrived.
struct Place {
  const char* name = "";
  fs::Operation operation = fs::Operation::kRead;
  const char* path = "";
  unsigned files = 0;  // that are stuck there at once
  Older older = Older::kNothing;
};

using Case = std::tuple<ClientRole, Place>;

class FairSessionTest : public testing::TestWithParam<Case> {
 protected:
  static ClientRole role() { return std::get<0>(GetParam()); }
  static const Place& place() { return std::get<1>(GetParam()); }

  // One more than are on their way at once, the first of them larger than what may be on its way.
  static std::string large(char content, int time) {
    std::string spec;
    for (unsigned i = 0; i <= kStreamsMax; ++i) {
      const std::size_t size = i == 0 ? kStreamWindow + kChunkBytes : 300'000;
      spec += "large/" + std::to_string(i) + " t=" + std::to_string(time) +
              ".000000000 = " + std::string(size, content) + "\n";
    }
    return spec;
  }

  void build() {
    std::string source = large('n', 7);
    for (int i = 0; i < 50; ++i) source += "small/" + std::to_string(i) + " = content\n";
    memory_.build("/src", source);
    std::string target = "large/\nsmall/\n";
    if (place().older == Older::kOther) target += large('o', 6);
    if (place().older == Older::kSame) target += large('n', 7);
    memory_.build("/dst", target);
  }

  // Once one has waited too long nobody waits any more.
  void wait_for(const char* what, const std::function<bool()>& holds) {
    for (int i = 0; i < 20'000 && !in_vain_; ++i) {
      if (holds()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!in_vain_.exchange(true)) ADD_FAILURE() << "waited in vain for " << what;
  }

  base::Result<Report> run(fs::FileSystem& files) {
    Request request;
    request.sources = {"/src/"};
    request.target = "/dst";
    request.threads = 1;
    if (place().older == Older::kSame) request.comparison = Comparison::kDigest;
    Opening opening;
    opening.role = role();
    opening.paths = role() == ClientRole::kSource ? std::vector{request.target} : request.sources;
    net::MemoryPair pair = net::memory_stream_pair();
    OpenGate gate(files);
    const base::Cancellation never;
    std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
    apply::Observer observer;
    auto report = run_client(std::move(pair.client), opening, request, files, observer, never);
    server.join();
    return report;
  }

  fs::MemoryFileSystem memory_;
  std::atomic<bool> in_vain_ = false;
};

TEST_P(FairSessionTest, SmallFilesArriveWhileLargeOnesAreStuck) {
  build();
  const std::string small = memory_.dump("/src/small");
  std::atomic<unsigned> stuck = 0;
  fs::FaultFileSystem files(memory_);
  files.add({.operation = place().operation,
             .path = place().path,
             .times = fs::kEveryTime,
             .before = [&] {
               ++stuck;
               wait_for("small files", [&] { return memory_.dump("/dst/small") == small; });
             }});
  // None of them comes before the large ones are stuck.
  files.add({.operation = fs::Operation::kRead,
             .path = "/src/small/*",
             .times = fs::kEveryTime,
             .before = [&] { wait_for("large files", [&] { return stuck >= place().files; }); }});
  const auto report = run(files);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->outcome, Outcome::kOk);
  EXPECT_EQ(files.unused(), "");
  EXPECT_EQ(memory_.dump("/dst"), memory_.dump("/src"));
}

INSTANTIATE_TEST_SUITE_P(
    BothWays, FairSessionTest,
    testing::Combine(
        testing::Values(ClientRole::kSource, ClientRole::kTarget),
        testing::Values(
            Place{"read", fs::Operation::kRead, "/src/large/*", kStreamsMax},
            Place{"written", fs::Operation::kWrite, "/dst/large/*", kStreamsMax},
            Place{"signed", fs::Operation::kRead, "/dst/large/*", 1, Older::kOther},
            Place{"compared_at_source", fs::Operation::kRead, "/src/large/*", 2, Older::kSame},
            Place{"compared_at_target", fs::Operation::kRead, "/dst/large/*", 2, Older::kSame})),
    [](const auto& info) {
      const bool push = std::get<0>(info.param) == ClientRole::kSource;
      return std::string(push ? "push_" : "pull_") + std::get<1>(info.param).name;
    });

}  // namespace
}  // namespace robosync::session
