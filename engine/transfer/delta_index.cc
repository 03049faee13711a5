#include "engine/transfer/delta_index.h"

#include <algorithm>
#include <bit>

namespace robosync::transfer {
namespace {

// Bits of the filter: one in 64 sums of other data passes. With half a million blocks that is out
// of the second cache already, and still faster than fewer bits: reads of the filter overlap, those
// of the table wait for a branch mispredicted.
constexpr std::uint64_t kFilterBitsPerBlock = 64;
constexpr std::uint64_t kFilterBitsMin = 1U << 15;
constexpr std::uint64_t kFilterBitsMax = 1U << 26;

std::uint32_t shift_for(std::uint64_t places) {
  return 32U - static_cast<std::uint32_t>(std::countr_zero(places));
}

}  // namespace

DeltaIndex::DeltaIndex(const Signature& signature)
    : signature_(signature),
      sum_(signature.parameters().seed, signature.parameters().block_bytes),
      block_bytes_(signature.parameters().block_bytes) {
  const std::uint64_t blocks = signature.layout().full_blocks();
  const std::uint64_t filter_bits =
      std::clamp(std::bit_ceil(blocks * kFilterBitsPerBlock), kFilterBitsMin, kFilterBitsMax);
  filter_.resize(filter_bits / 64);
  filter_mask_ = static_cast<std::uint32_t>(filter_.size() - 1);
  // At most half full, so that honest signatures hardly ever meet kProbesMax.
  slots_.resize(std::max<std::size_t>(std::bit_ceil(blocks * 2), kProbesMax));
  slot_shift_ = shift_for(slots_.size());
  for (std::uint64_t block = 0; block < blocks; ++block) {
    insert(static_cast<std::uint32_t>(block));
  }
}

void DeltaIndex::insert(std::uint32_t block) {
  const std::uint32_t weak = signature_.weak(block);
  std::size_t place = slot_of(weak);
  for (std::size_t probe = 0; probe < kProbesMax; ++probe) {
    Slot& slot = slots_[place];
    if (slot.block_plus_1 == 0) {
      slot = {.weak = weak, .block_plus_1 = block + 1};
      filter_[(weak >> kFilterWordShift) & filter_mask_] |= std::uint64_t{1} << filter_bit(weak);
      return;
    }
    const bool same =
        slot.weak == weak && signature_.strong(slot.block_plus_1 - 1) == signature_.strong(block);
    if (same) return;
    place = (place + 1) & (slots_.size() - 1);
  }
}

bool DeltaIndex::has(std::uint32_t weak) const {
  if (!may_have(weak)) return false;
  std::size_t place = slot_of(weak);
  for (std::size_t probe = 0; probe < kProbesMax; ++probe) {
    const Slot& slot = slots_[place];
    if (slot.block_plus_1 == 0) return false;
    if (slot.weak == weak) return true;
    place = (place + 1) & (slots_.size() - 1);
  }
  return false;
}

std::optional<std::uint32_t> DeltaIndex::find(std::uint32_t weak, std::uint64_t strong) const {
  std::size_t place = slot_of(weak);
  for (std::size_t probe = 0; probe < kProbesMax; ++probe) {
    const Slot& slot = slots_[place];
    if (slot.block_plus_1 == 0) break;
    if (slot.weak == weak && signature_.strong(slot.block_plus_1 - 1) == strong) {
      return slot.block_plus_1 - 1;
    }
    place = (place + 1) & (slots_.size() - 1);
  }
  return std::nullopt;
}

std::size_t DeltaIndex::scan(const std::byte* at, std::size_t steps, std::uint32_t& weak) const {
  const std::byte* in = at + block_bytes_;
  const RollingSum& sum = sum_;
  const std::uint32_t m = sum.multiplier();
  const std::uint32_t m2 = m * m;
  std::uint32_t here = weak;
  std::size_t step = 0;
  while (step < steps) {
    // Four positions a turn, which do not wait for each other's multiplications.
    for (; step + 4 <= steps; step += 4) {
      const std::uint32_t change1 = sum.change(at[step], in[step]);
      const std::uint32_t change2 = sum.change(at[step + 1], in[step + 1]) + change1 * m;
      const std::uint32_t change3 = sum.change(at[step + 2], in[step + 2]);
      const std::uint32_t change4 = sum.change(at[step + 3], in[step + 3]) + change3 * m;
      const std::uint32_t sum2 = here * m2 + change2;
      const std::uint32_t sum4 = sum2 * m2 + change4;
      if (may_have(here * m + change1) || may_have(sum2) || may_have(sum2 * m + change3) ||
          may_have(sum4)) {
        break;
      }
      here = sum4;
    }
    // Those of a turn that may have a hit, or the last ones, again and one by one.
    const std::size_t end = std::min(step + 4, steps);
    while (step < end) {
      here = sum.roll(here, at[step], in[step]);
      ++step;
      if (has(here)) {
        weak = here;
        return step;
      }
    }
  }
  weak = here;
  return step;
}

}  // namespace robosync::transfer
