#include "harness/run/delay_line.h"

#include <gtest/gtest.h>

namespace robosync::parity {
namespace {

TEST(DelayLine, KeepsEachPacketForItsTime) {
  DelayLine line({.delay_ns = 100});
  EXPECT_FALSE(line.release(0));
  EXPECT_EQ(line.arrive(1, 10), DelayLine::Fate::kHeld);
  EXPECT_EQ(line.arrive(2, 20), DelayLine::Fate::kHeld);
  EXPECT_EQ(line.arrive(3, 21), DelayLine::Fate::kHeld);
  EXPECT_FALSE(line.release(109));
  EXPECT_EQ(line.release(110), 1U);
  EXPECT_FALSE(line.release(119));
  EXPECT_EQ(line.release(500), 3U);
  EXPECT_TRUE(line.empty());
}

TEST(DelayLine, LosesItsShare) {
  const auto lost_of = [](double loss, std::uint64_t seed) {
    DelayLine line({.loss = loss, .seed = seed});
    int lost = 0;
    for (std::uint32_t id = 0; id < 100'000; ++id) {
      if (line.arrive(id, id) == DelayLine::Fate::kLost) ++lost;
    }
    return lost;
  };
  EXPECT_EQ(lost_of(0, 1), 0);
  EXPECT_EQ(lost_of(1, 1), 100'000);
  EXPECT_NEAR(lost_of(0.01, 1), 1000, 150);
  EXPECT_EQ(lost_of(0.01, 1), lost_of(0.01, 1));
}

TEST(DelayLine, HoldsSoManyAndNoMore) {
  DelayLine line({.delay_ns = 1});
  for (std::uint32_t id = 0; id < kHeldPacketsMax; ++id) {
    ASSERT_EQ(line.arrive(id, 0), DelayLine::Fate::kHeld);
  }
  EXPECT_EQ(line.arrive(kHeldPacketsMax, 0), DelayLine::Fate::kLost);
  EXPECT_EQ(line.release(1), kHeldPacketsMax - 1);
  EXPECT_EQ(line.arrive(1, 1), DelayLine::Fate::kHeld);
}

}  // namespace
}  // namespace robosync::parity
