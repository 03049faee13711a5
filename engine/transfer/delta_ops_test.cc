#include "engine/transfer/delta_ops.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "engine/transfer/delta_testing.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;
using base::Result;
using Operation = RecordingSink::Operation;

Bytes bytes_of(std::initializer_list<unsigned> values) {
  Bytes bytes;
  for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

Operation copy_of(std::uint32_t first, std::uint32_t count) {
  return {.run = {.first = first, .count = count}, .literal = {}};
}

struct Frames {
  std::vector<Bytes> frames;
  DeltaOpWriter::Emit emit() {
    return [this](std::span<const std::byte> frame) -> Result<void> {
      frames.emplace_back(frame.begin(), frame.end());
      return {};
    };
  }
};

ErrorKind error_of(const Bytes& frame) {
  RecordingSink sink;
  DeltaOpReader reader;
  const auto result = reader.read(frame, sink);
  // Each frame here is one operation, so the sink must not see a part of it.
  EXPECT_EQ(sink.operations.empty(), !result);
  return result ? ErrorKind::kUsage : result.error().kind;
}

// Pins the bytes that cross the wire.
TEST(DeltaOps, FormOnTheWire) {
  Frames frames;
  DeltaOpWriter writer(1000, frames.emit());
  ASSERT_TRUE(writer.copy({.first = 0, .count = 3}));
  ASSERT_TRUE(writer.literal(bytes_of({7, 8})));
  ASSERT_TRUE(writer.copy({.first = 4, .count = 64}));
  ASSERT_TRUE(writer.copy({.first = 66, .count = 1}));
  ASSERT_TRUE(writer.flush());
  ASSERT_EQ(frames.frames.size(), 1U);
  EXPECT_EQ(frames.frames[0], bytes_of({7, 0, 4, 7, 8, 0x81, 1, 2, 3, 3}));
  ASSERT_TRUE(writer.flush());
  EXPECT_EQ(frames.frames.size(), 1U);
}

TEST(DeltaOps, ComeBackAsTheyWereFromFramesOfAnySize) {
  std::vector<Operation> all;
  all.push_back(copy_of(kDeltaBlocksMax - 1, 1));
  all.push_back(copy_of(0, kDeltaBlocksMax));
  all.push_back({.run = {}, .literal = random_bytes(kDeltaLiteralBytesMax, 1)});
  for (std::uint32_t i = 0; i < 500; ++i) {
    all.push_back(copy_of(i * 7919 % 100'000, i % 130 + 1));
    all.push_back({.run = {}, .literal = random_bytes(i % 70 + 1, i)});
  }
  for (const std::size_t frame_bytes : std::initializer_list<std::size_t>{64, 65, 1000, 262'144}) {
    Frames frames;
    DeltaOpWriter writer(frame_bytes, frames.emit());
    for (const Operation& operation : all) {
      const auto written =
          operation.run.count != 0 ? writer.copy(operation.run) : writer.literal(operation.literal);
      ASSERT_TRUE(written);
    }
    ASSERT_TRUE(writer.flush());
    RecordingSink sink;
    DeltaOpReader reader;
    for (const Bytes& frame : frames.frames) {
      ASSERT_FALSE(frame.empty());
      ASSERT_LE(frame.size(), frame_bytes);
      ASSERT_TRUE(reader.read(frame, sink));
    }
    // Literals may have been cut where a frame ended.
    std::vector<Operation> joined;
    for (Operation& operation : sink.operations) {
      const bool goes_on =
          operation.run.count == 0 && !joined.empty() && joined.back().run.count == 0;
      if (goes_on) {
        joined.back().literal = concat(joined.back().literal, operation.literal);
      } else {
        joined.push_back(std::move(operation));
      }
    }
    EXPECT_EQ(joined, all) << frame_bytes;
  }
}

TEST(DeltaOps, MalformedOnesAreRefused) {
  EXPECT_EQ(error_of(bytes_of({3, 0})), ErrorKind::kUsage);              // fine: one block
  EXPECT_EQ(error_of(bytes_of({0})), ErrorKind::kProtocol);              // an empty literal
  EXPECT_EQ(error_of(bytes_of({1, 0})), ErrorKind::kProtocol);           // an empty copy
  EXPECT_EQ(error_of(bytes_of({3})), ErrorKind::kProtocol);              // no block number
  EXPECT_EQ(error_of(bytes_of({0x83})), ErrorKind::kProtocol);           // a number cut short
  EXPECT_EQ(error_of(bytes_of({3, 1})), ErrorKind::kProtocol);           // block -1
  EXPECT_EQ(error_of(bytes_of({4, 7})), ErrorKind::kProtocol);           // a literal cut short
  EXPECT_EQ(error_of(bytes_of({0x83, 0x00, 0})), ErrorKind::kProtocol);  // not the shortest form
  EXPECT_EQ(error_of(bytes_of({0x83, 0x80, 0x80, 0x80, 0x80, 1, 0})), ErrorKind::kProtocol);
  EXPECT_EQ(error_of(bytes_of({0xff, 0xff, 0xff, 0xff, 0xff})), ErrorKind::kProtocol);
}

TEST(DeltaOps, LimitsHoldAtTheLimitAndNotOnePast) {
  // 2 * kDeltaBlocksMax + 1 and two more, as varints.
  EXPECT_EQ(error_of(bytes_of({0x81, 0x80, 0x80, 0x04, 0})), ErrorKind::kUsage);
  EXPECT_EQ(error_of(bytes_of({0x83, 0x80, 0x80, 0x04, 0})), ErrorKind::kProtocol);
  // One block, the last one there can be and the one behind.
  EXPECT_EQ(error_of(bytes_of({3, 0xfe, 0xff, 0xff, 0x03})), ErrorKind::kUsage);
  EXPECT_EQ(error_of(bytes_of({3, 0x80, 0x80, 0x80, 0x04})), ErrorKind::kProtocol);
  // A literal of 128 KiB and one of a byte more.
  const Bytes content(kDeltaLiteralBytesMax + 1);
  EXPECT_EQ(error_of(concat(bytes_of({0x80, 0x80, 0x10}), std::span(content).subspan(1))),
            ErrorKind::kUsage);
  EXPECT_EQ(error_of(concat(bytes_of({0x82, 0x80, 0x10}), content)), ErrorKind::kProtocol);
}

TEST(DeltaOps, ErrorsOfEmitAndSinkPassThrough) {
  DeltaOpWriter writer(64, [](std::span<const std::byte>) -> Result<void> {
    return base::fail(base::make_error(ErrorKind::kConnection, "emit"));
  });
  EXPECT_EQ(writer.literal(random_bytes(200, 1)).error().kind, ErrorKind::kConnection);
}

}  // namespace
}  // namespace robosync::transfer
