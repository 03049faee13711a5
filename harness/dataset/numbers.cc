#include "harness/dataset/numbers.h"

#include <algorithm>
#include <array>

namespace robosync::parity {
namespace {

constexpr unsigned kStepsPerOctave = 32;
constexpr std::int64_t kOne = 65536;
constexpr std::uint64_t kStep = 65536 / kStepsPerOctave;

// 2 to the power of i/32, times 65536.
constexpr std::array<std::uint64_t, kStepsPerOctave + 1> kPowers{
    65536,  66971,  68438,  69936,  71468,  73032,  74632,  76266,  77936,  79642,  81386,
    83169,  84990,  86851,  88752,  90696,  92682,  94711,  96785,  98905,  101070, 103283,
    105545, 107856, 110218, 112631, 115098, 117618, 120194, 122825, 125515, 128263, 131072};

// The sum of twelve uniform variates less its mean: close to normal with deviation 1 (Irwin-Hall),
// here in units of 1/65536.
std::int64_t normal(Numbers& numbers) {
  std::int64_t sum = 0;
  for (int word = 0; word < 3; ++word) {
    const std::uint64_t bits = numbers.next();
    for (unsigned part = 0; part < 4; ++part)
      sum += static_cast<std::int64_t>((bits >> (16 * part)) & 0xffffU);
  }
  return sum - 6 * kOne;
}

// `value` times 2 to the power of exponent/65536. The exponent is cut where the result would not be
// of use any more.
std::uint64_t times_power(std::uint64_t value, std::int64_t exponent) {
  constexpr std::int64_t kOctavesMax = 24;
  exponent = std::clamp(exponent, -kOctavesMax * kOne, kOctavesMax * kOne);
  const std::int64_t raised = exponent + kOctavesMax * kOne;  // not negative
  const std::int64_t octaves = raised / kOne - kOctavesMax;
  const auto rest = static_cast<std::uint64_t>(raised % kOne);
  const std::uint64_t step = rest / kStep;
  const std::uint64_t within = rest % kStep;
  const std::uint64_t power = kPowers[step] + (kPowers[step + 1] - kPowers[step]) * within / kStep;
  const std::uint64_t product = value * power / std::uint64_t{kOne};
  return octaves >= 0 ? product << octaves : product >> -octaves;
}

}  // namespace

std::uint64_t derived(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return derived(seed, hash);
}

std::uint64_t size_of(const SizeDistribution& distribution, Numbers& numbers) {
  switch (distribution.shape) {
    case SizeShape::kFixed:
      break;
    case SizeShape::kUniform:
      return distribution.bytes_min +
             numbers.below(distribution.bytes_max - distribution.bytes_min + 1);
    case SizeShape::kLogNormal: {
      const std::int64_t exponent =
          normal(numbers) * static_cast<std::int64_t>(distribution.octaves_hundredths) / 100;
      return std::clamp(times_power(distribution.median_bytes, exponent), distribution.bytes_min,
                        distribution.bytes_max);
    }
  }
  return distribution.bytes_min;
}

std::uint64_t scaled(std::uint64_t value, double factor) {
  if (value == 0) return 0;
  const double product = static_cast<double>(value) * factor + 0.5;
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(product));
}

}  // namespace robosync::parity
