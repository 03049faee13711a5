// The block delta from end to end: every byte of the new file is covered, whatever the change.
#include "engine/transfer/delta.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>

#include "engine/transfer/delta_testing.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;

constexpr std::uint32_t kBlock = 128;
constexpr DeltaParameters kSmall{.block_bytes = kBlock, .strong_bytes = 4, .seed = 99};
// Ten blocks and a short one.
constexpr std::size_t kOldBytes = 10 * kBlock + 37;

// Transfers, and expects that the new file came out and was covered once.
DeltaOutcome expect_rebuilt(std::span<const std::byte> old, std::span<const std::byte> now,
                            const DeltaParameters& parameters = kSmall,
                            const DeltaRoute& route = {}) {
  DeltaOutcome outcome = transfer_delta(old, now, parameters, route);
  EXPECT_TRUE(outcome.result) << outcome.result.error().message();
  EXPECT_TRUE(std::ranges::equal(outcome.rebuilt, now));
  EXPECT_EQ(outcome.counters.copied_bytes + outcome.counters.literal_bytes, now.size());
  return outcome;
}

TEST(Delta, OneByteFlippedAtEveryOffset) {
  const Bytes old = random_bytes(kOldBytes, 1);
  for (std::size_t offset = 0; offset < old.size(); ++offset) {
    SCOPED_TRACE(offset);
    Bytes now = old;
    now[offset] ^= std::byte{1};
    const auto outcome = expect_rebuilt(old, now);
    const bool in_short_block = offset >= std::size_t{10} * kBlock;
    EXPECT_EQ(outcome.counters.literal_bytes, in_short_block ? 37U : kBlock);
  }
}

TEST(Delta, InsertionAtEveryOffset) {
  const Bytes old = random_bytes(kOldBytes, 2);
  const Bytes insert = random_bytes(300, 3);
  for (const std::ptrdiff_t count : {1, 127, 128, 129, 300}) {
    for (std::size_t offset = 0; offset <= old.size(); offset += offset < 260 ? 1 : 19) {
      SCOPED_TRACE(std::to_string(count) + " at " + std::to_string(offset));
      Bytes now = old;
      now.insert(now.begin() + static_cast<std::ptrdiff_t>(offset), insert.begin(),
                 insert.begin() + count);
      const auto outcome = expect_rebuilt(old, now);
      // At the end the short block is no longer the end of the file.
      EXPECT_LE(outcome.counters.literal_bytes, static_cast<std::size_t>(count) + kBlock);
    }
  }
}

TEST(Delta, RemovalAtEveryOffset) {
  const Bytes old = random_bytes(kOldBytes, 4);
  for (const std::size_t count : std::initializer_list<std::size_t>{1, 127, 128, 129, 300}) {
    for (std::size_t offset = 0; offset + count <= old.size(); offset += 7) {
      SCOPED_TRACE(std::to_string(count) + " at " + std::to_string(offset));
      Bytes now = old;
      const auto at = now.begin() + static_cast<std::ptrdiff_t>(offset);
      now.erase(at, at + static_cast<std::ptrdiff_t>(count));
      const auto outcome = expect_rebuilt(old, now);
      EXPECT_LE(outcome.counters.literal_bytes, 2 * kBlock);
    }
  }
}

TEST(Delta, TruncationAndGrowthToEverySize) {
  const Bytes whole = random_bytes(3 * kBlock + 5, 5);
  for (std::size_t old_size = 0; old_size <= whole.size(); old_size += 13) {
    for (std::size_t new_size = 0; new_size <= whole.size(); ++new_size) {
      SCOPED_TRACE(std::to_string(old_size) + " to " + std::to_string(new_size));
      const auto old = std::span(whole).first(old_size);
      const auto now = std::span(whole).first(new_size);
      const auto outcome = expect_rebuilt(old, now);
      const std::size_t common = std::min(old_size, new_size) / kBlock * kBlock;
      EXPECT_EQ(outcome.counters.copied_bytes, old_size == new_size ? new_size : common);
    }
  }
}

