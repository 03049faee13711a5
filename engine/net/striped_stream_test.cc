#include "engine/net/striped_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>

#include "engine/net/memory_stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

constexpr milliseconds kSilence{200};

struct Ends {
  StreamPtr client;
  StreamPtr server;
};

// The server gets the streams in another order than the client.
Ends striped(const std::vector<MemoryLink>& links) {
  std::vector<StreamPtr> client;
  std::vector<StreamPtr> server;
  for (const MemoryLink& link : links) {
    MemoryPair pair = memory_stream_pair(link);
    client.push_back(std::move(pair.client));
    server.insert(server.begin(), std::move(pair.server));
  }
  return {striped_stream(std::move(client)), striped_stream(std::move(server))};
}

std::string noise(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(bytes, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

base::Result<void> write(Stream& stream, std::string_view bytes) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(bytes));
  return stream.write(std::span(&piece, 1));
}

base::Result<std::string> read_all(Stream& stream) {
  std::string out;
  std::string buffer(50'000, '\0');
  for (;;) {
    ROBOSYNC_ASSIGN(const std::size_t got,
                    stream.read_some(std::as_writable_bytes(std::span(buffer))));
    if (got == 0) return out;
    out.append(buffer, 0, got);
  }
}

std::string block(std::uint64_t number, std::uint32_t size, const std::string& bytes) {
  std::string out;
  for (unsigned i = 0; i < 8; ++i) out += static_cast<char>(number >> (8 * i));
  for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(size >> (8 * i));
  return out + bytes;
}

ErrorKind kind_of(const base::Result<std::string>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorKind::kUsage : result.error().kind;
}

TEST(StripedStream, BytesArriveInOrderBothWays) {
  const std::vector<std::vector<MemoryLink>> cases = {
      {{}},
      {{}, {}},
      // Some take one byte at a time, or hardly any at all.
      {{}, {.to_server = {.read_bytes_max = 1000}}, {.buffer_bytes = 100}, {}},
      std::vector<MemoryLink>(kStripesMax)};
  for (const std::vector<MemoryLink>& links : cases) {
    Ends ends = striped(links);
    const std::string there = noise(3'000'000, 1);
    const std::string back = noise(1'000'000, 2);
    std::thread client([&] {
      std::mt19937 random(3);
      for (std::size_t at = 0; at < there.size();) {
        const std::size_t count = 1 + random() % 200'000;
        EXPECT_TRUE(write(*ends.client, std::string_view(there).substr(at, count)));
        at += count;
      }
      EXPECT_TRUE(ends.client->finish());
    });
    std::thread server([&] {
      EXPECT_TRUE(write(*ends.server, back));
      EXPECT_TRUE(ends.server->finish());
    });
    EXPECT_EQ(read_all(*ends.server).value_or("a fault"), there);
    client.join();
    EXPECT_EQ(read_all(*ends.client).value_or("a fault"), back);
    server.join();
  }
}

TEST(StripedStream, WhatWasReadAheadComesFirst) {
  MemoryPair pair = memory_stream_pair();
  const std::string all = block(0, 5, "first") + block(1, 6, "second");
  std::vector<StreamPtr> streams;
  streams.push_back(std::move(pair.server));
  const StreamPtr stream = striped_stream(std::move(streams), all.substr(0, 20));
  ASSERT_TRUE(write(*pair.client, all.substr(20)));
  ASSERT_TRUE(pair.client->finish());
  EXPECT_EQ(read_all(*stream).value_or("a fault"), "firstsecond");
}

TEST(StripedStream, AConnectionThatIsLostLosesAll) {
  for (const std::uint64_t at : {0U, 5U, 40'000U, 200'000U}) {
    Ends ends = striped({{}, {.to_server = {.cut_at = at}}, {}});
    std::thread client([&] {
      base::Result<void> written;
      for (int i = 0; i < 100 && written; ++i) written = write(*ends.client, noise(50'000, 4));
      ends.client.reset();
    });
    EXPECT_EQ(kind_of(read_all(*ends.server)), ErrorKind::kConnection);
    ends.server->abort();
    client.join();
  }
}

// Where one connection swallows what it gets, what came over the others has to wait for it, and
// does so within bounds.
TEST(StripedStream, AConnectionThatStandsStillIsGivenUp) {
  Ends ends = striped({{.to_server = {.stall_at = 100'000}}, {}, {}});
  ends.server->set_no_progress_time(kSilence);
  std::uint64_t taken = 0;
  std::thread client([&] {
    const std::string bytes = noise(kStripeBlockBytes, 5);
    while (write(*ends.client, bytes)) taken += bytes.size();
  });
  EXPECT_EQ(kind_of(read_all(*ends.server)), ErrorKind::kTimeout);
  ends.server.reset();
  client.join();
  EXPECT_GT(taken, kStripeAheadBytesMax / 2);
  EXPECT_LT(taken, kStripeAheadBytesMax + 4'000'000);
}

TEST(StripedStream, ASilentPeerIsGivenUpInBothDirections) {
  Ends ends = striped({{.buffer_bytes = 1000}, {.buffer_bytes = 1000}});
  ends.client->set_no_progress_time(kSilence);
  EXPECT_EQ(kind_of(read_all(*ends.client)), ErrorKind::kTimeout);
  // Nobody reads what the server's end has taken over.
  base::Result<void> written;
  for (int i = 0; i < 2000 && written; ++i) written = write(*ends.client, noise(50'000, 6));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kTimeout);
}

// What goes out (heartbeats do, whatever happens) is no sign of life of a peer.
TEST(StripedStream, WhoHearsNothingGivesUpWhateverItSays) {
  constexpr int kSayings = 100;
  Ends ends = striped({{}, {}});
  ends.client->set_no_progress_time(kSilence);
  std::atomic<bool> given_up{false};
  std::atomic<int> said{0};
  std::thread taker([&] { (void)read_all(*ends.server); });
  std::thread speaker([&] {
    for (; said < kSayings && !given_up && write(*ends.client, noise(10, 7)); ++said) {
      std::this_thread::sleep_for(kSilence / 10);
    }
  });
  EXPECT_EQ(kind_of(read_all(*ends.client)), ErrorKind::kTimeout);
  given_up = true;
  speaker.join();
  EXPECT_LT(said, kSayings);
  ends.client.reset();
  taker.join();
}

TEST(StripedStream, AbortWakesWhoWaits) {
  Ends ends = striped({{}, {}});
  std::thread other([&] { ends.client->abort(); });
  EXPECT_EQ(kind_of(read_all(*ends.client)), ErrorKind::kCancelled);
  other.join();
  EXPECT_FALSE(write(*ends.client, "x"));
  ends.client.reset();
  EXPECT_EQ(kind_of(read_all(*ends.server)), ErrorKind::kConnection);
}

TEST(StripedStream, BlocksThatMakeNoSenseAreRefused) {
  const std::string fits(kStripeBlockBytes, 'x');
  for (const std::string& bytes :
       {block(0, 0, ""), block(0, kStripeBlockBytes + 1, fits + "x"),
        block(0, 1, "a") + block(0, 1, "b"), block(0, 1, "a") + std::string("abc"),
        block(0, 1, "a") + block(1, 1, "b") + block(2, 1, "c") + block(2, 1, "d")}) {
    MemoryPair pair = memory_stream_pair();
    std::vector<StreamPtr> streams;
    streams.push_back(std::move(pair.server));
    const StreamPtr stream = striped_stream(std::move(streams));
    ASSERT_TRUE(write(*pair.client, bytes));
    ASSERT_TRUE(pair.client->finish());
    EXPECT_EQ(kind_of(read_all(*stream)), ErrorKind::kProtocol);
  }
}

TEST(StripedStream, AtTheLimitABlockIsTaken) {
  const std::string fits(kStripeBlockBytes, 'x');
  MemoryPair pair = memory_stream_pair();
  std::vector<StreamPtr> streams;
  streams.push_back(std::move(pair.server));
  const StreamPtr stream = striped_stream(std::move(streams));
  ASSERT_TRUE(write(*pair.client, block(0, kStripeBlockBytes, fits)));
  ASSERT_TRUE(pair.client->finish());
  EXPECT_EQ(read_all(*stream).value_or("a fault"), fits);
}

// All connections have ended in good order, and yet there is a gap.
TEST(StripedStream, AGapAtTheEndIsAFault) {
  MemoryPair pair = memory_stream_pair();
  std::vector<StreamPtr> streams;
  streams.push_back(std::move(pair.server));
  const StreamPtr stream = striped_stream(std::move(streams));
  ASSERT_TRUE(write(*pair.client, block(1, 1, "b")));
  ASSERT_TRUE(pair.client->finish());
  EXPECT_EQ(kind_of(read_all(*stream)), ErrorKind::kConnection);
}

}  // namespace
}  // namespace robosync::net
