// A client that breaks the opening: the server ends the session with a fault, and touches nothing.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/hostile_peer_testing.h"
#include "engine/session/report_codec.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

using base::ErrorKind;
using wire::Type;

constexpr auto kWatchdog = std::chrono::seconds(20);

Frame hello(std::uint32_t major = wire::kVersionMajor, std::vector<std::string> needed = {}) {
  wire::Hello hello;
  hello.major = major;
  hello.required = std::move(needed);
  return {Type::kHello, 0, wire::encode(hello)};
}

Frame open(ClientRole role, std::vector<std::string> paths) {
  Opening opening;
  opening.role = role;
  opening.paths = std::move(paths);
  return {Type::kOpen, 0, encode(opening)};
}

Frame push() { return open(ClientRole::kSource, {"/dst"}); }

std::string request_bytes(const std::function<void(Request&)>& change = nullptr) {
  SentRequest sent;
  if (change) change(sent.request);
  return *encode_request(sent);
}

std::vector<Frame> with_request(Frame opening, std::string bytes) {
  return {
      hello(), std::move(opening), {Type::kRequest, 0, std::move(bytes)}, {Type::kRequest, 0, {}}};
}

std::vector<Script> opening_scripts() {
  const Frame too_large{Type::kHello, 0, std::string(wire::kGreetingBytesMax + 1, 'x')};
  const Frame large{Type::kOpen, 0, std::string(wire::kGreetingBytesMax + 1, 'x')};
  return {
      {"no hello", {push()}},
      {"a hello that is none", {{Type::kHello, 0, "\xff"}}},
      {"a hello twice", {hello(), hello()}},
      // Read as a frame: no address that a client writes is ever believed.
      {"a proxy's header", {{Type::kHello, 0, "PROXY TCP4 127.0.0.1 127.0.0.1 1 9031\r\n"}}},
      {"another version", {hello(wire::kVersionMajor + 1)}},
      {"a capability that nobody has", {hello(wire::kVersionMajor, {"telepathy"})}},
      {"a large frame before anything", {too_large}},
      {"a large frame before it was admitted", {hello(), large}},
      {"a request before an opening", {hello(), {Type::kRequest, 0, request_bytes()}}},
      {"an opening that is none", {hello(), {Type::kOpen, 0, "\xff"}}},
      {"too many paths",
       {hello(),
        open(ClientRole::kTarget, std::vector<std::string>(kOpeningPathsMax + 1, "/src"))}},
      {"nothing", {}},
  };
}

std::vector<Script> request_scripts() {
  const std::string good = request_bytes();
  const auto changed = [](const std::function<void(Request&)>& change) {
    return with_request(push(), request_bytes(change));
  };
  std::vector<Frame> endless = {hello(), push()};
  for (std::size_t bytes = 0; bytes <= kRequestBytesMax; bytes += wire::kFrameBytesMax) {
    endless.push_back({Type::kRequest, 0, std::string(wire::kFrameBytesMax, 'x')});
  }
  std::vector<Frame> twice = with_request(push(), good);
  twice.push_back({Type::kRequest, 0, good});
  std::vector<Frame> confirmed = with_request(push(), good);
  wire::Roots roots;
  roots.contents.emplace().kind = tree::Kind::kDirectory;
  confirmed.push_back({Type::kRoots, 0, wire::encode(roots)});
  confirmed.push_back({Type::kConfirmed, 0, "\1"});
  return {
      {"an opening twice", {hello(), push(), push()}},
      {"an empty request", {hello(), push(), {Type::kRequest, 0, {}}}},
      {"a request that is none", with_request(push(), "\xff\xff\xff\xff")},
      {"a request with more behind it", with_request(push(), good + "x")},
      {"a request without end", endless},
      {"a request twice", twice},
      {"another verb", changed([](Request& r) { r.verb = Verb::kMirror; })},
      {"a run that only pretends", changed([](Request& r) { r.dry_run = true; })},
      {"an age before all time",
       changed([](Request& r) { r.age_min = std::chrono::nanoseconds::min(); })},
      {"a window without end", changed([](Request& r) { r.modify_window_ns = INT64_MAX; })},
      {"retries without end", changed([](Request& r) { r.retries = UINT32_MAX; })},
      {"a wait without end",
       changed([](Request& r) { r.retry_wait = std::chrono::milliseconds::max(); })},
      {"two targets", with_request(open(ClientRole::kSource, {"/dst", "/src"}), good)},
      {"no target", with_request(open(ClientRole::kSource, {}), good)},
      {"a list of two", with_request(open(ClientRole::kLister, {"/src", "/src"}), good)},
      {"an answer to no question", confirmed},
  };
}

class CountingGate final : public Gatekeeper {
 public:
  explicit CountingGate(fs::FileSystem& file_system) : gate_(file_system) {}
  base::Result<Grant> admit(const Opening& opening, const net::Stream& stream) override {
    ++asked_;
    return gate_.admit(opening, stream);
  }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  OpenGate gate_;
  int asked_ = 0;
};

struct Case {
  const char* name;
  std::vector<Script> (*scripts)();
  int asked;  // how often the gatekeeper is
};

class HostileClientTest : public testing::TestWithParam<Case> {};

TEST_P(HostileClientTest, EveryBreachEndsTheSession) {
  for (const Script& script : GetParam().scripts()) {
    SCOPED_TRACE(script.name);
    fs::MemoryFileSystem memory;
    memory.build("/src", "a = content\n");
    memory.build("/dst", "old = content\n");
    const std::string before = memory.dump("/");
    net::MemoryPair pair = net::memory_stream_pair();
    pair.client->set_no_progress_time(kWatchdog);
    pair.server->set_no_progress_time(kWatchdog);
    CountingGate gate(memory);
    const base::Cancellation never;
    Served served;
    std::thread server([&] { served = serve(std::move(pair.server), gate, never); });
    {
      Channel channel(std::move(pair.client));
      channel.admit();
      play(channel, script);
    }
    server.join();
    ASSERT_TRUE(served.fault);
    const ErrorKind kind = served.fault->kind;
    EXPECT_TRUE(kind == ErrorKind::kProtocol || kind == ErrorKind::kLimit ||
                (script.frames.empty() && kind == ErrorKind::kConnection))
        << served.fault->message();
    EXPECT_EQ(gate.asked(), GetParam().asked);
    EXPECT_EQ(memory.dump("/"), before);
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, HostileClientTest,
                         testing::Values(Case{"opening", &opening_scripts, 0},
                                         Case{"request", &request_scripts, 1}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace robosync::session