TEST(Delta, EmptyFiles) {
  const Bytes some = random_bytes(1000, 6);
  EXPECT_EQ(expect_rebuilt({}, {}).operation_bytes, 0U);
  EXPECT_EQ(expect_rebuilt(some, {}).operation_bytes, 0U);
  EXPECT_EQ(expect_rebuilt({}, some).counters.literal_bytes, some.size());
}

TEST(Delta, TheShortLastBlockIsFoundBehindOtherData) {
  const Bytes old = random_bytes(kOldBytes, 7);
  const Bytes other = random_bytes(1000, 8);
  const Bytes now = concat(other, std::span(old).last(37));
  const auto outcome = expect_rebuilt(old, now);
  EXPECT_EQ(outcome.counters.copied_bytes, 37U);
}

TEST(Delta, UnchangedFilesCostAlmostNothing) {
  const Bytes old = random_bytes(1000 * kBlock + 1, 9);
  const auto outcome = expect_rebuilt(old, old);
  EXPECT_EQ(outcome.counters.literal_bytes, 0U);
  EXPECT_LE(outcome.operation_bytes, 4U);
}

TEST(Delta, BlocksInAnotherOrder) {
  const Bytes old = random_bytes(64 * kBlock, 10);
  Bytes now;
  for (std::size_t i = 64; i-- > 0;) now = concat(now, std::span(old).subspan(i * kBlock, kBlock));
  EXPECT_EQ(expect_rebuilt(old, now).counters.literal_bytes, 0U);
}

