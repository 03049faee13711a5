#include "engine/transfer/delta_signature.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "engine/transfer/delta_testing.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;

constexpr DeltaParameters kParameters{.block_bytes = 256, .strong_bytes = 5, .seed = 0x123456789};

bool same(const Signature& a, const Signature& b) {
  return a.header() == b.header() && std::ranges::equal(a.records(), b.records());
}

// Pins the bytes that cross the wire: peers of different versions and machines must agree on them.
TEST(Signature, FormOnTheWire) {
  const Bytes old(300, std::byte{'a'});
  const Signature signature = sign(old, kParameters);
  const std::array<std::uint8_t, Signature::kHeaderBytes> header = {
      0x2c, 0x01, 0, 0, 0, 0, 0, 0, 0x00, 0x01, 0, 0, 5, 0x89, 0x67, 0x45, 0x23, 0x01, 0, 0, 0};
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(header)), signature.header()));
  // Computed from the header's words by other means: a loop over the definition, and libxxhash.
  const std::array<std::uint8_t, 18> records = {0x00, 0x3b, 0x5f, 0x58, 0xe6, 0xd9,
                                                0x98, 0xae, 0x68, 0x84, 0xa4, 0xf7,
                                                0x47, 0x1c, 0xcc, 0x8c, 0xa7, 0x7a};
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(records)), signature.records()));
}

TEST(Signature, BuiltInRangesByThreadsIsTheSame) {
  const Bytes old = random_bytes(std::size_t{1000} * 256 + 9, 1);
  SignatureBuilder builder(kParameters, old.size());
  const auto part = [&](std::uint64_t first, std::uint64_t end) {
    for (std::uint64_t block = first; block < end; block += 10) {
      const std::size_t offset = block * 256;
      const std::size_t count =
          std::min<std::size_t>(std::min(block + 10, end) * 256, old.size()) - offset;
      builder.add(block, std::span(old).subspan(offset, count));
    }
  };
  std::thread second(part, 503, 1001);
  part(0, 503);
  second.join();
  EXPECT_TRUE(same(builder.finish(), sign(old, kParameters)));
}

TEST(Signature, ReaderTakesItCutAnywhere) {
  const Signature signature = sign(random_bytes(3000, 2), kParameters);
  for (std::size_t cut = 0; cut <= signature.records().size(); ++cut) {
    auto reader = SignatureReader::start(signature.header());
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->missing_bytes(), signature.records().size());
    ASSERT_TRUE(reader->add(signature.records().first(cut)));
    ASSERT_TRUE(reader->add(signature.records().subspan(cut)));
    const auto read = reader->finish();
    ASSERT_TRUE(read);
    EXPECT_TRUE(same(*read, signature));
    EXPECT_EQ(read->weak(11), signature.weak(11));
    EXPECT_EQ(read->strong(11), signature.strong(11));
  }
}

TEST(Signature, ReaderRefusesTooLittleAndTooMuch) {
  const Signature signature = sign(random_bytes(3000, 3), kParameters);
  auto reader = SignatureReader::start(signature.header());
  ASSERT_TRUE(reader);
  ASSERT_TRUE(reader->add(signature.records().subspan(1)));
  EXPECT_EQ(reader->finish().error().kind, ErrorKind::kProtocol);
  EXPECT_EQ(reader->add(signature.records().first(2)).error().kind, ErrorKind::kProtocol);
  EXPECT_TRUE(reader->add(signature.records().first(1)));
}

TEST(Signature, ReaderChecksTheHeaderBeforeAnythingElse) {
  const auto start = [](std::size_t at, std::uint8_t value) {
    auto header = sign(random_bytes(3000, 4), kParameters).header();
    header[at] = std::byte{value};
    const auto reader = SignatureReader::start(header);
    EXPECT_TRUE(reader || reader.error().kind == ErrorKind::kProtocol);
    return reader.has_value();
  };
  EXPECT_TRUE(start(12, 8));
  EXPECT_FALSE(start(12, 9));
  EXPECT_FALSE(start(12, 0));
  EXPECT_FALSE(start(11, 1));  // a block of 16 MiB
  EXPECT_FALSE(start(9, 0));   // no block at all
  EXPECT_FALSE(start(7, 1));   // 64 PiB
}

TEST(Signature, OfAnEmptyFileHasNoRecords) {
  const Signature signature = sign({}, kParameters);
  EXPECT_TRUE(signature.records().empty());
  auto reader = SignatureReader::start(signature.header());
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->missing_bytes(), 0U);
  EXPECT_TRUE(reader->finish());
}

TEST(Signature, TruncationKeepsTheLowBytes) {
  const Bytes block = random_bytes(256, 5);
  DeltaParameters parameters = kParameters;
  parameters.strong_bytes = 8;
  const std::uint64_t whole = strong_hash(block, parameters);
  for (parameters.strong_bytes = 2; parameters.strong_bytes < 8; ++parameters.strong_bytes) {
    EXPECT_EQ(strong_hash(block, parameters),
              whole & ((std::uint64_t{1} << (8 * parameters.strong_bytes)) - 1));
  }
  parameters.seed = 6;
  EXPECT_NE(strong_hash(block, parameters), whole & ((std::uint64_t{1} << 56) - 1));
}

}  // namespace
}  // namespace robosync::transfer
