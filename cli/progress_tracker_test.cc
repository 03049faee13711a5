#include "cli/progress_tracker.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace robosync::cli {
namespace {

using namespace std::chrono_literals;

TEST(ProgressTracker, ScanningKnowsNoFraction) {
  ProgressTracker tracker;
  tracker.update({.entries_done = 5, .entries_total = 9, .bytes_done = 1000, .bytes_total = 4000});
  const ProgressState state = tracker.at(1s);
  EXPECT_FALSE(state.total_known);
  EXPECT_EQ(state.fraction, 0);
  EXPECT_FALSE(state.remaining);
  EXPECT_EQ(state.entries_done, 5U);
  EXPECT_NEAR(state.bytes_per_second, 1000, 1);
}

TEST(ProgressTracker, NothingGoesBackwards) {
  std::minstd_rand random(7);
  ProgressTracker tracker;
  ProgressState last;
  for (int step = 0; step < 5000; ++step) {
    // An engine that reports nonsense: numbers that fall, totals below what is done.
    tracker.update({.total_known = random() % 3 == 0,
                    .entries_done = random() % 1000,
                    .entries_total = random() % 1000,
                    .bytes_done = random() % 100000,
                    .bytes_total = random() % 100000});
    const ProgressState now = tracker.at(step * 37ms);
    EXPECT_GE(now.entries_done, last.entries_done);
    EXPECT_GE(now.bytes_done, last.bytes_done);
    EXPECT_GE(now.fraction, last.fraction);
    EXPECT_LE(now.fraction, 1.0);
    EXPECT_GE(now.entries_total, now.entries_done);
    EXPECT_GE(now.bytes_total, now.bytes_done);
    EXPECT_GE(now.bytes_per_second, 0);
    EXPECT_TRUE(now.total_known || !last.total_known);
    last = now;
  }
}

TEST(ProgressTracker, AGrowingTotalStopsTheFractionInsteadOfTurningIt) {
  ProgressTracker tracker;
  tracker.update({.total_known = true, .bytes_done = 500, .bytes_total = 1000});
  const double before = tracker.at(1s).fraction;
  tracker.update({.total_known = true, .bytes_done = 600, .bytes_total = 100000});
  EXPECT_EQ(tracker.at(2s).fraction, before);
}

TEST(ProgressTracker, OneOnlyWhenAllIsDone) {
  ProgressTracker tracker;
  tracker.update({.total_known = true,
                  .entries_done = 9'999'999,
                  .entries_total = 10'000'000,
                  .bytes_done = 5,
                  .bytes_total = 5});
  EXPECT_LT(tracker.at(1s).fraction, 1.0);
  tracker.update({.total_known = true,
                  .entries_done = 10'000'000,
                  .entries_total = 10'000'000,
                  .bytes_done = 5,
                  .bytes_total = 5});
  EXPECT_EQ(tracker.at(2s).fraction, 1.0);
  EXPECT_FALSE(tracker.at(2s).remaining) << "nothing is left";
}

TEST(ProgressTracker, AnEmptyTreeIsDone) {
  ProgressTracker tracker;
  tracker.update({.total_known = true});
  EXPECT_EQ(tracker.at(0s).fraction, 1.0);
}

TEST(ProgressTracker, ASteadyRunIsEstimatedRight) {
  ProgressTracker tracker;
  ProgressState state;
  for (std::uint64_t tick = 1; tick <= 200; ++tick) {  // 20 s at 1 MB/s of 100 MB
    tracker.update({.total_known = true,
                    .entries_done = 0,
                    .entries_total = 1,
                    .bytes_done = tick * 100'000,
                    .bytes_total = 100'000'000});
    state = tracker.at(tick * 100ms);
    EXPECT_EQ(state.remaining.has_value(), tick >= 15) << "no guess in the first moments";
  }
  EXPECT_NEAR(state.bytes_per_second, 1e6, 1e4);
  EXPECT_NEAR(static_cast<double>(state.remaining->count()), 80, 2);
}

TEST(ProgressTracker, TheRateForgetsThePast) {
  ProgressTracker tracker;
  std::uint64_t bytes = 0;
  ProgressState state;
  for (int tick = 1; tick <= 400; ++tick) {
    bytes += tick <= 200 ? 1'000'000 : 10'000;
    tracker.update({.bytes_done = bytes, .bytes_total = bytes});
    state = tracker.at(tick * 100ms);
  }
  EXPECT_NEAR(state.bytes_per_second, 1e5, 1e3);
}

TEST(ProgressTracker, ManySmallFilesMoveTheFractionToo) {
  ProgressTracker tracker;
  tracker.update({.total_known = true, .entries_done = 500, .entries_total = 1000});
  EXPECT_NEAR(tracker.at(1s).fraction, 0.5, 0.001);
}

}  // namespace
}  // namespace robosync::cli
