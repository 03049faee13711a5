// RollingSum: the weak checksum of the block delta. It finds candidates at every byte offset; a
// strong hash decides.
//
// The sum of n bytes c[0..n) is c[0]*m^(n-1) + ... + c[n-1] modulo 2^32, where the odd multiplier m
// comes from the transfer's seed. Compared with the sums of Adler's kind it uses all 32 bits even
// on short or low-entropy blocks, and bytes that collide cannot be prepared without the seed. The
// high bits are the good ones: bit k of a sum depends on the bits 0 to k of the data only.
// A value; const calls from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace robosync::transfer {

class RollingSum {
 public:
  // For windows of `window_bytes`; of() takes any length.
  RollingSum(std::uint64_t seed, std::size_t window_bytes);

  [[nodiscard]] std::uint32_t of(std::span<const std::byte> data) const;

  // The sum one byte further: `out` leaves the window at its front, `in` enters at its end.
  [[nodiscard]] std::uint32_t roll(std::uint32_t sum, std::byte out, std::byte in) const {
    return sum * multiplier_ + change(out, in);
  }
  // What roll() adds to sum * multiplier(). A separate step, so that loops can compute it for
  // several positions ahead of the multiplications, which wait for each other.
  [[nodiscard]] std::uint32_t change(std::byte out, std::byte in) const {
    return std::to_integer<std::uint32_t>(in) - std::to_integer<std::uint32_t>(out) * leaving_;
  }
  [[nodiscard]] std::uint32_t multiplier() const { return multiplier_; }

 private:
  // As many bytes as 16 bit weights can sum up in 32 bits: 255 * 2^15 * 256 < 2^31.
  static constexpr std::size_t kStepBytes = 256;

  std::uint32_t multiplier_;
  std::uint32_t leaving_;  // m^window_bytes
  std::uint32_t step_;     // m^kStepBytes
  // The powers m^255 .. m^0 in two signed halves, low + 65536 * high, because even the oldest
  // vector units multiply and add 16 bit pairs in one instruction.
  std::array<std::int16_t, kStepBytes> low_;
  std::array<std::int16_t, kStepBytes> high_;
};

}  // namespace robosync::transfer
