// Whole sessions over a connection that is cut: the target never holds half a file, nothing of the
// source is lost, and the next run makes good what this one left.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

constexpr std::uint64_t kStep = 97;

// Where a cut is, seen from the end of a frame.
enum class Cut : std::uint8_t { kByteBefore, kThere, kByteBehind };

// Follows the frames of one direction and cuts it once, at the end of frame `frame`.
class FrameCut {
 public:
  FrameCut(std::size_t frame, Cut cut) : frame_(frame), cut_(cut) {}

  bool operator()(std::byte byte) {
    if (at_ < header_.size()) header_[at_] = byte;
    ++at_;
    // The header without its last byte, which is the checksum's, already tells the length.
    if (at_ + 1 == header_.size()) {
      const auto header = wire::decode_frame_header(header_, wire::kFrameBytesMax);
      bytes_ = header_.size() + header.value().payload_bytes;
    }
    const bool ends = at_ == bytes_;
    const bool here = cut_ == Cut::kByteBefore ? frames_ == frame_ && at_ + 1 == bytes_
                      : cut_ == Cut::kThere    ? frames_ == frame_ && ends
                                               : frames_ == frame_ + 1 && at_ == 1;
    if (ends) {
      ++frames_;
      at_ = bytes_ = 0;
    }
    was_made_ = was_made_ || here;
    return here;
  }
  // False: the session had fewer frames.
  [[nodiscard]] bool was_made() const { return was_made_; }

 private:
  const std::size_t frame_;
  const Cut cut_;
  std::size_t frames_ = 0;  // that have ended
  std::size_t at_ = 0;      // bytes of the frame that has not
  std::size_t bytes_ = 0;   // all of that frame's; 0 until they are known
  wire::FrameHeaderBytes header_{};
  bool was_made_ = false;
};

struct Ran {
  base::Result<Report> report;
  std::optional<base::Error> server_fault;
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
  return {std::move(report), served.fault, served.bytes_received, served.bytes_sent,
          problems.first};
}

struct Trees {
  std::string source;
  std::string target;
};

const Trees kSmall = {"a = the new a\nsub/b = the new b\nc = the new c\n",
                      "a = older\nextra = older\n"};

// With one file that is sent in chunks, and one of which the differences are.
Trees with_large_files() {
  const std::string changed(270'000, 'c');
  return {
      kSmall.source + "changed = " + changed + "new\nlarge = " + std::string(140'000, 'n') + "\n",
      kSmall.target + "changed = " + changed + "\n"};
}

std::string dump(const fs::MemoryFileSystem& memory, const std::string& path) {
  return memory.dump(path, {.modes = false});
}

void build(fs::MemoryFileSystem& memory, const Trees& trees) {
  memory.build("/src", trees.source);
  memory.build("/dst", trees.target);
}

class CutSessionTest : public testing::TestWithParam<ClientRole> {};

// `older`: the target as it was.
void check(const fs::MemoryFileSystem& memory, const std::string& source,
           const std::string& older) {
  EXPECT_EQ(dump(memory, "/src"), source);
  const std::string target = dump(memory, "/dst");
  for (std::size_t at = 0; at < target.size();) {
    const std::size_t end = std::min(target.find('\n', at), target.size());
    const std::string line = target.substr(at, end + 1 - at);
    at = end + 1;
    const bool old = older.find(line) != older.npos;
    const bool ours = line.find(".robosync-") != line.npos;
    EXPECT_TRUE(old || ours || source.find(line) != source.npos) << line;
  }
}

// Runs over the link that is cut, and once more over one that is not.
Ran run_cut_and_again(ClientRole role, const Trees& trees, const net::MemoryLink& link) {
  fs::MemoryFileSystem memory;
  build(memory, trees);
  const std::string source = dump(memory, "/src");
  const std::string older = dump(memory, "/dst");
  Ran broken = run(memory, role, link);
  // A session that needs fewer frames than the clean one may be over before the cut.
  if (broken.report && broken.report->outcome == Outcome::kOk) {
    EXPECT_EQ(dump(memory, "/dst"), source);
  }
  check(memory, source, older);
  EXPECT_EQ(broken.problem, "") << "one fault is told once, not for each file that it kept";
  const Ran again = run(memory, role, {});
  EXPECT_TRUE(again.report && again.report->outcome == Outcome::kOk);
  EXPECT_EQ(dump(memory, "/dst"), source);
  return broken;
}

TEST_P(CutSessionTest, NothingIsHalfMadeAndTheNextRunMakesItGood) {
  fs::MemoryFileSystem whole;
  build(whole, kSmall);
  const Ran clean = run(whole, GetParam(), {});
  ASSERT_TRUE(clean.report) << clean.report.error().message();
  ASSERT_EQ(dump(whole, "/dst"), dump(whole, "/src"));

  for (const bool to_server : {true, false}) {
    const std::uint64_t bytes = to_server ? clean.to_server : clean.to_client;
    ASSERT_GT(bytes, 0U);
    for (std::uint64_t cut = 0; cut + wire::kFrameHeaderBytes < bytes; cut += kStep) {
      SCOPED_TRACE((to_server ? "to server, byte " : "to client, byte ") + std::to_string(cut));
      net::MemoryLink link;
      (to_server ? link.to_server : link.to_client).cut_at = cut;
      (void)run_cut_and_again(GetParam(), kSmall, link);
    }
  }
}

void expect_lost(const base::Error& fault) {
  EXPECT_EQ(fault.kind, base::ErrorKind::kConnection) << fault.message();
}

TEST_P(CutSessionTest, AtEveryEndOfAFrame) {
  const Trees trees = with_large_files();
  for (const bool to_server : {true, false}) {
    for (const Cut cut : {Cut::kByteBefore, Cut::kThere, Cut::kByteBehind}) {
      bool was_made = true;
      for (std::size_t frame = 0; was_made; ++frame) {
        SCOPED_TRACE((to_server ? "to server, frame " : "to client, frame ") +
                     std::to_string(frame) + ", place " + std::to_string(static_cast<int>(cut)));
        FrameCut frame_cut(frame, cut);
        net::MemoryLink link;
        (to_server ? link.to_server : link.to_client).cut_behind = std::ref(frame_cut);
        const Ran ran = run_cut_and_again(GetParam(), trees, link);
        was_made = frame_cut.was_made();
        const bool went_well = ran.report && ran.report->outcome == Outcome::kOk;
        if (ran.server_fault) expect_lost(*ran.server_fault);
        if (!went_well) {
          ASSERT_TRUE(!ran.report || ran.report->fatal);
          expect_lost(ran.report ? *ran.report->fatal : ran.report.error());
        }
        if (!was_made) {
          EXPECT_TRUE(went_well);
          EXPECT_GE(frame, 10U) << "too few frames to be what this is about";
        }
      }
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
