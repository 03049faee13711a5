// A large file whose transfer is cut off: the next run goes on from what there is of it.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/base/random.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/limits.h"
#include "engine/session/serve.h"
#include "engine/tree/staging_name.h"

namespace robosync::session {
namespace {

// So much that some of it has been written when the cut comes, whatever the threads do.
constexpr std::size_t kBytes = 3 * kStreamWindow;
constexpr std::size_t kCut = 2 * kStreamWindow;
constexpr std::size_t kSmallBytes = std::size_t{2} * 1024 * 1024;

// No two blocks of it are alike, and it hardly shrinks.
std::string content(std::size_t bytes, std::uint64_t seed) {
  std::string out(bytes, '\0');
  for (std::size_t at = 0; at + 8 <= bytes; at += 8) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t mixed = seed ^ (seed >> 29);
    for (std::size_t i = 0; i < 8; ++i) {
      // Nothing that the tree's notation gives a meaning to.
      out[at + i] = static_cast<char>(0x80 | (mixed >> (i * 8)));
    }
  }
  return out;
}

struct Ran {
  base::Result<Report> report;
  std::uint64_t content_bytes = 0;  // what went from SOURCE to TARGET
};

class ResumeTest : public testing::TestWithParam<ClientRole> {
 protected:
  ResumeTest() { request_.retries = 0; }

  Ran run(std::optional<std::uint64_t> cut_at = {}) {
    request_.sources = {"/src/"};
    request_.target = "/dst";
    const bool push = GetParam() == ClientRole::kSource;
    Opening opening;
    opening.role = GetParam();
    opening.verb = request_.verb;
    opening.paths = push ? std::vector{request_.target} : request_.sources;
    net::MemoryLink link;
    (push ? link.to_server : link.to_client).cut_at = cut_at;
    net::MemoryPair pair = net::memory_stream_pair(link);
    OpenGate gate(memory_);
    const base::Cancellation never;
    Served served;
    std::thread server([&] { served = serve(std::move(pair.server), gate, never); });
    apply::Observer silent;
    auto report = run_client(std::move(pair.client), opening, request_, memory_, silent, never);
    server.join();
    return {std::move(report), push ? served.bytes_received : served.bytes_sent};
  }

  [[nodiscard]] bool has_partial() const {
    return memory_.dump("/dst").find(tree::partial_name("big")) != std::string::npos;
  }
  void expect_landed(const Ran& ran) const {
    ASSERT_TRUE(ran.report) << ran.report.error().message();
    EXPECT_EQ(ran.report->outcome, Outcome::kOk);
    EXPECT_TRUE(memory_.dump("/dst", {.modes = false}) == memory_.dump("/src", {.modes = false}));
  }

  fs::MemoryFileSystem memory_;
  Request request_;
};

TEST_P(ResumeTest, WithPartialOnlyWhatIsMissingTravels) {
  request_.keep_partial = true;
  memory_.build("/src", "big = " + content(kBytes, 1) + "\n");
  memory_.build("/dst", "");
  (void)run(kCut);
  ASSERT_TRUE(has_partial());
  const Ran again = run();
  expect_landed(again);
  EXPECT_EQ(again.report->counters.resumed_files, 1U);
  EXPECT_LT(again.content_bytes, kBytes - (kCut - kStreamWindow) / 2);
}

TEST_P(ResumeTest, EachAttemptGetsFurtherWithoutBeingAskedTo) {
  request_.retries = 1;
  memory_.build("/src", "new/big = " + content(kBytes, 1) + "\n");
  memory_.build("/dst", "");
  (void)run(kCut);
  ASSERT_TRUE(has_partial());
  (void)run(kCut / 4);  // less than there is: that must not be lost
  ASSERT_TRUE(has_partial());
  (void)run(kCut);  // it may land by now
  const Ran last = run();
  expect_landed(last);
  EXPECT_LT(last.content_bytes, kBytes / 2);
}

TEST_P(ResumeTest, WithoutFurtherAttemptsNothingIsKept) {
  memory_.build("/src", "big = " + content(kBytes, 1) + "\n");
  memory_.build("/dst", "");
  (void)run(kCut);
  EXPECT_EQ(memory_.dump("/dst").find(".robosync-"), std::string::npos);
}

TEST_P(ResumeTest, ALargerOldVersionIsTheBetterStart) {
  request_.retries = 1;
  const std::string old = content(kSmallBytes, 1);
  memory_.build("/src", "big = " + old + content(kSmallBytes, 2) + "\n");
  memory_.build("/dst", "big = " + old + "\n" + tree::partial_name("big") + " = " +
                            content(kSmallBytes / 2, 7) + "\n");
  const Ran ran = run();
  expect_landed(ran);
  EXPECT_EQ(ran.report->counters.resumed_files, 0U);
  EXPECT_LT(ran.content_bytes, kSmallBytes * 5 / 4);
}

TEST_P(ResumeTest, APartialFileOfSomethingElseDoesNoHarm) {
  request_.retries = 1;
  memory_.build("/src", "big = " + content(kSmallBytes, 1) + "\n");
  memory_.build("/dst", tree::partial_name("big") + " = " + content(kSmallBytes / 2, 7) + "\n");
  expect_landed(run());
}

TEST_P(ResumeTest, APartialFileOfAFileThatIsUpToDateGoes) {
  request_.retries = 1;
  const std::string same = "big = " + content(kSmallBytes, 1) + "\n";
  memory_.build("/src", same);
  memory_.build("/dst",
                same + tree::partial_name("big") + " = " + content(kSmallBytes / 2, 1) + "\n");
  expect_landed(run());
}

TEST_P(ResumeTest, WhatAnotherRunIsWritingIsItsOwn) {
  request_.keep_partial = true;
  const std::string name = tree::partial_name("big");
  memory_.build("/src", "big = " + content(kBytes, 1) + "\n");
  memory_.build("/dst", name + " = its own\n");
  const auto theirs = *(*memory_.open_root("/dst"))->open_file(name);
  ASSERT_TRUE(*theirs->try_lock());
  const std::string before = memory_.dump("/dst");
  (void)run(kCut);
  EXPECT_EQ(memory_.dump("/dst"), before);
  const Ran again = run();
  ASSERT_TRUE(again.report);
  EXPECT_EQ(again.report->outcome, Outcome::kOk);
  EXPECT_NE(memory_.dump("/dst").find(before), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(BothWays, ResumeTest,
                         testing::Values(ClientRole::kSource, ClientRole::kTarget),
                         [](const auto& info) {
                           return std::string(info.param == ClientRole::kSource ? "push" : "pull");
                         });

}  // namespace
}  // namespace robosync::session
