// Numbers that a dataset is made of: a pseudo-random sequence and size distributions, in integer
// arithmetic only, so that they are the same with every compiler and C library.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/dataset/spec.h"

namespace robosync::parity {

// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
// with the constants of Vigna's splitmix64.c (public domain).
inline constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15;

[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111eb;
  return value ^ (value >> 31U);
}

// A seed of its own for part `index` of what has `seed`.
[[nodiscard]] constexpr std::uint64_t derived(std::uint64_t seed, std::uint64_t index) {
  return mixed(mixed(seed + kGamma) ^ ((index + 1) * kGamma));
}

// The same for a part that has a name (FNV-1a).
[[nodiscard]] std::uint64_t derived(std::uint64_t seed, std::string_view name);

class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] std::uint64_t next() { return mixed(state_ += kGamma); }
  // 0 to limit - 1. REQUIRES: limit > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return next() % limit; }

 private:
  std::uint64_t state_;
};

// The size that `numbers` gives next.
[[nodiscard]] std::uint64_t size_of(const SizeDistribution& distribution, Numbers& numbers);

// `value` times `factor`, rounded; at least 1 where value is not 0.
[[nodiscard]] std::uint64_t scaled(std::uint64_t value, double factor);

}  // namespace robosync::parity
