#include "harness/report/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/report_testing.h"

namespace robosync::parity {
namespace {

using ::testing::IsEmpty;

const CellKey kFirst = {"small-10k", "localhost", "local", "first"};

TEST(Figures, AreMediansAndWhatFollowsFromThem) {
  const CellFigures figures = figures_of(timed_cell("rsync", "small-10k", "first", {2, 1, 4}));
  EXPECT_DOUBLE_EQ(figures.wall_s.median, 2);
  EXPECT_DOUBLE_EQ(figures.wall_s.mad, 1);
  EXPECT_DOUBLE_EQ(figures.user_s, 0.5);
  EXPECT_DOUBLE_EQ(figures.system_s, 1);
  EXPECT_DOUBLE_EQ(figures.files_per_s, 500);
  EXPECT_DOUBLE_EQ(figures.bytes_per_s, 2'048'000);
  EXPECT_DOUBLE_EQ(figures.us_per_file, 2000);
  EXPECT_TRUE(figures.noisy);
}

TEST(Figures, ACellWithoutFilesHasNoCostPerFile) {
  Cell cell = timed_cell("rsync", "empty", "first", {1});
  cell.files = 0;
  EXPECT_DOUBLE_EQ(figures_of(cell).us_per_file, 0);
}

TEST(Figures, WhatIsNotVerifiedNeverScores) {
  Cell cell = timed_cell("rsync", "small-10k", "first", {1, 1, 1});
  EXPECT_TRUE(scores(cell));
  cell.samples[1].verified = false;
  EXPECT_FALSE(scores(cell));
  EXPECT_DOUBLE_EQ(figures_of(cell).wall_s.median, 0);

  cell.samples.clear();
  EXPECT_FALSE(scores(cell));

  Cell invalid = timed_cell("rsync", "small-10k", "first", {1});
  invalid.state = CellState::kInvalid;
  EXPECT_FALSE(scores(invalid));
  EXPECT_FALSE(scores(timed_cell("rsync", "small-10k", "first", {1, 0})));
}

TEST(PeerRatios, AreOfTheSameKeyAndOfWhatScores) {
  Report report;
  report.cells = {timed_cell("robosync", "small-10k", "first", {1, 1}),
                  timed_cell("rsync", "small-10k", "first", {4, 4}),
                  timed_cell("rsync", "small-10k", "noop", {9, 9}),
                  timed_cell("cp", "small-10k", "first", {2, 2}),
                  timed_cell("rclone", "small-10k", "first", {8, 8})};
  report.cells[4].samples[0].verified = false;

  const auto ratios = peer_ratios(report, report.cells[0]);
  ASSERT_EQ(ratios.size(), 2U);
  EXPECT_EQ(ratios[0].peer, "rsync");
  EXPECT_DOUBLE_EQ(ratios[0].ratio.value, 0.25);
  EXPECT_EQ(ratios[1].peer, "cp");
  EXPECT_DOUBLE_EQ(ratios[1].ratio.value, 0.5);

  EXPECT_DOUBLE_EQ(ratio_to(report, kFirst, "robosync", "cp")->value, 0.5);
  EXPECT_FALSE(ratio_to(report, kFirst, "robosync", "rclone"));
  EXPECT_FALSE(ratio_to(report, kFirst, "robosync", "robocopy"));
  EXPECT_THAT(peer_ratios(report, report.cells[4]), IsEmpty());
}

TEST(CellKeys, ReadLikeASentence) {
  EXPECT_EQ(to_string(kFirst), "small-10k first local localhost");
}

}  // namespace
}  // namespace robosync::parity
