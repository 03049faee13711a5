// The encoder's operations one by one, and what hostile signatures may cost.
#include "engine/transfer/delta_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "engine/transfer/delta_testing.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;
using base::Result;
using Operation = RecordingSink::Operation;

constexpr std::uint32_t kBlock = 256;
constexpr DeltaParameters kParameters{.block_bytes = kBlock, .strong_bytes = 4, .seed = 17};

Operation copy_of(std::uint32_t first, std::uint32_t count) {
  return {.run = {.first = first, .count = count}, .literal = {}};
}

Operation literal_of(std::span<const std::byte> bytes) {
  return {.run = {}, .literal = Bytes(bytes.begin(), bytes.end())};
}

std::vector<Operation> operations(const Signature& signature, std::span<const std::byte> now) {
  RecordingSink sink;
  DeltaEncoder encoder(signature, sink);
  EXPECT_TRUE(encoder.feed(now));
  EXPECT_TRUE(encoder.finish());
  return sink.operations;
}

TEST(DeltaEncoder, AnEditInPlaceIsTwoRunsAndALiteralBlock) {
  const Bytes old = random_bytes(8 * kBlock + 10, 1);
  Bytes now = old;
  now[3 * kBlock + 5] ^= std::byte{1};
  EXPECT_EQ(operations(sign(old, kParameters), now),
            (std::vector{copy_of(0, 3), literal_of(std::span(now).subspan(3 * kBlock, kBlock)),
                         copy_of(4, 5)}));
}

TEST(DeltaEncoder, AnInsertionIsJustThat) {
  const Bytes old = random_bytes(4 * kBlock, 2);
  const Bytes insert = random_bytes(5, 3);
  const auto front = std::span(old).first(kBlock);
  const auto back = std::span(old).subspan(kBlock);
  EXPECT_EQ(operations(sign(old, kParameters), concat(concat(front, insert), back)),
            (std::vector{copy_of(0, 1), literal_of(insert), copy_of(1, 3)}));
}

// Of many equal blocks, the one that an edit in place would have left where it is.
TEST(DeltaEncoder, AnEditAmongEqualBlocksGoesOnInPlace) {
  const Bytes old(10 * kBlock);
  const Bytes edit = random_bytes(3 * kBlock, 13);
  Bytes now = old;
  std::ranges::copy(edit, now.begin() + 4 * kBlock);
  EXPECT_EQ(operations(sign(old, kParameters), now),
            (std::vector{copy_of(0, 4), literal_of(edit), copy_of(7, 3)}));
}

TEST(DeltaEncoder, RunsAreEmittedWhenTheyAreLong) {
  const std::uint32_t limit = DeltaEncoder::kRunBytesMax / kBlock;
  const Bytes zeros(DeltaEncoder::kRunBytesMax + kBlock);
  EXPECT_EQ(operations(sign(zeros, kParameters), zeros),
            (std::vector{copy_of(0, limit), copy_of(limit, 1)}));
}

TEST(DeltaEncoder, LiteralsAreCutAtTheirLimit) {
  const Bytes now = random_bytes(2 * kDeltaLiteralBytesMax + 1, 4);
  const auto made = operations(sign({}, kParameters), now);
  Bytes joined;
  for (const Operation& operation : made) {
    EXPECT_EQ(operation.run.count, 0U);
    EXPECT_LE(operation.literal.size(), kDeltaLiteralBytesMax);
    joined = concat(joined, operation.literal);
  }
  EXPECT_EQ(joined, now);
}

