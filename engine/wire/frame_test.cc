#include "engine/wire/frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace robosync::wire {
namespace {

constexpr FrameHeader kChunkHeader{.type = Type::kChunk,
                                   .flags = kFlagCompressed,
                                   .payload_bytes = 0x00012345,
                                   .stream = 0x0a0b0c0d,
                                   .checksum = 0xdeadbeef};

TEST(FrameTest, GoldenHeader) {
  const FrameHeaderBytes bytes = encode(kChunkHeader);
  constexpr std::array<unsigned char, kFrameHeaderBytes> kWanted{0x0f, 0x01, 0x01, 0x00, 0x45, 0x23,
                                                                 0x01, 0x00, 0x0d, 0x0c, 0x0b, 0x0a,
                                                                 0xef, 0xbe, 0xad, 0xde};
  EXPECT_EQ(std::memcmp(bytes.data(), kWanted.data(), bytes.size()), 0);
  const auto back = decode_frame_header(bytes, kFrameBytesMax);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, kChunkHeader);
}

TEST(FrameTest, PayloadsAtTheLimitAndOnePast) {
  for (const std::size_t limit : {kGreetingBytesMax, kFrameBytesMax}) {
    FrameHeader header{.payload_bytes = static_cast<std::uint32_t>(limit)};
    EXPECT_TRUE(decode_frame_header(encode(header), limit));
    ++header.payload_bytes;
    EXPECT_EQ(decode_frame_header(encode(header), limit).error().kind, base::ErrorKind::kProtocol);
  }
}

// The values are the protocol: a type that is renumbered is another protocol.
TEST(FrameTest, ExactlyTheKnownTypesAreTaken) {
  std::string known;
  for (int type = 0; type <= UINT8_MAX; ++type) {
    FrameHeaderBytes bytes = encode(FrameHeader{});
    bytes[0] = static_cast<std::byte>(type);
    if (decode_frame_header(bytes, 0)) known += std::to_string(type) + " ";
  }
  EXPECT_EQ(known,
            "1 2 3 4 5 6 7 10 11 12 13 14 15 16 17 18 19 20 30 31 32 33 34 40 41 42 43 44 45 50 51 "
            "52 60 ");
}

TEST(FrameTest, OtherVersionsFlagsAndReservedBytesAreRefused) {
  for (std::size_t at = 1; at <= 3; ++at) {
    int taken = 0;
    for (int value = 0; value <= UINT8_MAX; ++value) {
      FrameHeaderBytes bytes = encode(FrameHeader{});
      bytes[at] = static_cast<std::byte>(value);
      if (decode_frame_header(bytes, 0)) ++taken;
    }
    EXPECT_EQ(taken, at == 1 ? 2 : 1) << "byte " << at;  // compressed or not
  }
}

TEST(FrameTest, ChecksumsNoticeEveryFlippedByteAndAreNeverZero) {
  std::string payload(300, 'x');
  const auto sum = [&] { return payload_checksum(std::as_bytes(std::span(payload))); };
  const std::uint32_t good = sum();
  EXPECT_NE(good, 0U);
  for (char& byte : payload) {
    byte = static_cast<char>(~byte);
    EXPECT_NE(sum(), good);
    byte = static_cast<char>(~byte);
  }
}

}  // namespace
}  // namespace robosync::wire
