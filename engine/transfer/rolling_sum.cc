#include "engine/transfer/rolling_sum.h"

namespace robosync::transfer {
namespace {

// Spreads a seed over 32 bits (the finaliser of SplitMix64), so that seeds 1, 2, 3 do as well.
std::uint32_t spread(std::uint64_t seed) {
  seed += 0x9e3779b97f4a7c15U;
  seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9U;
  seed = (seed ^ (seed >> 27)) * 0x94d049bb133111ebU;
  return static_cast<std::uint32_t>(seed ^ (seed >> 31));
}

std::uint32_t power(std::uint32_t base, std::size_t exponent) {
  std::uint32_t result = 1;
  for (; exponent != 0; exponent >>= 1, base *= base) {
    if ((exponent & 1U) != 0) result *= base;
  }
  return result;
}

}  // namespace

// 5 modulo 8: such multipliers have the longest period modulo 2^32.
RollingSum::RollingSum(std::uint64_t seed, std::size_t window_bytes)
    : multiplier_((spread(seed) & ~7U) | 5U),
      leaving_(power(multiplier_, window_bytes)),
      step_(power(multiplier_, kStepBytes)) {
  std::uint32_t weight = 1;
  for (std::size_t i = kStepBytes; i-- > 0; weight *= multiplier_) {
    low_[i] = static_cast<std::int16_t>(weight);
    high_[i] = static_cast<std::int16_t>(
        (weight - static_cast<std::uint32_t>(std::int32_t{low_[i]})) >> 16);
  }
}

std::uint32_t RollingSum::of(std::span<const std::byte> data) const {
  std::uint32_t sum = 0;
  while (data.size() >= kStepBytes) {
    const std::byte* bytes = data.data();
    std::int32_t low = 0;
    std::int32_t high = 0;
    for (std::size_t i = 0; i < kStepBytes; ++i) {
      const auto value = static_cast<std::int16_t>(bytes[i]);
      low += value * low_[i];
      high += value * high_[i];
    }
    sum = sum * step_ + static_cast<std::uint32_t>(low) + (static_cast<std::uint32_t>(high) << 16);
    data = data.subspan(kStepBytes);
  }
  for (const std::byte value : data) {
    sum = sum * multiplier_ + std::to_integer<std::uint32_t>(value);
  }
  return sum;
}

}  // namespace robosync::transfer
