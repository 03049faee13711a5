#include "engine/net/memory_stream_testing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "engine/net/stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;

TEST(MemoryStream, CarriesBytesBothWaysAndEndsInGoodOrder) {
  MemoryPair pair = memory_stream_pair({.buffer_bytes = 3});
  std::thread writer([&] {
    EXPECT_TRUE(send(*pair.client, "what is asked"));
    EXPECT_TRUE(pair.client->finish());
  });
  EXPECT_EQ(receive_all(*pair.server).value_or("failed"), "what is asked");
  writer.join();
  ASSERT_TRUE(send(*pair.server, "ok"));
  EXPECT_EQ(receive(*pair.client, 2).value_or("failed"), "ok");
}

TEST(MemoryStream, TellsBothEndsOfACutAfterTheBytesBeforeIt) {
  MemoryPair pair = memory_stream_pair({.to_server = {.cut_at = 4}});
  EXPECT_EQ(kind_of(send(*pair.client, "12345")), ErrorKind::kConnection);
  EXPECT_EQ(receive(*pair.server, 4).value_or("failed"), "1234");
  EXPECT_EQ(kind_of(receive(*pair.server, 1)), ErrorKind::kConnection);
}

TEST(MemoryStream, IsCutBehindAByteOfTheTestsChoice) {
  MemoryPair pair = memory_stream_pair(
      {.to_server = {.cut_behind = [](std::byte byte) { return byte == std::byte{';'}; }}});
  EXPECT_EQ(kind_of(send(*pair.client, "ab;c")), ErrorKind::kConnection);
  EXPECT_EQ(receive(*pair.server, 3).value_or("failed"), "ab;");
  EXPECT_EQ(kind_of(receive(*pair.server, 1)), ErrorKind::kConnection);
}

TEST(MemoryStream, StallsFromAByteOn) {
  MemoryPair pair = memory_stream_pair({.to_server = {.stall_at = 2}});
  pair.server->set_no_progress_time(std::chrono::milliseconds(20));
  ASSERT_TRUE(send(*pair.client, "123"));
  EXPECT_EQ(receive(*pair.server, 2).value_or("failed"), "12");
  EXPECT_EQ(kind_of(receive(*pair.server, 1)), ErrorKind::kTimeout);
}

TEST(MemoryStream, FlipsOneByteAndTrickles) {
  MemoryPair pair = memory_stream_pair({.to_server = {.flip_at = 1, .read_bytes_max = 1}});
  ASSERT_TRUE(send(*pair.client, "abc"));
  std::array<std::byte, 8> buffer{};
  EXPECT_EQ(pair.server->read_some(buffer).value_or(0), 1U);
  EXPECT_EQ(pair.server->read_some(buffer).value_or(0), 1U);
  EXPECT_EQ(buffer[0], ~std::byte{'b'});
  EXPECT_EQ(receive(*pair.server, 1).value_or("failed"), "c");
}

TEST(MemoryStream, APeerThatIsGoneIsALostConnection) {
  MemoryPair pair = memory_stream_pair();
  ASSERT_TRUE(send(*pair.client, "x"));
  pair.client.reset();
  EXPECT_EQ(receive(*pair.server, 1).value_or("failed"), "x");
  EXPECT_EQ(kind_of(receive(*pair.server, 1)), ErrorKind::kConnection);
  EXPECT_EQ(kind_of(send(*pair.server, "y")), ErrorKind::kConnection);
}

TEST(MemoryStream, AbortWakesAReaderAndAWriter) {
  MemoryPair pair = memory_stream_pair({.buffer_bytes = 1});
  std::thread reader([&] { EXPECT_EQ(kind_of(receive(*pair.client, 1)), ErrorKind::kCancelled); });
  std::thread writer(
      [&] { EXPECT_EQ(kind_of(send(*pair.client, "long")), ErrorKind::kCancelled); });
  pair.client->abort();
  reader.join();
  writer.join();
}

TEST(MemoryStream, AWriterWithoutAReaderTimesOut) {
  MemoryPair pair = memory_stream_pair({.buffer_bytes = 4});
  pair.client->set_no_progress_time(std::chrono::milliseconds(20));
  EXPECT_EQ(kind_of(send(*pair.client, "12345")), ErrorKind::kTimeout);
}

}  // namespace
}  // namespace robosync::net
