#include "cli/output_progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace robosync::cli {
namespace {

using namespace std::chrono_literals;

ProgressState half_way() {
  return {.total_known = true,
          .entries_done = 12345,
          .entries_total = 28000,
          .bytes_done = 1288490188,
          .bytes_total = 3006477107,
          .fraction = 0.4286,
          .bytes_per_second = 325058560,
          .elapsed = 42s,
          .remaining = 63s};
}

ProgressState scanning() {
  return {.entries_done = 12345,
          .entries_total = 12345,
          .bytes_done = 1288490188,
          .bytes_per_second = 325058560,
          .elapsed = 3723s};
}

TEST(ProgressBar, ShowsLessOnNarrowTerminals) {
  const auto line = [](std::size_t columns) { return progress_bar(half_way(), columns); };
  EXPECT_EQ(line(200),
            "[=================>                      ]   42%  1.20 GiB/2.80 GiB  12,345/28,000 "
            "entries   310 MiB/s  0:42  ETA 1:03");
  EXPECT_EQ(line(100),
            "[========>          ]   42%  1.20 GiB/2.80 GiB  12,345/28,000 entries   310 MiB/s  "
            "0:42  ETA 1:03");
  EXPECT_EQ(line(80), " 42%  1.20 GiB/2.80 GiB  12,345/28,000 entries   310 MiB/s  0:42  ETA 1:03");
  EXPECT_EQ(line(60), " 42%  1.20 GiB/2.80 GiB   310 MiB/s  ETA 1:03");
  EXPECT_EQ(line(40), " 42%  1.20 GiB/2.80 GiB  ETA 1:03");
  EXPECT_EQ(line(30), " 42%  1.20 GiB/2.80 GiB");
  EXPECT_EQ(line(23), "[=====>      ]   42%");
  EXPECT_EQ(line(20), " 42%");
  EXPECT_EQ(line(7), " 42%");
  EXPECT_EQ(line(6), " 42");
  EXPECT_EQ(line(3), "");
  EXPECT_EQ(line(0), "");
}

TEST(ProgressBar, ScanningUntilTheTotalIsKnown) {
  const auto line = [](std::size_t columns) { return progress_bar(scanning(), columns); };
  EXPECT_EQ(line(200), "scanning  12,345 entries  1.20 GiB  310 MiB/s  1:02:03");
  EXPECT_EQ(line(50), "scanning  12,345 entries  1.20 GiB  1:02:03");
  EXPECT_EQ(line(28), "scanning  12,345 entries");
  EXPECT_EQ(line(11), "scanning");
}

TEST(ProgressBar, FitsEveryWidth) {
  ProgressState known = half_way();
  ProgressState unknown = scanning();
  known.bytes_total = unknown.bytes_done = UINT64_MAX;
  known.entries_total = unknown.entries_done = UINT64_MAX;
  known.bytes_per_second = 1e18;
  known.remaining = 100h * 24;
  for (std::size_t columns = 1; columns <= 250; ++columns) {
    for (const double fraction : {0.0, 0.001, 0.5, 0.999, 1.0}) {
      known.fraction = fraction;
      EXPECT_LT(progress_bar(known, columns).size(), columns);
    }
    EXPECT_LT(progress_bar(unknown, columns).size(), columns);
    EXPECT_LT(progress_bar(half_way(), columns).size(), columns);
  }
}

TEST(ProgressBar, TheBarGrowsWithTheFraction) {
  ProgressState state = half_way();
  std::ptrdiff_t last = -1;
  for (int percent = 0; percent <= 100; ++percent) {
    state.fraction = percent / 100.0;
    const std::string line = progress_bar(state, 200);
    const std::ptrdiff_t filled = std::ranges::count(line, '=');
    EXPECT_GE(filled, last);
    last = filled;
  }
  EXPECT_EQ(last, 40);
  EXPECT_EQ(progress_bar(state, 200).substr(0, 48),
            "[========================================]  100%");
}

TEST(ProgressBar, AHundredPercentIsNeverRoundedTo) {
  ProgressState state = half_way();
  state.fraction = 0.99999;
  EXPECT_EQ(percent_of(state), 99);
  state.fraction = 1;
  EXPECT_EQ(percent_of(state), 100);
}

TEST(ProgressLine, IsPlain) {
  EXPECT_EQ(progress_line(half_way()),
            "progress: 42%, 1.20 GiB of 2.80 GiB, 12,345 of 28,000 entries, 310 MiB/s, 0:42 "
            "elapsed, 1:03 left");
  EXPECT_EQ(progress_line(scanning()),
            "progress: scanning, 12,345 entries, 1.20 GiB, 310 MiB/s, 1:02:03 elapsed");
}

}  // namespace
}  // namespace robosync::cli
