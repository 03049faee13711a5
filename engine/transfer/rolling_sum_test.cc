#include "engine/transfer/rolling_sum.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <set>

#include "engine/transfer/delta_testing.h"

namespace robosync::transfer {
namespace {

// The definition, with nothing clever about it.
std::uint32_t by_definition(std::span<const std::byte> data, std::uint32_t multiplier) {
  std::uint32_t sum = 0;
  for (const std::byte byte : data) sum = sum * multiplier + std::to_integer<std::uint32_t>(byte);
  return sum;
}

TEST(RollingSum, IsWhatItsHeaderSaysAtEveryLength) {
  const Bytes random = random_bytes(2000, 1);
  const Bytes highest(2000, std::byte{0xff});
  for (const std::uint64_t seed :
       std::initializer_list<std::uint64_t>{0, 1, 2, ~std::uint64_t{0}}) {
    const RollingSum sum(seed, 64);
    EXPECT_EQ(sum.multiplier() % 8, 5U);
    for (std::size_t length = 0; length <= random.size(); length += length < 1050 ? 1 : 19) {
      for (const Bytes& data : {random, highest}) {
        const auto part = std::span(data).first(length);
        ASSERT_EQ(sum.of(part), by_definition(part, sum.multiplier())) << length;
      }
    }
  }
}

TEST(RollingSum, RollsToTheSumOfTheNextWindow) {
  const Bytes data = random_bytes(3000, 2);
  for (const std::size_t window : std::initializer_list<std::size_t>{64, 255, 256, 257, 1000}) {
    const RollingSum sum(7, window);
    std::uint32_t rolled = sum.of(std::span(data).first(window));
    for (std::size_t at = 1; at + window <= data.size(); ++at) {
      rolled = sum.roll(rolled, data[at - 1], data[at + window - 1]);
      ASSERT_EQ(rolled, sum.of(std::span(data).subspan(at, window))) << window << " " << at;
    }
  }
}

TEST(RollingSum, SeedsGiveDifferentSums) {
  const Bytes data = random_bytes(512, 3);
  std::set<std::uint32_t> sums;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) sums.insert(RollingSum(seed, 512).of(data));
  EXPECT_GT(sums.size(), 995U);
}

// A byte's weight is odd, so no change of one byte goes unseen, and none of two bytes in exchange.
TEST(RollingSum, SeesEveryChangeOfOneByteAndEveryExchange) {
  Bytes data = random_bytes(8192, 4);
  const RollingSum sum(11, data.size());
  const std::uint32_t whole = sum.of(data);
  for (std::size_t at = 0; at < data.size(); at += 3) {
    const std::byte before = data[at];
    data[at] ^= std::byte{0x80};
    EXPECT_NE(sum.of(data), whole);
    data[at] = before;
    const std::size_t other = at ^ 4096U;
    if (data[at] == data[other]) continue;
    std::swap(data[at], data[other]);
    EXPECT_NE(sum.of(data), whole);
    std::swap(data[at], data[other]);
  }
}

}  // namespace
}  // namespace robosync::transfer
