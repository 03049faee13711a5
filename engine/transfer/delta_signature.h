// Signature: the old file's blocks as TARGET tells SOURCE about them, with its builder and its form
// on the wire.
//
// Memory: blocks * (4 + strong_bytes) bytes, at most 48 MiB. A Signature does not change; any
// number of threads may read it.
//
// On the wire, all integers little-endian: a header (u64 old size, u32 block size, u8 strong bytes,
// u64 seed), then one record per block in order (u32 weak sum, strong_bytes of XXH3-64 with the
// seed, low byte first). Records need no framing of their own: their number follows from the
// header, and they may be cut anywhere.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/transfer/delta.h"
#include "engine/transfer/rolling_sum.h"

namespace robosync::transfer {

class Signature {
 public:
  static constexpr std::size_t kHeaderBytes = 21;

  [[nodiscard]] const DeltaParameters& parameters() const { return parameters_; }
  [[nodiscard]] BlockLayout layout() const {
    return {.old_bytes = old_bytes_, .block_bytes = parameters_.block_bytes};
  }

  // REQUIRES: block < layout().blocks().
  [[nodiscard]] std::uint32_t weak(std::uint64_t block) const;
  [[nodiscard]] std::uint64_t strong(std::uint64_t block) const;

  // The two parts of the form on the wire.
  [[nodiscard]] std::array<std::byte, kHeaderBytes> header() const;
  [[nodiscard]] std::span<const std::byte> records() const { return records_; }

 private:
  friend class SignatureBuilder;
  friend class SignatureReader;
  Signature(const DeltaParameters& parameters, std::uint64_t old_bytes)
      : parameters_(parameters), old_bytes_(old_bytes) {}
  [[nodiscard]] std::size_t record_bytes() const { return 4U + parameters_.strong_bytes; }

  DeltaParameters parameters_;
  std::uint64_t old_bytes_;
  std::vector<std::byte> records_;
};

// The strong hash of a block, truncated as the parameters say.
[[nodiscard]] std::uint64_t strong_hash(std::span<const std::byte> block,
                                        const DeltaParameters& parameters);

// Computes a signature from the old file's bytes.
class SignatureBuilder {
 public:
  // REQUIRES: validate(parameters, old_bytes).
  SignatureBuilder(const DeltaParameters& parameters, std::uint64_t old_bytes);

  // Adds the blocks from `first` on, whose content is `bytes`: whole blocks, and the short last one
  // only as the file's last. Threads may add different blocks at the same time.
  // REQUIRES: each block is added once, and within the layout.
  void add(std::uint64_t first, std::span<const std::byte> bytes);

  // REQUIRES: all blocks were added. Call once.
  [[nodiscard]] Signature finish();

 private:
  Signature signature_;
  RollingSum sum_;
  std::atomic<std::uint64_t> added_ = 0;
};

// Takes a signature from the wire. What is allocated grows with what has arrived, not with what the
// header promises.
class SignatureReader {
 public:
  // Fails with kProtocol where a limit is exceeded, before anything is allocated.
  [[nodiscard]] static base::Result<SignatureReader> start(
      std::span<const std::byte, Signature::kHeaderBytes> header);

  // How many bytes of records are still to come.
  [[nodiscard]] std::uint64_t missing_bytes() const;
  // Adds the next piece of the records. Fails with kProtocol if it is more than are missing.
  [[nodiscard]] base::Result<void> add(std::span<const std::byte> piece);
  // Fails with kProtocol while bytes are missing. Call once.
  [[nodiscard]] base::Result<Signature> finish();

 private:
  explicit SignatureReader(Signature signature) : signature_(std::move(signature)) {}
  Signature signature_;
};

}  // namespace robosync::transfer