// The encoder's window moves on many times, whatever it is fed.
TEST(Delta, AnyFeedAndFrameSize) {
  Bytes old = random_bytes(900'001, 11);
  Bytes now = concat(random_bytes(333, 12), old);
  for (std::size_t offset = 5000; offset < now.size(); offset += 50'000)
    now[offset] ^= std::byte{1};
  now = concat(now, random_bytes(600'000, 13));
  const DeltaParameters parameters{.block_bytes = 1024, .strong_bytes = 3, .seed = 5};
  std::uint64_t literals = 0;
  for (const std::size_t feed : std::initializer_list<std::size_t>{7, 4096, 262'144, 5'000'000}) {
    for (const std::size_t frame : std::initializer_list<std::size_t>{64, 1000, 262'144}) {
      SCOPED_TRACE(std::to_string(feed) + " " + std::to_string(frame));
      const auto outcome =
          expect_rebuilt(old, now, parameters, {.feed_bytes = feed, .frame_bytes_max = frame});
      if (literals == 0) literals = outcome.counters.literal_bytes;
      EXPECT_EQ(outcome.counters.literal_bytes, literals);
    }
  }
  EXPECT_LE(literals, 333U + 600'000U + 20 * 1024U);
}

TEST(Delta, RepetitiveDataMatchesAndStaysInRuns) {
  const Bytes zeros(kBlock * 5000);
  const auto same = expect_rebuilt(zeros, zeros);
  EXPECT_LE(same.operation_bytes, 4U);
  // One byte in the middle: two runs and a literal block, not thousands of copies of block 0.
  Bytes now = zeros;
  now[kBlock * 2500 + 3] = std::byte{1};
  const auto outcome = expect_rebuilt(zeros, now);
  EXPECT_LE(outcome.counters.literal_bytes, 2 * kBlock);
  EXPECT_LE(outcome.operation_bytes, 2 * kBlock + 32);

  Bytes alternating;
  const Bytes a = random_bytes(kBlock, 14);
  const Bytes b = random_bytes(kBlock, 15);
  for (int i = 0; i < 2000; ++i) {
    alternating.insert(alternating.end(), a.begin(), a.end());
    alternating.insert(alternating.end(), b.begin(), b.end());
  }
  EXPECT_LE(expect_rebuilt(alternating, alternating).operation_bytes, 4U);
  const auto shifted = expect_rebuilt(alternating, std::span(alternating).subspan(1));
  EXPECT_LE(shifted.counters.literal_bytes, 2 * kBlock);
  EXPECT_LE(shifted.operation_bytes, 2 * kBlock + 32);
}

TEST(Delta, ParametersChosenKeepSmallAndLargeFilesSmall) {
  struct Case {
    std::uint64_t old_bytes;
    std::uint32_t block_bytes;
    std::uint32_t strong_bytes;
  };
  constexpr std::uint64_t kMebi = 1U << 20;
  for (const auto& [old_bytes, block_bytes, strong_bytes] : {
           Case{.old_bytes = 0, .block_bytes = 512, .strong_bytes = 2},
           Case{.old_bytes = 100'000, .block_bytes = 512, .strong_bytes = 2},
           Case{.old_bytes = kMebi, .block_bytes = 1024, .strong_bytes = 2},
           Case{.old_bytes = kMebi + 1, .block_bytes = 2048, .strong_bytes = 2},
           Case{.old_bytes = 64 * kMebi, .block_bytes = 8192, .strong_bytes = 3},
           Case{.old_bytes = 1024 * kMebi, .block_bytes = 8192, .strong_bytes = 4},
           Case{.old_bytes = 8192 * kMebi, .block_bytes = 8192, .strong_bytes = 5},
           Case{.old_bytes = 8192 * kMebi + 1, .block_bytes = 16384, .strong_bytes = 5},
           Case{.old_bytes = 128 * 1024 * kMebi, .block_bytes = 131072, .strong_bytes = 6},
           Case{.old_bytes = 512 * 1024 * kMebi, .block_bytes = 131072, .strong_bytes = 6},
           Case{.old_bytes = kDeltaOldBytesMax,
                .block_bytes = kDeltaBlockBytesMax,
                .strong_bytes = 7},
       }) {
    SCOPED_TRACE(old_bytes);
    const auto chosen = choose_delta_parameters(old_bytes, old_bytes, 3);
    ASSERT_TRUE(chosen);
    EXPECT_EQ(*chosen, (DeltaParameters{
                           .block_bytes = block_bytes, .strong_bytes = strong_bytes, .seed = 3}));
    EXPECT_TRUE(validate(*chosen, old_bytes));
  }
  EXPECT_EQ(choose_delta_parameters(kDeltaOldBytesMax + 1, 1, 3).error().kind, ErrorKind::kLimit);
}

TEST(Delta, LimitsHoldAtTheLimitAndNotOnePast) {
  const auto valid = [](std::uint32_t block, std::uint32_t strong, std::uint64_t old_bytes) {
    const auto result =
        validate({.block_bytes = block, .strong_bytes = strong, .seed = 0}, old_bytes);
    EXPECT_TRUE(result || result.error().kind == ErrorKind::kProtocol);
    return result.has_value();
  };
  EXPECT_TRUE(valid(kDeltaBlockBytesMin, 4, 1000));
  EXPECT_FALSE(valid(kDeltaBlockBytesMin - 1, 4, 1000));
  EXPECT_FALSE(valid(0, 4, 1000));
  EXPECT_TRUE(valid(kDeltaBlockBytesMax, 4, 1000));
  EXPECT_FALSE(valid(kDeltaBlockBytesMax + 1, 4, 1000));
  EXPECT_TRUE(valid(1024, kDeltaStrongBytesMin, 1000));
  EXPECT_FALSE(valid(1024, kDeltaStrongBytesMin - 1, 1000));
  EXPECT_TRUE(valid(1024, kDeltaStrongBytesMax, 1000));
  EXPECT_FALSE(valid(1024, kDeltaStrongBytesMax + 1, 1000));
  EXPECT_TRUE(valid(1024, 4, std::uint64_t{1024} * kDeltaBlocksMax));
  EXPECT_FALSE(valid(1024, 4, std::uint64_t{1024} * kDeltaBlocksMax + 1));
  EXPECT_FALSE(valid(1024, 4, ~std::uint64_t{0}));
}

}  // namespace
}  // namespace robosync::transfer
