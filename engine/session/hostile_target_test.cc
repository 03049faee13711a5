// A TARGET that breaks the protocol: SOURCE ends the session with a fault, and nothing of it is
// touched. Once as the server of a pull, once as the client of a push.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/base/digest.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/hostile_peer_testing.h"
#include "engine/session/limits.h"
#include "engine/session/report_codec.h"
#include "engine/session/serve.h"
#include "engine/transfer/delta_signature.h"

namespace robosync::session {
namespace {

using wire::Type;
using wire::Want;

// The root's record: 0 is larger than a stream's window, 1 a directory, 2 a link, 3 a small file.
constexpr const char* kTree = "big size=20000000\nd/inner = x\nlink -> small\nsmall = content\n";
constexpr std::uint64_t kBig = 0, kDirectory = 1, kLink = 2, kSmall = 3;
constexpr auto kWatchdog = std::chrono::seconds(20);

Frame need(const wire::NeedBatch& needs) { return {Type::kNeed, 0, wire::encode(needs)}; }
Frame credit(const wire::Credit& credit) { return {Type::kCredit, 0, wire::encode(credit)}; }
Frame remove(const wire::Remove& remove) { return {Type::kRemove, 0, wire::encode(remove)}; }

Frame signature(std::string payload) { return {Type::kSignature, 1, std::move(payload)}; }

std::string header(std::uint64_t old_bytes, std::uint32_t block_bytes, std::uint8_t strong_bytes) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(old_bytes >> (8 * i));
  for (int i = 0; i < 4; ++i) out += static_cast<char>(block_bytes >> (8 * i));
  out += static_cast<char>(strong_bytes);
  out.resize(transfer::Signature::kHeaderBytes);
  return out;
}

std::vector<Script> need_scripts() {
  wire::NeedBatch five_deltas;
  for (std::uint32_t stream = 1; stream <= kStreamsMax + 1; ++stream) {
    five_deltas.push_back({{0, kBig}, Want::kDelta, stream});
  }
  return {
      {"a directory never offered", {need({{{99, 0}, Want::kContent, 0}})}},
      {"an entry out of range", {need({{{0, 99}, Want::kContent, 0}})}},
      {"an entry far out of range", {need({{{0, UINT64_MAX}, Want::kContent, 0}})}},
      {"content of a directory", {need({{{0, kDirectory}, Want::kContent, 0}})}},
      {"content of a link", {need({{{0, kLink}, Want::kContent, 0}})}},
      {"a digest on a stream", {need({{{0, kSmall}, Want::kDigest, 1}})}},
      {"a large file without a stream", {need({{{0, kBig}, Want::kContent, 0}})}},
      {"a delta without a stream", {need({{{0, kBig}, Want::kDelta, 0}})}},
      {"a stream twice", {need({{{0, kBig}, Want::kContent, 1}, {{0, kBig}, Want::kContent, 1}})}},
      {"too many deltas", {need(five_deltas)}},
      {"needs that are none", {{Type::kNeed, 0, "\xff\xff\xff\xff"}}},
      {"what was done with",
       {{Type::kDirectoryDone, 0, wire::encode(wire::DirectoryIds{0})},
        need({{{0, kSmall}, Want::kContent, 0}})}},
      {"done with what was not offered",
       {{Type::kDirectoryDone, 0, wire::encode(wire::DirectoryIds{99})}}},
  };
}

std::vector<Script> signature_scripts() {
  const Frame delta = need({{{0, kBig}, Want::kDelta, 1}});
  const std::string good = header(1000, 1000, 8);  // one block
  const std::string record(12, 'r');
  return {
      {"a signature of nothing", {signature(good)}},
      {"a signature of what is sent whole",
       {need({{{0, kBig}, Want::kContent, 1}}), signature(good)}},
      {"a signature without its header", {delta, signature(good.substr(1))}},
      {"blocks of no bytes", {delta, signature(header(1000, 0, 8))}},
      {"blocks without end", {delta, signature(header(UINT64_MAX, 512, 8))}},
      {"blocks that are too large", {delta, signature(header(UINT64_MAX, UINT32_MAX, 8))}},
      {"hashes of no bytes", {delta, signature(header(1000, 1000, 0))}},
      {"hashes that are too long", {delta, signature(header(1000, 1000, 255))}},
      {"more than was announced", {delta, signature(good), signature(record + "x")}},
      {"a signature twice",
       {delta, signature(good), signature(record), signature(good), signature(record)}},
  };
}

std::vector<Script> other_scripts() {
  return {
      {"credit for entries", {credit({kManifestWindow + 1, 0, 0, 0})}},
      {"credit for bundles", {credit({0, 1, 0, 0})}},
      {"credit for a stream",
       {need({{{0, kBig}, Want::kContent, 1}}), credit({0, 0, 1, kStreamWindow + 1})}},
      {"credit that wraps", {credit({UINT64_MAX, 0, 0, 0})}},
      {"bundle credit that wraps", {credit({0, UINT64_MAX, 0, 0})}},
      {"a removal in a copy", {remove({.entry = {0, kSmall}, .digest = {}})}},
      {"a directory from a TARGET", {{Type::kDirectory, 0, {}}}},
      {"a second hello", {{Type::kHello, 0, {}}}},
      {"a second request", {{Type::kRequest, 0, {}}}},
  };
}

std::vector<Script> move_scripts() {
  return {
      {"removal of what was not sent", {remove({.entry = {0, 99}, .digest = {}})}},
      {"removal in a directory never offered", {remove({.entry = {99, 0}, .digest = {}})}},
      {"removal of a file as a directory",
       {remove({.entry = {0, kSmall}, .is_directory = true, .digest = {}})}},
      {"removal of a directory as a file", {remove({.entry = {0, kDirectory}, .digest = {}})}},
  };
}

std::vector<Script> server_scripts() {
  const Frame confirm{Type::kConfirm, 0, encode_deletions({})};
  return {
      {"the same question twice", {confirm, confirm}},
      {"events that are none", {{Type::kEvents, 0, "\xff\xff\xff\xff"}}},
      {"a problem that is none", {{Type::kProblem, 0, "\xff"}}},
      {"progress that is none", {{Type::kProgress, 0, "\xff"}}},
      {"a report that is none", {{Type::kEnd, 0, "\xff"}}},
  };
}

struct Case {
  const char* name;
  std::vector<Script> (*scripts)();
  ClientRole role;  // of the client; TARGET is the hostile one
  Verb verb;
};

class HostileTargetTest : public testing::TestWithParam<Case> {};

base::ErrorKind pull_from_server(fs::MemoryFileSystem& memory, Verb verb, const Script& script) {
  net::MemoryPair pair = net::memory_stream_pair();
  pair.client->set_no_progress_time(kWatchdog);
  pair.server->set_no_progress_time(kWatchdog);
  OpenGate gate(memory);
  const base::Cancellation never;
  Served served;
  std::thread server([&] { served = serve(std::move(pair.server), gate, never); });
  {
    Channel channel(std::move(pair.client));
    EXPECT_TRUE(open_as_client(channel, ClientRole::kTarget, verb, {"/src/"}));
    EXPECT_TRUE(receive_until(channel, Type::kScanEnd));
    play(channel, script, Frame{Type::kEnd, 0, {}});
  }
  server.join();
  return served.fault ? served.fault->kind : base::ErrorKind::kUsage;
}

base::ErrorKind push_to_server(fs::MemoryFileSystem& memory, Verb verb, const Script& script) {
  net::MemoryPair pair = net::memory_stream_pair();
  pair.client->set_no_progress_time(kWatchdog);
  pair.server->set_no_progress_time(kWatchdog);
  std::thread server([&] {
    Channel channel(std::move(pair.server));
    if (!open_as_server(channel) || !receive_until(channel, Type::kScanEnd)) return;
    play(channel, script, Frame{Type::kEnd, 0, encode_report({})});
  });
  Request request;
  request.verb = verb;
  request.sources = {"/src/"};
  request.target = "/dst";
  Opening opening;
  opening.role = ClientRole::kSource;
  opening.verb = verb;
  opening.paths = {request.target};
  const base::Cancellation never;
  apply::Observer observer;
  const auto report = run_client(std::move(pair.client), opening, request, memory, observer, never);
  server.join();
  if (!report) return report.error().kind;
  return report->fatal ? report->fatal->kind : base::ErrorKind::kUsage;
}

TEST_P(HostileTargetTest, EveryBreachEndsTheSession) {
  for (const Script& script : GetParam().scripts()) {
    SCOPED_TRACE(script.name);
    fs::MemoryFileSystem memory;
    memory.build("/src", kTree);
    const std::string before = memory.dump("/");
    const auto run = GetParam().role == ClientRole::kTarget ? &pull_from_server : &push_to_server;
    EXPECT_EQ(run(memory, GetParam().verb, script), base::ErrorKind::kProtocol);
    EXPECT_EQ(memory.dump("/"), before);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, HostileTargetTest,
    testing::Values(Case{"need_pull", &need_scripts, ClientRole::kTarget, Verb::kCopy},
                    Case{"need_push", &need_scripts, ClientRole::kSource, Verb::kCopy},
                    Case{"signature_pull", &signature_scripts, ClientRole::kTarget, Verb::kCopy},
                    Case{"signature_push", &signature_scripts, ClientRole::kSource, Verb::kCopy},
                    Case{"other_pull", &other_scripts, ClientRole::kTarget, Verb::kCopy},
                    Case{"other_push", &other_scripts, ClientRole::kSource, Verb::kCopy},
                    Case{"move_pull", &move_scripts, ClientRole::kTarget, Verb::kMove},
                    Case{"move_push", &move_scripts, ClientRole::kSource, Verb::kMove},
                    Case{"server_push", &server_scripts, ClientRole::kSource, Verb::kCopy}),
    [](const auto& info) { return std::string(info.param.name); });

// As many bytes of a digest as the peer says are none to go by.
TEST(HostileMoveTest, NothingIsRemovedOnTheStrengthOfHalfADigest) {
  const auto hasher = base::make_hasher(base::DigestKind::kSha256);
  hasher->add(std::as_bytes(std::span(std::string_view("content"))));
  const base::Digest good = hasher->finish();
  const auto small_is_left = [&](std::size_t digest_bytes, std::uint64_t size) {
    base::Digest digest = good;
    digest.size = digest_bytes;
    fs::MemoryFileSystem memory;
    memory.build("/src", kTree);
    net::MemoryPair pair = net::memory_stream_pair();
    OpenGate gate(memory);
    const base::Cancellation never;
    std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
    {
      Channel channel(std::move(pair.client));
      EXPECT_TRUE(open_as_client(channel, ClientRole::kTarget, Verb::kMove, {"/src/"}));
      EXPECT_TRUE(receive_until(channel, Type::kScanEnd));
      const Frame wanted = remove({.entry = {0, kSmall}, .size = size, .digest = digest});
      channel.post(wanted.type, wanted.payload);
      EXPECT_TRUE(receive_until(channel, Type::kRemoved));
      play(channel, {}, Frame{Type::kEnd, 0, {}});
    }
    server.join();
    return memory.dump("/src").find("\nsmall") != std::string::npos;
  };
  EXPECT_FALSE(small_is_left(good.size, 7)) << "this test cannot tell";
  EXPECT_TRUE(small_is_left(0, 7));
  EXPECT_TRUE(small_is_left(1, 7));
  EXPECT_TRUE(small_is_left(good.size - 1, 7));
  EXPECT_TRUE(small_is_left(good.size, 6));
}

// Which is not the user's wish: the connection is lost, and made again like any other.
TEST(StoppedServerTest, IsALostConnection) {
  fs::MemoryFileSystem memory;
  memory.build("/src", kTree);
  Report stopped;
  stopped.outcome = Outcome::kCancelled;
  const Script script{"", {{Type::kEnd, 0, encode_report(stopped)}}};
  EXPECT_EQ(push_to_server(memory, Verb::kCopy, script), base::ErrorKind::kConnection);
}

}  // namespace
}  // namespace robosync::session
