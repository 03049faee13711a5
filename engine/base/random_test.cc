#include "engine/base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace robosync::base {
namespace {

// Names made from these must not collide, within a thread or between threads.
TEST(Random, NumbersDifferWithinAndBetweenThreads) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 1000;
  std::vector<std::vector<std::uint64_t>> drawn(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&numbers = drawn[i]] {
      for (std::size_t j = 0; j < kEach; ++j) numbers.push_back(random64());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& numbers : drawn) all.insert(numbers.begin(), numbers.end());
  EXPECT_EQ(all.size(), kThreads * kEach);
}

TEST(Random, AllBitsAreUsed) {
  std::uint64_t ever_set = 0;
  std::uint64_t ever_clear = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t number = random64();
    ever_set |= number;
    ever_clear |= ~number;
  }
  EXPECT_EQ(ever_set, ~std::uint64_t{0});
  EXPECT_EQ(ever_clear, ~std::uint64_t{0});
}

}  // namespace
}  // namespace robosync::base
