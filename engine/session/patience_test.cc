// Clients that send, but get nowhere: a server's patience with them has an end.
#include "engine/session/patience.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/hostile_peer_testing.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using wire::Type;

constexpr milliseconds kBeat{20};
constexpr milliseconds kShort{400};
constexpr milliseconds kLong{60'000};

// What a server makes of a client that says `begin` and then beats until it is cut.
Served served_to(const Patience& patience, const std::function<void(Channel&)>& begin,
                 const std::function<void(Channel&)>& beat) {
  fs::MemoryFileSystem memory;
  memory.build("/src", "a = content\n");
  memory.build("/dst", "");
  net::MemoryPair pair = net::memory_stream_pair();
  OpenGate gate(memory);
  const base::Cancellation never;
  Served served;
  std::thread server([&] { served = serve(std::move(pair.server), gate, never, patience); });
  {
    Channel client(std::move(pair.client));
    begin(client);
    std::thread reading([&] {
      while (client.receive()) {
      }
    });
    const auto until = std::chrono::steady_clock::now() + kLong;
    while (!client.fault() && std::chrono::steady_clock::now() < until) {
      beat(client);
      std::this_thread::sleep_for(kBeat);
    }
    client.abort(base::make_error(ErrorKind::kCancelled, "enough"));
    reading.join();
  }
  server.join();
  return served;
}

void ping(Channel& client) { client.post(Type::kPing, {}); }

void open_pull(Channel& client) {
  ASSERT_TRUE(open_as_client(client, ClientRole::kTarget, Verb::kCopy, {"/src/"}));
}

void expect_given_up(const Served& served, const std::string& why) {
  ASSERT_TRUE(served.fault);
  EXPECT_EQ(served.fault->kind, ErrorKind::kTimeout);
  EXPECT_NE(served.fault->message().find(why), std::string::npos) << served.fault->message();
}

TEST(PatienceTest, WhoOnlyPingsIsGivenUp) {
  const Patience patience{.opening = kLong, .silent = kLong, .stalled = kShort};
  expect_given_up(served_to(patience, open_pull, ping), "nothing but heartbeats");
}

TEST(PatienceTest, WhoOnlyPingsAsASourceIsGivenUp) {
  const Patience patience{.opening = kLong, .silent = kLong, .stalled = kShort};
  const auto open_push = [](Channel& client) {
    ASSERT_TRUE(open_as_client(client, ClientRole::kSource, Verb::kCopy, {"/dst"}));
  };
  expect_given_up(served_to(patience, open_push, ping), "nothing but heartbeats");
}

// Twice as long as its patience, and a little more.
TEST(PatienceTest, WhoSaysSomethingNowAndThenIsNot) {
  const Patience patience{.opening = kLong, .silent = kLong, .stalled = kShort};
  const auto began = std::chrono::steady_clock::now();
  const auto end = began + 3 * kShort;
  std::chrono::steady_clock::time_point said = began;
  const Served served = served_to(patience, open_pull, [&](Channel& client) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) return client.abort(base::make_error(ErrorKind::kCancelled, "enough"));
    if (now - said < kShort / 4) return ping(client);
    said = now;
    client.post(Type::kDirectoryDone, wire::encode(wire::DirectoryIds{}));
  });
  EXPECT_GE(std::chrono::steady_clock::now(), end);
  ASSERT_TRUE(served.fault);
  EXPECT_NE(served.fault->kind, ErrorKind::kTimeout) << served.fault->message();
}

// Of which every byte is progress to the connection.
TEST(PatienceTest, ARequestThatNeverEndsIsGivenUp) {
  const Patience patience{.opening = kShort, .silent = kLong, .stalled = kLong};
  const auto open_only = [](Channel& client) {
    wire::Hello hello;
    hello.major = wire::kVersionMajor;
    ASSERT_TRUE(client.send(Type::kHello, wire::encode(hello)));
    Opening opening{.role = ClientRole::kTarget};
    opening.paths = {"/src/"};
    ASSERT_TRUE(client.send(Type::kOpen, encode(opening)));
  };
  const auto trickle = [](Channel& client) { client.post(Type::kRequest, "x"); };
  expect_given_up(served_to(patience, open_only, trickle), "no complete request");
  expect_given_up(served_to(patience, open_only, ping), "no complete request");
}

// Without one, as `robosync serve --stdio` is started.
TEST(PatienceTest, ZeroIsWithoutEnd) {
  fs::MemoryFileSystem memory;
  net::MemoryPair pair = net::memory_stream_pair();
  Channel channel(std::move(pair.server));
  const Watch watch(channel, {});
  std::this_thread::sleep_for(kShort);
  EXPECT_FALSE(channel.fault());
}

}  // namespace
}  // namespace robosync::session
