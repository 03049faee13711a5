#include "engine/transfer/delta_index.h"

#include <algorithm>
#include <bit>

namespace robosync::transfer {
namespace {

// Bits of the filter per block: one in sixteen sums of other data passes. More bits would leave the
// cache for the number of blocks that large files have.
constexpr std::uint64_t kFilterBitsPerBlock = 16;
constexpr std::uint64_t kFilterBitsMin = 1U << 15;
constexpr std::uint64_t kFilterBitsMax = 1U << 24;

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
  filter_shift_ = shift_for(filter_bits);
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
      const std::uint32_t bit = weak >> filter_shift_;
      filter_[bit / 64] |= std::uint64_t{1} << (bit % 64);
      return;
    }
    const bool same =
        slot.weak == weak && signature_.strong(slot.block_plus_1 - 1) == signature_.strong(block);
    if (same) return;
    place = (place + 1) & (slots_.size() - 1);
  }
}

bool DeltaIndex::has(std::uint32_t weak) const {
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
  const RollingSum sum = sum_;
  const std::uint32_t m = sum.multiplier();
  const std::uint32_t m2 = m * m;
  std::uint32_t here = weak;
  std::size_t step = 0;
  // Two positions a turn: the second does not wait for the first one's multiplication.
  for (; step + 2 <= steps; step += 2) {
    const std::uint32_t change1 = sum.change(at[step], in[step]);
    const std::uint32_t change2 = sum.change(at[step + 1], in[step + 1]);
    const std::uint32_t first = here * m + change1;
    here = here * m2 + (change1 * m + change2);
    if (may_have(first)) {
      weak = first;
      return step + 1;
    }
    if (may_have(here)) {
      weak = here;
      return step + 2;
    }
  }
  if (step < steps) {
    here = sum.roll(here, at[step], in[step]);
    ++step;
  }
  weak = here;
  return step;
}

}  // namespace robosync::transfer
