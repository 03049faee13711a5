#include "engine/transfer/delta.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace robosync::transfer {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

constexpr std::uint32_t kSmallestBlock = 512;
// Beyond this a block costs more in literals than its signature weighs: an edit of a database or
// disk image touches a page of 4 KiB, and more of them the larger the file is.
constexpr std::uint32_t kUsualBlock = 8U << 10;
constexpr std::uint32_t kLargeBlock = 128U << 10;
// How many blocks are worth their memory and signature before blocks grow beyond the usual size.
constexpr std::uint64_t kUsualBlocks = 1U << 20;

// What a weak sum tells apart in practice, out of its 32 bits.
constexpr std::uint32_t kWeakBits = 30;
// log2 of one over the probability of a false match in a whole transfer; rounding takes off two.
constexpr std::uint32_t kSafetyBits = 15;

// The smallest power of two that cuts `bytes` into at most `blocks` blocks.
std::uint64_t block_for(std::uint64_t bytes, std::uint64_t blocks) {
  return std::bit_ceil(bytes / blocks + (bytes % blocks != 0 ? 1U : 0U));
}

std::uint32_t log2_ceil(std::uint64_t value) {
  return value <= 1 ? 0 : static_cast<std::uint32_t>(std::bit_width(value - 1));
}

std::uint32_t log2_floor(std::uint64_t value) {
  return value <= 1 ? 0 : static_cast<std::uint32_t>(std::bit_width(value)) - 1;
}

std::uint32_t choose_block(std::uint64_t old_bytes) {
  // The smallest power of two that is not below the square root.
  const std::uint64_t root = std::uint64_t{1} << ((log2_ceil(old_bytes) + 1) / 2);
  std::uint64_t block = std::clamp<std::uint64_t>(root, kSmallestBlock, kUsualBlock);
  block = std::max(block, std::min<std::uint64_t>(block_for(old_bytes, kUsualBlocks), kLargeBlock));
  block = std::max(block, block_for(old_bytes, kDeltaBlocksMax));
  return static_cast<std::uint32_t>(block);
}

}  // namespace

Result<DeltaParameters> choose_delta_parameters(std::uint64_t old_bytes, std::uint64_t new_bytes,
                                                std::uint64_t seed) {
  if (old_bytes > kDeltaOldBytesMax) {
    return fail(make_error(ErrorKind::kLimit,
                           fmt::format("a delta against a file of {} bytes", old_bytes)));
  }
  const std::uint32_t block = choose_block(old_bytes);
  const BlockLayout layout{.old_bytes = old_bytes, .block_bytes = block};
  // Each position of the new file may be compared with each block of the old one.
  const std::uint32_t bits = kSafetyBits + log2_floor(new_bytes) + log2_floor(layout.blocks());
  const std::uint32_t strong_bits = std::max(bits, kWeakBits) - kWeakBits;
  return DeltaParameters{
      .block_bytes = block,
      .strong_bytes = std::clamp((strong_bits + 7) / 8, kDeltaStrongBytesMin, kDeltaStrongBytesMax),
      .seed = seed};
}

Result<void> validate(const DeltaParameters& parameters, std::uint64_t old_bytes) {
  const auto refuse = [](const char* what, std::uint64_t value) {
    return fail(make_error(ErrorKind::kProtocol, fmt::format("block delta: {} {}", what, value)));
  };
  if (parameters.block_bytes < kDeltaBlockBytesMin ||
      parameters.block_bytes > kDeltaBlockBytesMax) {
    return refuse("block size", parameters.block_bytes);
  }
  if (parameters.strong_bytes < kDeltaStrongBytesMin ||
      parameters.strong_bytes > kDeltaStrongBytesMax) {
    return refuse("strong hash length", parameters.strong_bytes);
  }
  const BlockLayout layout{.old_bytes = old_bytes, .block_bytes = parameters.block_bytes};
  if (layout.blocks() > kDeltaBlocksMax) return refuse("number of blocks", layout.blocks());
  return {};
}

}  // namespace robosync::transfer
