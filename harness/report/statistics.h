// The harness's statistics: medians, spreads and ratios of few, skewed, noisy timings. Pure
// functions of their arguments; any thread.
//
// Medians and median absolute deviations are used throughout, never means: one run that the machine
// disturbed must not move a figure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace robosync::parity {

// A spread beyond this share of its median is called noisy.
inline constexpr double kNoisyRelativeMad = 0.10;
// Fewer values than this say nothing about noise.
inline constexpr std::size_t kSpreadCountMin = 3;
// A value further from the median than this many deviations (scaled to compare with a standard
// deviation) is an outlier ...
inline constexpr double kOutlierDeviations = 3.5;
// ... provided that it is also off by this share of the median, since a deviation of nearly nothing
// would make an outlier of every value that is not equal.
inline constexpr double kOutlierRelativeMin = 0.10;
// What a median absolute deviation of normally distributed values is multiplied with to estimate
// their standard deviation.
inline constexpr double kMadToSigma = 1.4826;

// The middle value; of an even count the mean of the two in the middle. Nothing of nothing.
[[nodiscard]] std::optional<double> median(std::span<const double> values);

// The median of the distances from the median. Nothing of nothing; 0 of one.
[[nodiscard]] std::optional<double> median_absolute_deviation(std::span<const double> values);

struct Spread {
  std::size_t count = 0;
  double median = 0;
  double mad = 0;  // median absolute deviation
  double min = 0;
  double max = 0;
};

// All zero for no values.
[[nodiscard]] Spread spread_of(std::span<const double> values);

// mad / median; 0 where the median is 0.
[[nodiscard]] double relative_mad(const Spread& spread);

// True when at least kSpreadCountMin values scatter by more than kNoisyRelativeMad.
[[nodiscard]] bool is_noisy(const Spread& spread);

// Indices of the outliers, ascending. Empty for fewer than kSpreadCountMin values.
[[nodiscard]] std::vector<std::size_t> outliers(std::span<const double> values);

// How two interleaved arms compare.
struct Ratio {
  double value = 0;        // median(a) / median(b): the figure that is quoted
  double mad = 0;          // of the ratios of the rounds
  double min = 0;          // of the ratios of the rounds
  double max = 0;          // of the ratios of the rounds
  std::size_t rounds = 0;  // pairs a[i], b[i] taken in the same round
};

// a against b, round by round: a[i] and b[i] were measured next to each other, so what disturbed
// the machine for a while cancels out of each pair. Where one arm has more values, its later ones
// count for the median only. Nothing when either is empty or holds a value that is not above zero.
[[nodiscard]] std::optional<Ratio> ratio_of(std::span<const double> a, std::span<const double> b);

}  // namespace robosync::parity