TEST(DeltaEncoder, ReadingStraightIntoItsRoomIsTheSame) {
  const Bytes old = random_bytes(700'000, 5);
  const Bytes now = concat(random_bytes(100, 6), old);
  const Signature signature = sign(old, kParameters);
  RecordingSink sink;
  DeltaEncoder encoder(signature, sink);
  for (auto rest = std::span(now); !rest.empty();) {
    const auto room = encoder.room();
    ASSERT_FALSE(room.empty());
    const std::size_t count = std::min({room.size(), rest.size(), std::size_t{100'000}});
    std::memcpy(room.data(), rest.data(), count);
    ASSERT_TRUE(encoder.advance(count));
    rest = rest.subspan(count);
  }
  ASSERT_TRUE(encoder.finish());
  EXPECT_EQ(sink.operations, operations(signature, now));
}

// A signature from a peer that says what it likes: block i has the sum 0 and the strong hash that
// `strong` says.
Signature forged(std::uint32_t blocks, const std::function<std::uint32_t(std::uint32_t)>& strong) {
  const std::uint64_t old_bytes = std::uint64_t{blocks} * kBlock;
  auto header = sign({}, kParameters).header();
  for (std::size_t i = 0; i < 8; ++i) header[i] = static_cast<std::byte>(old_bytes >> (8 * i));
  auto reader = SignatureReader::start(header);
  Bytes records(std::size_t{blocks} * 8);
  for (std::uint32_t block = 0; block < blocks; ++block) {
    for (std::size_t i = 0; i < 4; ++i) {
      records[std::size_t{block} * 8 + 4 + i] = static_cast<std::byte>(strong(block) >> (8 * i));
    }
  }
  EXPECT_TRUE(reader->add(records));
  return *reader->finish();
}

std::uint32_t itself(std::uint32_t block) { return block; }

// Zeros have the sum 0 at every offset, and here a million blocks claim it: without bounds on both
// the places looked at and the bytes hashed, this test would not end.
TEST(DeltaEncoder, AMillionEqualWeakSumsCostBoundedWork) {
  const Signature signature = forged(1'000'000, itself);
  RecordingSink sink;
  DeltaEncoder encoder(signature, sink);
  const Bytes zeros(1U << 20);
  std::uint64_t fed = 0;
  for (int i = 0; i < 8; ++i, fed += zeros.size()) ASSERT_TRUE(encoder.feed(zeros));
  ASSERT_TRUE(encoder.finish());
  const DeltaEncoder::Counters& counters = encoder.counters();
  EXPECT_EQ(counters.literal_bytes, fed);
  EXPECT_LE(counters.false_candidates * kBlock,
            DeltaEncoder::kStrongWorkStart + fed * DeltaEncoder::kStrongWorkPerByte);
  EXPECT_GT(counters.refused_candidates, counters.false_candidates);
}

TEST(DeltaIndex, LooksAtABoundedNumberOfPlaces) {
  const Signature signature = forged(1000, itself);
  DeltaIndex index(signature);
  EXPECT_TRUE(index.has(0));
  // Records beyond the places of one sum are left out, and asking for them is answered.
  std::size_t found = 0;
  for (std::uint64_t block = 0; block < 1000; ++block) {
    if (index.find(0, signature.strong(block))) ++found;
  }
  EXPECT_EQ(found, DeltaIndex::kProbesMax);
}

TEST(DeltaIndex, EqualBlocksDoNotTakeTheOthersPlaces) {
  const Signature signature = forged(1000, [](std::uint32_t block) { return block / 999; });
  const DeltaIndex index(signature);
  EXPECT_EQ(index.find(0, 0), 0U);
  EXPECT_EQ(index.find(0, 1), 999U);
}

TEST(DeltaIndex, FindsByBothSums) {
  const Bytes zeros(std::size_t{1000} * kBlock);
  const Bytes other = random_bytes(kBlock, 7);
  const Signature signature = sign(concat(zeros, other), kParameters);
  const DeltaIndex index(signature);
  EXPECT_EQ(index.find(0, signature.strong(0)), 0U);
  EXPECT_EQ(index.find(signature.weak(1000), signature.strong(1000)), 1000U);
  EXPECT_FALSE(index.find(0, signature.strong(1000)));
  EXPECT_FALSE(index.has(signature.weak(1000) + 1));
}

TEST(DeltaIndex, FindsEveryBlockOfAnHonestSignature) {
  const Bytes old = random_bytes(std::size_t{20'000} * kBlock, 8);
  const Signature signature = sign(old, kParameters);
  const DeltaIndex index(signature);
  for (std::uint32_t block = 0; block < 20'000; ++block) {
    ASSERT_TRUE(index.has(signature.weak(block)));
    ASSERT_EQ(index.find(signature.weak(block), signature.strong(block)), block);
  }
}

TEST(DeltaIndex, ScanStopsWhereOneStepAtATimeWould) {
  const Bytes old = random_bytes(std::size_t{500} * kBlock, 9);
  const Signature signature = sign(old, kParameters);
  const DeltaIndex index(signature);
  Bytes data = random_bytes(100'000, 10);
  // Old blocks at all offsets modulo four and more, so that there is something to stop at.
  constexpr std::size_t kEvery = 331;
  for (std::size_t at = 0; at + kBlock <= data.size(); at += kEvery) {
    std::ranges::copy(std::span(old).subspan(at / kEvery * kBlock, kBlock),
                      data.begin() + static_cast<std::ptrdiff_t>(at));
  }
  std::size_t stops = 0;
  const std::size_t last = data.size() - kBlock;
  for (std::size_t at = 0; at < last;) {
    std::uint32_t weak = index.sum().of(std::span(data).subspan(at, kBlock));
    std::size_t expected = 0;
    std::uint32_t expected_weak = weak;
    const std::size_t steps = std::min<std::size_t>(last - at, at % 3 == 0 ? 1 : 1000);
    do {
      expected_weak =
          index.sum().roll(expected_weak, data[at + expected], data[at + expected + kBlock]);
      ++expected;
    } while (expected < steps && !index.has(expected_weak));
    if (index.has(expected_weak)) ++stops;
    ASSERT_EQ(index.scan(&data[at], steps, weak), expected);
    ASSERT_EQ(weak, expected_weak);
    at += expected;
  }
  EXPECT_GE(stops, data.size() / kEvery - 1);
}

class FailingSink final : public DeltaSink {
 public:
  Result<void> copy(BlockRun) override { return fail(); }
  Result<void> literal(std::span<const std::byte>) override { return fail(); }

 private:
  static Result<void> fail() {
    return base::fail(base::make_error(ErrorKind::kConnection, "sink"));
  }
};

TEST(DeltaEncoder, PassesTheSinksErrorOn) {
  const Bytes old = random_bytes(4 * kBlock, 11);
  const Signature signature = sign(old, kParameters);
  FailingSink sink;
  DeltaEncoder copies(signature, sink);
  ASSERT_TRUE(copies.feed(old));
  EXPECT_EQ(copies.finish().error().kind, ErrorKind::kConnection);
  DeltaEncoder literals(signature, sink);
  EXPECT_EQ(literals.feed(random_bytes(1'000'000, 12)).error().kind, ErrorKind::kConnection);
}

}  // namespace
}  // namespace robosync::transfer
