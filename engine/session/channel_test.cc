#include "engine/session/channel.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/net/memory_stream_testing.h"
#include "engine/wire/compression.h"

namespace robosync::session {
namespace {

using base::ErrorKind;
using wire::Type;

constexpr auto kSilence = std::chrono::milliseconds(50);

// What the server receives of `frames` over such a link.
base::Result<Frame> sent_over(const net::MemoryLink& link, Type type, const std::string& payload) {
  net::MemoryPair pair = net::memory_stream_pair(link);
  Channel client(std::move(pair.client));
  Channel server(std::move(pair.server));
  client.post(type, payload, 7);
  EXPECT_TRUE(client.finish());
  return server.receive();
}

// Writes these bytes as they are.
void write(net::Stream& stream, std::string_view bytes) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(bytes));
  ASSERT_TRUE(stream.write(std::span(&piece, 1)));
}

void write_frame(net::Stream& stream, wire::FrameHeader header, const std::string& payload) {
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.checksum = wire::payload_checksum(std::as_bytes(std::span(payload)));
  const wire::FrameHeaderBytes bytes = wire::encode(header);
  write(stream, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) + payload);
}

TEST(ChannelTest, AFrameArrivesAsItWasSent) {
  const auto frame = sent_over({}, Type::kDirectory, "payload");
  ASSERT_TRUE(frame) << frame.error().message();
  EXPECT_EQ(frame->type, Type::kDirectory);
  EXPECT_EQ(frame->stream, 7U);
  EXPECT_EQ(frame->payload, "payload");
}

TEST(ChannelTest, EveryDamagedByteOfAPayloadIsNoticed) {
  const std::string payload = "some bytes";
  for (std::uint64_t at = 0; at < payload.size(); ++at) {
    net::MemoryLink link;
    link.to_server.flip_at = wire::kFrameHeaderBytes + at;
    const auto frame = sent_over(link, Type::kDirectory, payload);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().kind, ErrorKind::kCorrupt) << frame.error().message();
  }
}

// The digest of the file tells of these.
TEST(ChannelTest, ChunksAreNotChecked) {
  net::MemoryLink link;
  link.to_server.flip_at = wire::kFrameHeaderBytes;
  const auto frame = sent_over(link, Type::kChunk, "x");
  ASSERT_TRUE(frame) << frame.error().message();
  EXPECT_NE(frame->payload, "x");
}

TEST(ChannelTest, ASecureCarrierNeedsNoChecksum) {
  net::MemoryLink link;
  link.secure = true;
  link.to_server.flip_at = wire::kFrameHeaderBytes;
  EXPECT_TRUE(sent_over(link, Type::kDirectory, "x"));
}

TEST(ChannelTest, HeartbeatsAreNotSeen) {
  net::MemoryPair pair = net::memory_stream_pair();
  Channel server(std::move(pair.server));
  write_frame(*pair.client, {.type = Type::kPing}, {});
  write_frame(*pair.client, {.type = Type::kPing}, "of some bytes");
  write_frame(*pair.client, {.type = Type::kCancel}, {});
  const auto frame = server.receive();
  ASSERT_TRUE(frame) << frame.error().message();
  EXPECT_EQ(frame->type, Type::kCancel);
}

TEST(ChannelTest, FramesAreSmallUntilThePeerIsAdmitted) {
  const std::string at_limit(wire::kGreetingBytesMax, 'x');
  EXPECT_TRUE(sent_over({}, Type::kHello, at_limit));
  const auto beyond = sent_over({}, Type::kHello, at_limit + "x");
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().kind, ErrorKind::kProtocol);
}

TEST(ChannelTest, CompressionThatWasNotAgreedUponIsRefused) {
  const std::string small = wire::compressed(std::string(1000, 'x')).value_or("");
  for (const bool agreed : {false, true}) {
    net::MemoryPair pair = net::memory_stream_pair();
    Channel server(std::move(pair.server));
    if (agreed) server.agree_on_compression();
    write_frame(*pair.client, {.type = Type::kDirectory, .flags = wire::kFlagCompressed}, small);
    const auto frame = server.receive();
    ASSERT_EQ(frame.has_value(), agreed);
    if (!agreed) {
      EXPECT_EQ(frame.error().kind, ErrorKind::kProtocol);
    }
  }
}

