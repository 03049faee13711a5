#include "engine/transfer/delta_applier.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

}  // namespace

DeltaApplier::DeltaApplier(BlockLayout layout, std::uint64_t new_bytes, base::DigestKind digest,
                           ReadOld read, Write write)
    : layout_(layout),
      new_bytes_(new_bytes),
      hasher_(base::make_hasher(digest)),
      read_(std::move(read)),
      write_(std::move(write)),
      buffer_(kReadBytes) {
  ROBOSYNC_CHECK(layout.block_bytes != 0);
}

Result<void> DeltaApplier::copy(BlockRun run) {
  if (!layout_.contains(run)) {
    return fail(
        make_error(ErrorKind::kProtocol, fmt::format("block delta: {} blocks from {} on, of {}",
                                                     run.count, run.first, layout_.blocks())));
  }
  std::uint64_t offset = std::uint64_t{run.first} * layout_.block_bytes;
  // The last block may be short.
  const std::uint64_t end =
      std::min(offset + std::uint64_t{run.count} * layout_.block_bytes, layout_.old_bytes);
  if (end - offset > new_bytes_ - written_) {
    return fail(make_error(ErrorKind::kProtocol, "block delta: more bytes than declared"));
  }
  while (offset != end) {
    const auto out =
        std::span(buffer_).first(std::min<std::uint64_t>(end - offset, buffer_.size()));
    ROBOSYNC_ASSIGN(const std::size_t count, read_(offset, out));
    if (count != out.size()) {
      return fail(make_error(ErrorKind::kChanged, "block delta: the old file has become shorter"));
    }
    ROBOSYNC_TRY(put(out));
    copied_ += count;
    offset += count;
  }
  return {};
}

Result<void> DeltaApplier::literal(std::span<const std::byte> bytes) {
  if (bytes.size() > new_bytes_ - written_) {
    return fail(make_error(ErrorKind::kProtocol, "block delta: more bytes than declared"));
  }
  return put(bytes);
}

Result<void> DeltaApplier::put(std::span<const std::byte> bytes) {
  hasher_->add(bytes);
  ROBOSYNC_TRY(write_(bytes));
  written_ += bytes.size();
  return {};
}

Result<void> DeltaApplier::finish(const base::Digest& expected) {
  if (written_ != new_bytes_) {
    return fail(make_error(ErrorKind::kProtocol,
                           fmt::format("block delta: {} bytes missing", new_bytes_ - written_)));
  }
  if (hasher_->finish() != expected) {
    return fail(
        make_error(ErrorKind::kCorrupt, "block delta: the rebuilt file is not the new one"));
  }
  return {};
}

}  // namespace robosync::transfer
