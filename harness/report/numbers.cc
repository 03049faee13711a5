#include "harness/report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace robosync::parity {
namespace {

// Beyond this much off 1, a ratio is said to be quicker or slower.
constexpr double kEvenWithin = 0.01;

}  // namespace

std::string seconds_text(double seconds) {
  if (seconds < 0.001) return fmt::format("{:.0f} us", seconds * 1e6);
  if (seconds < 0.01) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 9.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 119.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

std::string bytes_text(double bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1023.95 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, kUnits.at(unit));
}

std::string count_text(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string figure_text(double value) {
  if (!(value > 0)) return "0";
  if (value >= 99.95) {
    const double step = std::pow(10, std::max(0.0, std::floor(std::log10(value)) - 2));
    return count_text(static_cast<std::uint64_t>(std::llround(value / step) * std::llround(step)));
  }
  if (value >= 9.995) return fmt::format("{:.1f}", value);
  if (value >= 0.9995) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3f}", value);
}

std::string quickness_text(double ratio) {
  if (std::abs(ratio - 1) <= kEvenWithin) return "even";
  const double times = ratio < 1 ? 1 / ratio : ratio;
  const int digits = times < 2 ? 2 : times < 20 ? 1 : 0;
  return fmt::format("{:.{}f}x {}", times, digits, ratio < 1 ? "quicker" : "slower");
}

}  // namespace robosync::parity