TEST(ChannelTest, ASilentPeerIsGivenUp) {
  net::MemoryPair pair = net::memory_stream_pair();
  pair.server->set_no_progress_time(kSilence);
  Channel server(std::move(pair.server));
  const auto frame = server.receive();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().kind, ErrorKind::kTimeout);
  // Those who send are told why, too.
  const auto sent = server.send(Type::kCancel, {});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::kTimeout);
}

TEST(ChannelTest, APeerThatTakesNothingIsGivenUp) {
  net::MemoryPair pair = net::memory_stream_pair({.buffer_bytes = 1000});
  pair.server->set_no_progress_time(kSilence);
  Channel server(std::move(pair.server));
  base::Result<void> sent;
  for (std::size_t bytes = 0; sent && bytes <= 2 * kQueuedBytesMax; bytes += wire::kFrameBytesMax) {
    sent = server.send(Type::kChunk, std::string(wire::kFrameBytesMax, 'x'));
  }
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::kTimeout);
}

TEST(ChannelTest, AbortWakesWhoReceives) {
  net::MemoryPair pair = net::memory_stream_pair();
  Channel server(std::move(pair.server));
  std::thread other([&] { server.abort(base::make_error(ErrorKind::kCancelled, "stopped")); });
  const auto frame = server.receive();
  other.join();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().kind, ErrorKind::kCancelled);
}

TEST(ChannelTest, TheFirstFaultIsKept) {
  net::MemoryPair pair = net::memory_stream_pair();
  Channel server(std::move(pair.server));
  server.abort(base::make_error(ErrorKind::kProtocol, "first"));
  server.abort(base::make_error(ErrorKind::kCancelled, "second"));
  ASSERT_TRUE(server.fault());
  EXPECT_EQ(server.fault()->kind, ErrorKind::kProtocol);
  const auto frame = server.receive();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().kind, ErrorKind::kProtocol);
}

// The peer may still have to read what we have to say.
TEST(ChannelTest, AnEndBetweenTwoFramesIsNoFaultOfTheConnection) {
  net::MemoryPair pair = net::memory_stream_pair();
  Channel client(std::move(pair.client));
  Channel server(std::move(pair.server));
  ASSERT_TRUE(client.finish());
  const auto frame = server.receive();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().kind, ErrorKind::kConnection);
  EXPECT_FALSE(server.fault());
  ASSERT_TRUE(server.send(Type::kRefuse, "why"));
  ASSERT_TRUE(server.finish());
  const auto told = client.receive();
  ASSERT_TRUE(told) << told.error().message();
  EXPECT_EQ(told->payload, "why");
}

// It refuses, and closes while we still write.
TEST(ChannelTest, WhatThePeerSaidBeforeItClosedIsHeard) {
  net::MemoryPair pair = net::memory_stream_pair();
  Channel client(std::move(pair.client));
  write_frame(*pair.server, {.type = Type::kRefuse}, "why");
  pair.server.reset();
  base::Result<void> sent;
  for (std::size_t bytes = 0; sent && bytes <= 2 * kQueuedBytesMax; bytes += wire::kFrameBytesMax) {
    sent = client.send(Type::kChunk, std::string(wire::kFrameBytesMax, 'x'));
  }
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::kConnection);
  const auto told = client.receive();
  ASSERT_TRUE(told) << told.error().message();
  EXPECT_EQ(told->payload, "why");
  EXPECT_FALSE(client.receive());
}

TEST(ChannelTest, AnEndWithinAFrameIsOne) {
  for (const std::size_t bytes : {std::size_t{3}, wire::kFrameHeaderBytes}) {
    net::MemoryPair pair = net::memory_stream_pair();
    Channel server(std::move(pair.server));
    wire::FrameHeader header{.type = Type::kHello};
    header.payload_bytes = 5;
    const wire::FrameHeaderBytes encoded = wire::encode(header);
    write(*pair.client, {reinterpret_cast<const char*>(encoded.data()), bytes});
    ASSERT_TRUE(pair.client->finish());
    const auto frame = server.receive();
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().kind, ErrorKind::kConnection);
    EXPECT_TRUE(server.fault());
  }
}

}  // namespace
}  // namespace robosync::session
