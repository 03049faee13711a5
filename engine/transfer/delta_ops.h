// Operations of a block delta as frames of bytes, and back.
//
// An operation starts with a varint, 2 * n + kind:
//   kind 0  literal   n bytes follow, 1 <= n <= kDeltaLiteralBytesMax
//   kind 1  copy      n blocks, 1 <= n <= kDeltaBlocksMax; a varint follows with the first block
//                     minus the block after the last copied one (at first: block 0), zigzag-coded
//                     (0, -1, 1, -2, ... as 0, 1, 2, 3, ...): 0 where the file goes on unchanged
// Varints are little-endian base 128 (LEB128), at most five bytes, in their shortest form. A frame
// holds whole operations; what it counts from goes on from frame to frame. That the whole new file
// is covered is for DeltaApplier to see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/transfer/delta.h"

namespace robosync::transfer {

// Collects operations into frames. Holds one frame.
class DeltaOpWriter final : public DeltaSink {
 public:
  // The largest frame, and the smallest that the limits allow to ask for.
  static constexpr std::size_t kFrameBytesMax = 256U << 10;
  static constexpr std::size_t kFrameBytesMin = 64;

  // Takes a frame, valid during the call. Frames are not empty.
  using Emit = std::function<base::Result<void>(std::span<const std::byte> frame)>;

  // REQUIRES: kFrameBytesMin <= frame_bytes_max <= kFrameBytesMax.
  DeltaOpWriter(std::size_t frame_bytes_max, Emit emit);

  // These fail as `emit` does. REQUIRES: run.count != 0; at most kDeltaLiteralBytesMax bytes.
  [[nodiscard]] base::Result<void> copy(BlockRun run) override;
  [[nodiscard]] base::Result<void> literal(std::span<const std::byte> bytes) override;

  // Emits what was collected. To be called at the end, and whenever TARGET should not wait.
  [[nodiscard]] base::Result<void> flush();

 private:
  void put_varint(std::uint64_t value);

  std::size_t frame_bytes_max_;
  Emit emit_;
  std::vector<std::byte> frame_;
  std::uint32_t next_block_ = 0;
};

// Takes frames apart. Holds no memory.
class DeltaOpReader {
 public:
  // Hands the frame's operations to the sink, in order, as they are read. Fails with kProtocol at
  // the first malformed one, else as the sink does; is of no use after that.
  [[nodiscard]] base::Result<void> read(std::span<const std::byte> frame, DeltaSink& sink);

 private:
  std::uint32_t next_block_ = 0;
};

}  // namespace robosync::transfer
