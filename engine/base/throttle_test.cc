#include "engine/base/throttle.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <thread>

#include "engine/base/cancellation.h"

namespace robosync::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(Throttle, WithoutALimitNobodyWaits) {
  const Cancellation never;
  Throttle throttle(0);
  EXPECT_FALSE(throttle.active());
  const auto begin = steady_clock::now();
  for (int i = 0; i < 1000; ++i) throttle.take(std::uint64_t{1} << 40, never);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(20));
}

// No upper bound on the time: the machine may be busy. It must never be faster than the limit.
TEST(Throttle, KeepsToTheRate) {
  const Cancellation never;
  Throttle throttle(1'000'000);
  EXPECT_TRUE(throttle.active());
  const auto begin = steady_clock::now();
  for (int i = 0; i < 11; ++i) throttle.take(10'000, never);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(99)) << "the first piece is free, ten wait";
}

TEST(Throttle, ThreadsShareTheRate) {
  const Cancellation never;
  Throttle throttle(1'000'000);
  const auto begin = steady_clock::now();
  const auto take = [&] {
    for (int i = 0; i < 5; ++i) throttle.take(10'000, never);
  };
  std::thread other(take);
  take();
  other.join();
  EXPECT_GE(steady_clock::now() - begin, milliseconds(89));
}

TEST(Throttle, AnIdleTimeIsNotSavedUp) {
  const Cancellation never;
  Throttle throttle(1'000'000);
  throttle.take(1, never);
  std::this_thread::sleep_for(milliseconds(60));
  const auto begin = steady_clock::now();
  for (int i = 0; i < 6; ++i) throttle.take(10'000, never);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(49));
}

TEST(Throttle, CancellationEndsTheWait) {
  Cancellation cancellation;
  Throttle throttle(1);
  throttle.take(1'000'000, cancellation);  // the next one would wait for eleven days
  std::thread canceller([&] {
    std::this_thread::sleep_for(milliseconds(20));
    cancellation.request();
  });
  const auto begin = steady_clock::now();
  throttle.take(1, cancellation);
  canceller.join();
  EXPECT_TRUE(cancellation.requested());
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Throttle, PiecesAreATenthOfASecondWithinLimits) {
  EXPECT_EQ(Throttle(1).piece_bytes(), 4096U);
  EXPECT_EQ(Throttle(40'960).piece_bytes(), 4096U);
  EXPECT_EQ(Throttle(1'000'000).piece_bytes(), 100'000U);
  EXPECT_EQ(Throttle(1'000'000'000'000).piece_bytes(), 1024U * 1024U);
}

}  // namespace
}  // namespace robosync::base
