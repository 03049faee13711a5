// DeltaApplier: TARGET's side of the block delta. Operations and the old file's bytes become the
// new file, from its first byte to its last.
//
// It trusts nobody: copies lie inside the old file, the output never exceeds the declared size, and
// finish() compares the digest of every byte that was written. What was written is for the caller
// to throw away unless finish() succeeded. Memory: one buffer of kReadBytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/result.h"
#include "engine/transfer/delta.h"

namespace robosync::transfer {

class DeltaApplier final : public DeltaSink {
 public:
  static constexpr std::size_t kReadBytes = 256U << 10;

  // Reads out.size() bytes of the old file at `offset`, fewer only at its end; returns how many.
  using ReadOld =
      std::function<base::Result<std::size_t>(std::uint64_t offset, std::span<std::byte> out)>;
  // Appends to the new file.
  using Write = std::function<base::Result<void>(std::span<const std::byte> bytes)>;

  // REQUIRES: layout.block_bytes != 0.
  DeltaApplier(BlockLayout layout, std::uint64_t new_bytes, base::DigestKind digest, ReadOld read,
               Write write);

  // Fail with kProtocol where the operation leaves the old file or exceeds the new size, before
  // anything is read or written; with kChanged where the old file has become shorter; else as the
  // functions do.
  [[nodiscard]] base::Result<void> copy(BlockRun run) override;
  [[nodiscard]] base::Result<void> literal(std::span<const std::byte> bytes) override;

  // Fails with kProtocol where bytes are missing, with kCorrupt where the digest differs: the file
  // has to be sent whole then. Call once.
  [[nodiscard]] base::Result<void> finish(const base::Digest& expected);

  [[nodiscard]] std::uint64_t written_bytes() const { return written_; }
  // Of those, what came from the old file.
  [[nodiscard]] std::uint64_t copied_bytes() const { return copied_; }

 private:
  [[nodiscard]] base::Result<void> put(std::span<const std::byte> bytes);

  BlockLayout layout_;
  std::uint64_t new_bytes_;
  std::unique_ptr<base::Hasher> hasher_;
  ReadOld read_;
  Write write_;
  std::vector<std::byte> buffer_;
  std::uint64_t written_ = 0;
  std::uint64_t copied_ = 0;
};

}  // namespace robosync::transfer
