// DeltaIndex: finds the old blocks that a weak sum may belong to. A part of DeltaEncoder.
//
// Two stages: a bitmap that rules out nearly all positions, and a table with a bounded number of
// places to look at. Neither building nor asking takes longer on a signature made to be awkward:
// equal blocks are kept once, and a block that finds its kProbesMax places taken is left out, which
// costs bytes (it will be sent) but never time.
//
// Memory per block: 8 to 16 bytes of bitmap (at least 4 KiB, at most 8 MiB in all) and 16 to 32 of
// table, the least where the number of blocks is a power of two. Does not change once built. Refers
// to the signature, which must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/transfer/delta_signature.h"
#include "engine/transfer/rolling_sum.h"

namespace robosync::transfer {

class DeltaIndex {
 public:
  // How many places a block may be found in.
  static constexpr std::size_t kProbesMax = 16;

  explicit DeltaIndex(const Signature& signature);

  [[nodiscard]] const RollingSum& sum() const { return sum_; }

  // True when any full block in the table has this weak sum.
  [[nodiscard]] bool has(std::uint32_t weak) const;

  // Rolls the window at `at`, whose sum is `weak`, forward by at least one byte until the index
  // has() its sum, or by `steps` bytes. Returns how far it went; `weak` is the sum there.
  // REQUIRES: steps != 0; at[0 .. steps + block_bytes) may be read.
  [[nodiscard]] std::size_t scan(const std::byte* at, std::size_t steps, std::uint32_t& weak) const;

  // The first full block with both sums.
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t weak, std::uint64_t strong) const;

 private:
  struct Slot {
    std::uint32_t weak = 0;
    std::uint32_t block_plus_1 = 0;  // zero: free
  };

  // The filter's word comes from the middle bits of a sum and the bit from its highest, so that
  // nothing is shifted by what is not known when this is compiled. The lowest bits stay out: they
  // are the poor ones.
  static constexpr std::uint32_t kFilterWordShift = 6;
  static constexpr std::uint32_t filter_bit(std::uint32_t weak) { return weak >> 26; }

  // False: no full block has this sum. True: one may.
  [[nodiscard]] bool may_have(std::uint32_t weak) const {
    const std::uint64_t word = filter_[(weak >> kFilterWordShift) & filter_mask_];
    return ((word >> filter_bit(weak)) & 1U) != 0;
  }
  [[nodiscard]] std::size_t slot_of(std::uint32_t weak) const {
    // The filter's bits are the high ones of the sum itself; here all of them count.
    return static_cast<std::uint32_t>(weak * 0x9e3779b1U) >> slot_shift_;
  }
  void insert(std::uint32_t block);

  const Signature& signature_;
  RollingSum sum_;
  std::size_t block_bytes_;
  std::uint32_t filter_mask_ = 0;
  std::uint32_t slot_shift_;
  std::vector<std::uint64_t> filter_;
  std::vector<Slot> slots_;
};

}  // namespace robosync::transfer
