// DeltaEncoder: SOURCE's side of the block delta. New bytes go in, operations come out.
//
// Where the last match goes on, which is nearly everywhere, a block costs one strong hash.
// Elsewhere the weak sum rolls from byte to byte, and only where the index knows it is a strong
// hash computed. The operations cover every byte that was fed, in order, each once.
//
// Work is linear in the bytes fed, whatever the signature: at most kStrongWorkPerByte bytes go
// through the strong hash per byte fed, plus kStrongWorkStart. Memory: the index (delta_index.h)
// plus 2 * block_bytes + kWindowBytes, whatever the file's size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/transfer/delta.h"
#include "engine/transfer/delta_index.h"
#include "engine/transfer/delta_signature.h"

namespace robosync::transfer {

class DeltaEncoder {
 public:
  static constexpr std::size_t kWindowBytes = 256U << 10;
  // An honest signature needs old_bytes / 2^32 of it, so 64 suffices up to 256 GiB; beyond, now and
  // then a match is missed.
  static constexpr std::uint64_t kStrongWorkPerByte = 64;
  static constexpr std::uint64_t kStrongWorkStart = 64U << 20;
  // A run is emitted once it is this long, so that TARGET works while SOURCE still reads.
  static constexpr std::uint64_t kRunBytesMax = 8U << 20;

  struct Counters {
    std::uint64_t copied_bytes = 0;
    std::uint64_t literal_bytes = 0;
    // Strong hashes that found no block, and those not computed because the work was used up.
    std::uint64_t false_candidates = 0;
    std::uint64_t refused_candidates = 0;
  };

  // Both must outlive the encoder.
  DeltaEncoder(const Signature& signature, DeltaSink& sink);

  // Takes the next bytes of the new file. Fails as the sink does, and is of no use after that.
  [[nodiscard]] base::Result<void> feed(std::span<const std::byte> bytes);
  // The same without a copy: read up to room().size() bytes into room(), then say how many.
  [[nodiscard]] std::span<std::byte> room();
  [[nodiscard]] base::Result<void> advance(std::size_t bytes);

  // Says that the file ends here and emits what is left. Call once.
  [[nodiscard]] base::Result<void> finish();

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  [[nodiscard]] base::Result<void> search();
  [[nodiscard]] bool continues() const;
  [[nodiscard]] std::optional<std::uint32_t> candidate();
  [[nodiscard]] std::uint32_t prefer(std::uint32_t found) const;
  [[nodiscard]] bool ends_with_short_block() const;
  [[nodiscard]] base::Result<void> match(std::uint64_t block, std::size_t bytes);
  [[nodiscard]] base::Result<void> emit_literal(std::size_t end);
  [[nodiscard]] base::Result<void> emit_run();
  [[nodiscard]] base::Result<void> make_room();
  [[nodiscard]] std::span<const std::byte> window() const {
    return std::span(buffer_).subspan(position_, layout_.block_bytes);
  }

  const Signature& signature_;
  DeltaSink& sink_;
  BlockLayout layout_;
  DeltaIndex index_;

  // buffer_[0, literal_) is done, [literal_, position_) matched nothing, [position_, end_) is still
  // to be searched.
  std::vector<std::byte> buffer_;
  std::size_t literal_ = 0;
  std::size_t position_ = 0;
  std::size_t end_ = 0;
  // The sum of the window at position_, which then is known to match nothing.
  std::optional<std::uint32_t> weak_;
  // The block that would continue the last match, and how many bytes ago that match ended.
  std::uint64_t expected_ = 0;
  std::uint64_t since_match_ = 0;
  BlockRun run_;  // matched, not yet emitted
  std::uint64_t strong_work_ = kStrongWorkStart;
  Counters counters_;
};

}  // namespace robosync::transfer
