#include "harness/report/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace robosync::parity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Values = std::vector<double>;

TEST(Median, OfNothingIsNothing) {
  EXPECT_EQ(median({}), std::nullopt);
  EXPECT_EQ(median_absolute_deviation({}), std::nullopt);
}

TEST(Median, OfOneIsThatOne) {
  EXPECT_EQ(median(Values{4.5}), 4.5);
  EXPECT_EQ(median_absolute_deviation(Values{4.5}), 0);
}

TEST(Median, OfAnOddCountIsTheMiddleOne) { EXPECT_EQ(median(Values{9, 1, 5, 100, 2}), 5); }

TEST(Median, OfAnEvenCountIsBetweenTheTwoInTheMiddle) {
  EXPECT_EQ(median(Values{8, 1, 4, 100}), 6);
  EXPECT_EQ(median(Values{2, 1}), 1.5);
}

TEST(Median, IsNotMovedByOneWildValue) {
  EXPECT_EQ(median(Values{1, 1, 1, 1, 1000}), 1);
  EXPECT_EQ(median_absolute_deviation(Values{1, 1, 1, 1, 1000}), 0);
}

TEST(MedianAbsoluteDeviation, OfKnownValues) {
  // Median 3; distances 2 1 0 1 6.
  EXPECT_EQ(median_absolute_deviation(Values{1, 2, 3, 4, 9}), 1);
  // Median 2.5; distances 1.5 0.5 0.5 1.5.
  EXPECT_EQ(median_absolute_deviation(Values{1, 2, 3, 4}), 1);
}

TEST(Spread, HoldsAllOfIt) {
  const Spread spread = spread_of(Values{9, 1, 2, 4, 3});
  EXPECT_EQ(spread.count, 5U);
  EXPECT_EQ(spread.median, 3);
  EXPECT_EQ(spread.mad, 1);
  EXPECT_EQ(spread.min, 1);
  EXPECT_EQ(spread.max, 9);
}

TEST(Spread, OfNothingIsZero) {
  EXPECT_EQ(spread_of({}).count, 0U);
  EXPECT_EQ(relative_mad(spread_of({})), 0);
  EXPECT_FALSE(is_noisy(spread_of({})));
}

TEST(Noise, BeginsBeyondItsLimit) {
  // Median 100, deviation 10: at the limit. With 11 it is beyond.
  EXPECT_FALSE(is_noisy(spread_of(Values{90, 100, 110})));
  EXPECT_TRUE(is_noisy(spread_of(Values{89, 100, 111})));
}

TEST(Noise, TakesThreeValuesToTell) { EXPECT_FALSE(is_noisy(spread_of(Values{1, 100}))); }

TEST(Outliers, AreFarFromTheMedianAndByAnAmountThatMatters) {
  EXPECT_THAT(outliers(Values{1.00, 1.01, 0.99, 1.02, 5.0, 0.98}), ElementsAre(4U));
  // Ten deviations away, yet only by a hundredth.
  EXPECT_THAT(outliers(Values{1.000, 1.001, 0.999, 1.001, 1.010}), IsEmpty());
  // All but one the same: the deviation is 0.
  EXPECT_THAT(outliers(Values{2, 2, 2, 1, 2}), ElementsAre(3U));
  EXPECT_THAT(outliers(Values{1, 100}), IsEmpty());
}

TEST(RatioOf, QuotesTheMediansAndTheSpreadOfTheRounds) {
  const auto ratio = ratio_of(Values{1, 2, 3}, Values{2, 8, 6});
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->value, 2.0 / 6.0);
  // Rounds 0.5, 0.25, 0.5.
  EXPECT_DOUBLE_EQ(ratio->mad, 0);
  EXPECT_DOUBLE_EQ(ratio->min, 0.25);
  EXPECT_DOUBLE_EQ(ratio->max, 0.5);
  EXPECT_EQ(ratio->rounds, 3U);
}

TEST(RatioOf, ADisturbanceOfBothArmsCancelsOut) {
  const auto ratio = ratio_of(Values{1, 3, 1, 1}, Values{2, 6, 2, 2});
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->value, 0.5);
  EXPECT_DOUBLE_EQ(ratio->mad, 0);
  EXPECT_DOUBLE_EQ(ratio->max, 0.5);
}

TEST(RatioOf, ArmsOfDifferentLengthPairWhatTheyShare) {
  const auto ratio = ratio_of(Values{1, 1, 4, 4, 4}, Values{2, 2});
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->value, 2);
  EXPECT_EQ(ratio->rounds, 2U);
  EXPECT_DOUBLE_EQ(ratio->max, 0.5);
}

TEST(RatioOf, NeedsTimesAboveZeroOnBothSides) {
  EXPECT_FALSE(ratio_of({}, Values{1}));
  EXPECT_FALSE(ratio_of(Values{1}, {}));
  EXPECT_FALSE(ratio_of(Values{1, 0}, Values{1, 1}));
  EXPECT_FALSE(ratio_of(Values{1, 1}, Values{1, -1}));
  EXPECT_FALSE(ratio_of(Values{std::nan("")}, Values{1}));
  EXPECT_FALSE(ratio_of(Values{1}, Values{std::numeric_limits<double>::infinity()}));
}

}  // namespace
}  // namespace robosync::parity
