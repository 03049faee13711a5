#include "engine/net/relay.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/net/memory_stream_testing.h"

namespace robosync::net {
namespace {

constexpr std::chrono::minutes kLong{5};

base::Result<void> write(Stream& stream, std::string_view bytes) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(bytes));
  return stream.write(std::span(&piece, 1));
}

std::string read_all(Stream& stream) {
  std::string out;
  std::string buffer(1000, '\0');
  for (;;) {
    const auto got = stream.read_some(std::as_writable_bytes(std::span(buffer)));
    if (!got) return out + " and then a fault";
    if (*got == 0) return out;
    out.append(buffer, 0, *got);
  }
}

TEST(Relay, PassesBothWaysUntilBothHaveEnded) {
  MemoryPair left = memory_stream_pair();
  MemoryPair right = memory_stream_pair();
  base::Result<void> done;
  std::thread relaying([&] { done = relay(*left.server, *right.client, kLong); });
  ASSERT_TRUE(write(*left.client, "there"));
  ASSERT_TRUE(left.client->finish());
  EXPECT_EQ(read_all(*right.server), "there");
  ASSERT_TRUE(write(*right.server, "and back"));
  ASSERT_TRUE(right.server->finish());
  EXPECT_EQ(read_all(*left.client), "and back");
  relaying.join();
  EXPECT_TRUE(done);
}

TEST(Relay, AFaultOfOneSideEndsTheOther) {
  MemoryPair left = memory_stream_pair();
  MemoryPair right = memory_stream_pair();
  base::Result<void> done;
  std::thread relaying([&] {
    done = relay(*left.server, *right.client, kLong);
    left.server.reset();
    right.client.reset();
  });
  ASSERT_TRUE(write(*left.client, "begun"));
  left.client.reset();  // without having finished
  relaying.join();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, base::ErrorKind::kConnection);
  EXPECT_TRUE(read_all(*right.server).ends_with(" and then a fault"));
}

TEST(Relay, AClientThatStaysWhenItsSessionIsOverIsCut) {
  MemoryPair left = memory_stream_pair();
  MemoryPair right = memory_stream_pair();
  ASSERT_TRUE(right.server->finish());
  const auto done = relay(*left.server, *right.client, std::chrono::milliseconds(50));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, base::ErrorKind::kTimeout);
}

}  // namespace
}  // namespace robosync::net
