// Block delta: what both ends of a transfer need to know to rebuild a large file from an older
// version of it at the target and the bytes that are new.
//
//   TARGET  choose_delta_parameters(), SignatureBuilder -> Signature   (delta_signature.h)
//   SOURCE  DeltaEncoder: new bytes + Signature -> operations          (delta_encoder.h)
//   wire    DeltaOpWriter and DeltaOpReader: operations <-> frames     (delta_ops.h)
//   TARGET  DeltaApplier: operations + old bytes -> new bytes          (delta_applier.h)
//
// The old file is cut into blocks of block_bytes, the last one may be short. A signature holds, per
// block, a weak sum that can be rolled from byte to byte and a truncated strong hash. Operations
// describe the new file from its first byte to its last: a run of old blocks, or literal bytes.
//
// Two blocks that differ are taken for equal only where 32 bits of weak sum and the strong bytes
// agree; strong_bytes is chosen so that over all comparisons of a transfer this is less likely than
// 2^-13. Then, and when the old file changes underway, the digest of the whole file does not match,
// DeltaApplier::finish() says so, and the caller sends the file whole. Nothing depends on the
// strong hash being right, so it need not be a cryptographic one; the seed, fresh for each
// transfer, keeps collisions from being prepared in a file's content.
//
// All of it is pure over bytes and functions given by the caller: no file, socket, thread or clock.
// Objects belong to one thread at a time except where their header says otherwise. Every limit here
// bounds what a peer can make us allocate or compute. Why not an existing library:
// docs/decisions/0007-block-delta.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/result.h"

namespace robosync::transfer {

inline constexpr std::uint32_t kDeltaBlockBytesMin = 64;
inline constexpr std::uint32_t kDeltaBlockBytesMax = 4U << 20;
inline constexpr std::uint32_t kDeltaBlocksMax = 4U << 20;
// The largest old file that a signature can describe: 16 TiB.
inline constexpr std::uint64_t kDeltaOldBytesMax =
    std::uint64_t{kDeltaBlocksMax} * kDeltaBlockBytesMax;
inline constexpr std::uint32_t kDeltaStrongBytesMin = 2;
inline constexpr std::uint32_t kDeltaStrongBytesMax = 8;
// The longest literal of one operation.
inline constexpr std::size_t kDeltaLiteralBytesMax = 128U << 10;

struct DeltaParameters {
  std::uint32_t block_bytes = 0;
  std::uint32_t strong_bytes = 0;
  std::uint64_t seed = 0;

  friend bool operator==(const DeltaParameters&, const DeltaParameters&) = default;
};

// The parameters that make signature and literals together small: blocks of about the square root
// of the old size, a power of two between 512 bytes and 8 KiB (so that edits of whole pages touch
// one block each), more only where there would be more than 2^20 blocks. Fails with kLimit where
// the old file is larger than kDeltaOldBytesMax: send it whole.
[[nodiscard]] base::Result<DeltaParameters> choose_delta_parameters(std::uint64_t old_bytes,
                                                                    std::uint64_t new_bytes,
                                                                    std::uint64_t seed);

// `count` blocks of the old file from block `first` on.
struct BlockRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  friend bool operator==(const BlockRun&, const BlockRun&) = default;
};

// How an old file is cut into blocks.
struct BlockLayout {
  std::uint64_t old_bytes = 0;
  std::uint32_t block_bytes = 0;

  // Blocks, counting a short last one.
  [[nodiscard]] std::uint64_t blocks() const {
    return old_bytes / block_bytes + (old_bytes % block_bytes != 0 ? 1U : 0U);
  }
  [[nodiscard]] std::uint64_t full_blocks() const { return old_bytes / block_bytes; }
  // Length of the short last block; zero where all are full.
  [[nodiscard]] std::uint32_t short_block_bytes() const {
    return static_cast<std::uint32_t>(old_bytes % block_bytes);
  }
  // True when the run is not empty and lies inside the file.
  [[nodiscard]] bool contains(BlockRun run) const {
    return run.count != 0 && std::uint64_t{run.first} + run.count <= blocks();
  }
};

// Fails with kProtocol unless the parameters are within the limits and the old file has at most
// kDeltaBlocksMax blocks: to be asked before anything that a peer sent is computed with.
[[nodiscard]] base::Result<void> validate(const DeltaParameters& parameters,
                                          std::uint64_t old_bytes);

// Takes operations in the order of the new file.
class DeltaSink {
 public:
  virtual ~DeltaSink() = default;
  [[nodiscard]] virtual base::Result<void> copy(BlockRun run) = 0;
  // 1 to kDeltaLiteralBytesMax bytes, valid during the call.
  [[nodiscard]] virtual base::Result<void> literal(std::span<const std::byte> bytes) = 0;
};

}  // namespace robosync::transfer
