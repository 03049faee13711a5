#include "engine/transfer/delta_ops.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

// Five bytes of seven bits hold the largest values: twice kDeltaBlocksMax, and a bit.
constexpr std::size_t kVarintBytesMax = 5;
constexpr std::uint64_t kCopy = 1;
// A literal in the rest of a frame should be worth its head.
constexpr std::size_t kLiteralWorthwhile = 32;

std::unexpected<base::Error> malformed(const char* what) {
  return fail(make_error(ErrorKind::kProtocol, std::string("block delta: ") + what));
}

// Takes a varint off the front of `frame`.
Result<std::uint64_t> take_varint(std::span<const std::byte>& frame) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kVarintBytesMax; ++i) {
    if (i == frame.size()) return malformed("an operation cut short");
    const auto byte = std::to_integer<std::uint64_t>(frame[i]);
    value |= (byte & 0x7fU) << (7 * i);
    if (byte < 0x80) {
      if (byte == 0 && i != 0) return malformed("a number not in its shortest form");
      frame = frame.subspan(i + 1);
      return value;
    }
  }
  return malformed("a number too long");
}

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

}  // namespace

DeltaOpWriter::DeltaOpWriter(std::size_t frame_bytes_max, Emit emit)
    : frame_bytes_max_(frame_bytes_max), emit_(std::move(emit)) {
  ROBOSYNC_CHECK(kFrameBytesMin <= frame_bytes_max && frame_bytes_max <= kFrameBytesMax);
  frame_.reserve(frame_bytes_max_);
}

void DeltaOpWriter::put_varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) frame_.push_back(static_cast<std::byte>(value | 0x80U));
  frame_.push_back(static_cast<std::byte>(value));
}

Result<void> DeltaOpWriter::copy(BlockRun run) {
  ROBOSYNC_CHECK(run.count != 0 && run.count <= kDeltaBlocksMax);
  if (frame_bytes_max_ - frame_.size() < 2 * kVarintBytesMax) ROBOSYNC_TRY(flush());
  put_varint(2 * std::uint64_t{run.count} + kCopy);
  put_varint(zigzag(std::int64_t{run.first} - next_block_));
  next_block_ = run.first + run.count;
  return {};
}

Result<void> DeltaOpWriter::literal(std::span<const std::byte> bytes) {
  ROBOSYNC_CHECK(bytes.size() <= kDeltaLiteralBytesMax);
  while (!bytes.empty()) {
    if (frame_bytes_max_ - frame_.size() < kVarintBytesMax + kLiteralWorthwhile) {
      ROBOSYNC_TRY(flush());
    }
    const std::size_t room = frame_bytes_max_ - frame_.size() - kVarintBytesMax;
    const auto piece = bytes.first(std::min(bytes.size(), room));
    put_varint(2 * std::uint64_t{piece.size()});
    frame_.insert(frame_.end(), piece.begin(), piece.end());
    bytes = bytes.subspan(piece.size());
  }
  return {};
}

Result<void> DeltaOpWriter::flush() {
  if (frame_.empty()) return {};
  ROBOSYNC_TRY(emit_(frame_));
  frame_.clear();
  return {};
}

Result<void> DeltaOpReader::read(std::span<const std::byte> frame, DeltaSink& sink) {
  while (!frame.empty()) {
    ROBOSYNC_ASSIGN(const std::uint64_t head, take_varint(frame));
    const std::uint64_t count = head >> 1;
    if (count == 0) return malformed("an empty operation");
    if ((head & 1U) == kCopy) {
      ROBOSYNC_ASSIGN(const std::uint64_t distance, take_varint(frame));
      const std::int64_t first = std::int64_t{next_block_} + unzigzag(distance);
      // This bounds the count as well. Neither sum can overflow: a varint has 35 bits.
      if (first < 0 || first + static_cast<std::int64_t>(count) > kDeltaBlocksMax) {
        return malformed("a copy of no block");
      }
      const BlockRun run{.first = static_cast<std::uint32_t>(first),
                         .count = static_cast<std::uint32_t>(count)};
      next_block_ = run.first + run.count;
      ROBOSYNC_TRY(sink.copy(run));
      continue;
    }
    if (count > kDeltaLiteralBytesMax) return malformed("a literal too long");
    if (count > frame.size()) return malformed("a literal cut short");
    ROBOSYNC_TRY(sink.literal(frame.first(count)));
    frame = frame.subspan(count);
  }
  return {};
}

}  // namespace robosync::transfer
