// Whole sessions over a connection that is cut: the target never holds half a file, nothing of the
// source is lost, and the next run makes good what this one left.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

constexpr std::uint64_t kStep = 97;

struct Ran {
  base::Result<Report> report;
  std::uint64_t to_server = 0;
  std::uint64_t to_client = 0;
  std::string problem;  // the first that was told of an entry
};

class Problems final : public apply::Observer {
 public:
  void on_problem(const tree::Problem& problem) override {
    if (first.empty()) first = problem.path + ": " + problem.error.message();
  }
  std::string first;
};

Ran run(fs::MemoryFileSystem& memory, ClientRole role, const net::MemoryLink& link,
        Verb verb = Verb::kMirror) {
  Request request;
  request.verb = verb;
  request.sources = {"/src/"};
  request.target = "/dst";
  request.threads = 1;
  request.retry_wait = std::chrono::milliseconds(0);
  Opening opening;
  opening.role = role;
  opening.verb = request.verb;
  opening.paths = role == ClientRole::kSource ? std::vector{request.target} : request.sources;
  net::MemoryPair pair = net::memory_stream_pair(link);
  OpenGate gate(memory);
  const base::Cancellation never;
  Served served;
  std::thread server([&] { served = serve(std::move(pair.server), gate, never); });
  Problems problems;
  auto report = run_client(std::move(pair.client), opening, request, memory, problems, never);
  server.join();
  return {std::move(report), served.bytes_received, served.bytes_sent, problems.first};
}

void build(fs::MemoryFileSystem& memory) {
  memory.build("/src", "a = the new a\nsub/b = the new b\nc = the new c\n");
  memory.build("/dst", "a = older\nextra = older\n");
}

class CutSessionTest : public testing::TestWithParam<ClientRole> {};

void check(const fs::MemoryFileSystem& memory, const std::string& source) {
  EXPECT_EQ(memory.dump("/src", {.modes = false}), source);
  const std::string target = memory.dump("/dst", {.modes = false});
  for (std::size_t at = 0; at < target.size();) {
    const std::size_t end = std::min(target.find('\n', at), target.size());
    const std::string line = target.substr(at, end - at);
    at = end + 1;
    const bool old = line.find("older") != line.npos;
    const bool ours = line.find(".robosync-") != line.npos;
    EXPECT_TRUE(old || ours || source.find(line) != source.npos) << line;
  }
}

TEST_P(CutSessionTest, NothingIsHalfMadeAndTheNextRunMakesItGood) {
  fs::MemoryFileSystem whole;
  build(whole);
  const std::string source = whole.dump("/src", {.modes = false});
  const Ran clean = run(whole, GetParam(), {});
  ASSERT_TRUE(clean.report) << clean.report.error().message();
  ASSERT_EQ(whole.dump("/dst", {.modes = false}), source);

  for (const bool to_server : {true, false}) {
    const std::uint64_t bytes = to_server ? clean.to_server : clean.to_client;
    ASSERT_GT(bytes, 0U);
    for (std::uint64_t cut = 0; cut + wire::kFrameHeaderBytes < bytes; cut += kStep) {
      SCOPED_TRACE((to_server ? "to server, byte " : "to client, byte ") + std::to_string(cut));
      fs::MemoryFileSystem memory;
      build(memory);
      net::MemoryLink link;
      (to_server ? link.to_server : link.to_client).cut_at = cut;
      const Ran broken = run(memory, GetParam(), link);
      // A session that needs fewer frames than the clean one may be over before the cut.
      if (broken.report && broken.report->outcome == Outcome::kOk) {
        EXPECT_EQ(memory.dump("/dst", {.modes = false}), source);
      }
      check(memory, source);
      EXPECT_EQ(broken.problem, "") << "one fault is told once, not for each file that it kept";
      const Ran again = run(memory, GetParam(), {});
      ASSERT_TRUE(again.report);
      EXPECT_EQ(memory.dump("/dst", {.modes = false}), source);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BothWays, CutSessionTest,
                         testing::Values(ClientRole::kSource, ClientRole::kTarget),
                         [](const auto& info) {
                           return std::string(info.param == ClientRole::kSource ? "push" : "pull");
                         });

}  // namespace
}  // namespace robosync::session
