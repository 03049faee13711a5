#include "engine/transfer/delta_encoder.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"

namespace robosync::transfer {

using base::Result;

DeltaEncoder::DeltaEncoder(const Signature& signature, DeltaSink& sink)
    : signature_(signature),
      sink_(sink),
      layout_(signature.layout()),
      index_(signature),
      buffer_(2 * std::size_t{layout_.block_bytes} + kWindowBytes) {}

Result<void> DeltaEncoder::feed(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto space = room();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), count);
    ROBOSYNC_TRY(advance(count));
    bytes = bytes.subspan(count);
  }
  return {};
}

// Never empty: advance() makes room before it returns.
std::span<std::byte> DeltaEncoder::room() { return std::span(buffer_).subspan(end_); }

Result<void> DeltaEncoder::advance(std::size_t bytes) {
  ROBOSYNC_CHECK(bytes <= buffer_.size() - end_);
  end_ += bytes;
  // Capped: work saved up over gigabytes that matched would be a long stall later.
  strong_work_ = std::min(strong_work_ + bytes * kStrongWorkPerByte, kStrongWorkStart);
  // The search is worth starting only with enough to do; the last bytes are searched by finish().
  if (end_ < buffer_.size()) return {};
  ROBOSYNC_TRY(search());
  return make_room();
}

Result<void> DeltaEncoder::make_room() {
  // A window before position_ matched nothing, so its first byte never will. What is kept is at
  // most a block, for otherwise the search would have gone on.
  ROBOSYNC_TRY(emit_literal(position_));
  std::memmove(buffer_.data(), buffer_.data() + position_, end_ - position_);
  end_ -= position_;
  literal_ = 0;
  position_ = 0;
  return {};
}

Result<void> DeltaEncoder::search() {
  while (end_ - position_ >= layout_.block_bytes) {
    if (weak_) {
      const std::size_t steps = end_ - position_ - layout_.block_bytes;
      if (steps == 0) break;
      const std::size_t moved = index_.scan(&buffer_[position_], steps, *weak_);
      position_ += moved;
      since_match_ += moved;
    } else if (continues()) {
      ROBOSYNC_TRY(match(expected_, layout_.block_bytes));
      continue;
    } else {
      weak_ = index_.sum().of(window());
    }
    if (const auto block = candidate()) {
      ROBOSYNC_TRY(match(*block, layout_.block_bytes));
    }
  }
  return {};
}

// Whether the block after the last match, or the first one at the beginning, is the next one.
bool DeltaEncoder::continues() const {
  if (expected_ >= layout_.full_blocks()) return false;
  return strong_hash(window(), signature_.parameters()) == signature_.strong(expected_) &&
         index_.sum().of(window()) == signature_.weak(expected_);
}

// The block that the window at position_ is, by both sums.
std::optional<std::uint32_t> DeltaEncoder::candidate() {
  if (!index_.has(*weak_)) return std::nullopt;
  if (strong_work_ < layout_.block_bytes) {
    ++counters_.refused_candidates;
    return std::nullopt;
  }
  strong_work_ -= layout_.block_bytes;
  const auto found = index_.find(*weak_, strong_hash(window(), signature_.parameters()));
  if (!found) {
    ++counters_.false_candidates;
    return std::nullopt;
  }
  return prefer(*found);
}

// Of equal blocks, the one at the place where an edit in place would have left it: then runs stay
// long and the old file is read in order, in regions of zeros for instance.
std::uint32_t DeltaEncoder::prefer(std::uint32_t found) const {
  const std::uint64_t block =
      expected_ + (since_match_ + layout_.block_bytes / 2) / layout_.block_bytes;
  if (block >= layout_.full_blocks()) return found;
  const bool equal = signature_.weak(block) == signature_.weak(found) &&
                     signature_.strong(block) == signature_.strong(found);
  return equal ? static_cast<std::uint32_t>(block) : found;
}

Result<void> DeltaEncoder::match(std::uint64_t block, std::size_t bytes) {
  ROBOSYNC_TRY(emit_literal(position_));
  if (run_.count != 0 && std::uint64_t{run_.first} + run_.count == block) {
    ++run_.count;
  } else {
    ROBOSYNC_TRY(emit_run());
    run_ = {.first = static_cast<std::uint32_t>(block), .count = 1};
  }
  counters_.copied_bytes += bytes;
  position_ += bytes;
  literal_ = position_;
  expected_ = block + 1;
  since_match_ = 0;
  weak_.reset();
  if (std::uint64_t{run_.count} * layout_.block_bytes >= kRunBytesMax) return emit_run();
  return {};
}

Result<void> DeltaEncoder::emit_literal(std::size_t end) {
  if (literal_ == end) return {};
  ROBOSYNC_TRY(emit_run());
  counters_.literal_bytes += end - literal_;
  while (literal_ != end) {
    const std::size_t count = std::min(end - literal_, kDeltaLiteralBytesMax);
    ROBOSYNC_TRY(sink_.literal(std::span<const std::byte>(buffer_).subspan(literal_, count)));
    literal_ += count;
  }
  return {};
}

Result<void> DeltaEncoder::emit_run() {
  if (run_.count == 0) return {};
  ROBOSYNC_TRY(sink_.copy(run_));
  run_ = {};
  return {};
}

// Whether the bytes not yet matched end with the old file's short last block. It is looked for at
// the end of the new file only.
bool DeltaEncoder::ends_with_short_block() const {
  const std::size_t bytes = layout_.short_block_bytes();
  if (bytes == 0 || end_ - literal_ < bytes) return false;
  const auto tail = std::span(buffer_).subspan(end_ - bytes, bytes);
  const std::uint64_t block = layout_.full_blocks();
  return strong_hash(tail, signature_.parameters()) == signature_.strong(block) &&
         index_.sum().of(tail) == signature_.weak(block);
}

Result<void> DeltaEncoder::finish() {
  ROBOSYNC_TRY(search());
  if (ends_with_short_block()) {
    position_ = end_ - layout_.short_block_bytes();
    ROBOSYNC_TRY(match(layout_.full_blocks(), layout_.short_block_bytes()));
  }
  ROBOSYNC_TRY(emit_literal(end_));
  return emit_run();
}

}  // namespace robosync::transfer
