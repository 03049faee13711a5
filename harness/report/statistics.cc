#include "harness/report/statistics.h"

#include <algorithm>
#include <cmath>

namespace robosync::parity {
namespace {

// REQUIRES: `values` is not empty.
double median_of(std::vector<double> values) {
  const std::size_t upper = values.size() / 2;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(upper);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::ranges::max_element(values.begin(), middle);
  return (below + *middle) / 2;
}

std::vector<double> copied(std::span<const double> values) {
  return {values.begin(), values.end()};
}

std::vector<double> distances(std::span<const double> values, double from) {
  std::vector<double> result;
  result.reserve(values.size());
  for (const double value : values) result.push_back(std::abs(value - from));
  return result;
}

bool above_zero(double value) { return value > 0 && std::isfinite(value); }

}  // namespace

std::optional<double> median(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  return median_of(copied(values));
}

std::optional<double> median_absolute_deviation(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  return median_of(distances(values, median_of(copied(values))));
}

Spread spread_of(std::span<const double> values) {
  if (values.empty()) return {};
  const auto [min, max] = std::ranges::minmax(values);
  const double middle = median_of(copied(values));
  return {.count = values.size(),
          .median = middle,
          .mad = median_of(distances(values, middle)),
          .min = min,
          .max = max};
}

double relative_mad(const Spread& spread) {
  return spread.median == 0 ? 0 : spread.mad / std::abs(spread.median);
}

bool is_noisy(const Spread& spread) {
  return spread.count >= kSpreadCountMin && relative_mad(spread) > kNoisyRelativeMad;
}

std::vector<std::size_t> outliers(std::span<const double> values) {
  if (values.size() < kSpreadCountMin) return {};
  const Spread spread = spread_of(values);
  const double limit = std::max(kOutlierDeviations * kMadToSigma * spread.mad,
                                kOutlierRelativeMin * std::abs(spread.median));
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::abs(values[i] - spread.median) > limit) found.push_back(i);
  }
  return found;
}

std::optional<Ratio> ratio_of(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return std::nullopt;
  if (!std::ranges::all_of(a, above_zero) || !std::ranges::all_of(b, above_zero)) {
    return std::nullopt;
  }
  std::vector<double> rounds;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) rounds.push_back(a[i] / b[i]);
  const Spread spread = spread_of(rounds);
  return Ratio{.value = median_of(copied(a)) / median_of(copied(b)),
               .mad = spread.mad,
               .min = spread.min,
               .max = spread.max,
               .rounds = spread.count};
}

}  // namespace robosync::parity
