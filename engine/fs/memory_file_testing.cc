// Reading and writing file contents in the in-memory file system.
#include <algorithm>
#include <cerrno>
#include <limits>

#include "engine/fs/memory_handles_testing.h"

namespace robosync::fs::memory {

using base::fail;
using base::Result;
using tree::Kind;

namespace {

constexpr std::uint64_t kFileBytesMax = std::numeric_limits<std::int64_t>::max();

Result<void> check_readable(const Inode& inode, const char* operation) {
  if (inode.is_directory()) return fail(system_error(EISDIR, operation, ""));
  if (inode.kind != Kind::kRegular) return fail(system_error(ESPIPE, operation, ""));
  return {};
}

}  // namespace

Result<std::size_t> MemoryFile::read_at(std::span<std::byte> out, std::uint64_t offset) const {
  const std::lock_guard lock(core_->mutex);
  record(Operation::kRead);
  ROBOSYNC_TRY(check_readable(*inode_, "read"));
  if (offset >= inode_->size) return 0;
  const std::uint64_t count = std::min<std::uint64_t>(out.size(), inode_->size - offset);
  inode_->content.read(out.first(static_cast<std::size_t>(count)), offset);
  return static_cast<std::size_t>(count);
}

Result<void> MemoryFile::check_writable(const char* operation) const {
  ROBOSYNC_TRY(check_readable(*inode_, operation));
  if (access_ == Access::kRead) return fail(system_error(EBADF, operation, ""));
  if (inode_->volume->options.read_only) return fail(system_error(EROFS, operation, ""));
  return {};
}

Result<void> MemoryFile::store(std::span<const std::byte> data, std::uint64_t offset) {
  const std::optional<std::uint64_t> bytes_max = inode_->volume->options.file_bytes_max;
  if (bytes_max && offset + data.size() > *bytes_max) {
    return fail(system_error(ENOSPC, "write", ""));
  }
  const std::uint64_t written = inode_->content.write(data, offset);
  if (written > 0) {
    inode_->size = std::max(inode_->size, offset + written);
    core_->touch(*inode_);
    core_->drop_set_id_bits(*inode_);
  }
  if (written < data.size()) return fail(system_error(ENOSPC, "write", ""));
  return {};
}

Result<void> MemoryFile::fill_gap(std::uint64_t size) {
  if (inode_->volume->options.has_holes) return {};
  static constexpr std::array<std::byte, kPageBytes> kZeros{};
  while (inode_->size < size) {
    const std::uint64_t count = std::min<std::uint64_t>(kZeros.size(), size - inode_->size);
    ROBOSYNC_TRY(store(std::span(kZeros).first(static_cast<std::size_t>(count)), inode_->size));
  }
  return {};
}

Result<void> MemoryFile::write_at(std::span<const std::byte> data, std::uint64_t offset) {
  const std::lock_guard lock(core_->mutex);
  record(Operation::kWrite);
  ROBOSYNC_TRY(check_writable("write"));
  if (data.empty()) return {};
  if (offset > kFileBytesMax - data.size()) return fail(system_error(EFBIG, "write", ""));
  ROBOSYNC_TRY(fill_gap(offset));
  return store(data, offset);
}

Result<void> MemoryFile::resize(std::uint64_t size) {
  const std::lock_guard lock(core_->mutex);
  record(Operation::kResize);
  ROBOSYNC_TRY(check_writable("set size"));
  if (size > kFileBytesMax) return fail(system_error(EINVAL, "set size", ""));
  ROBOSYNC_TRY(fill_gap(size));
  if (size < inode_->size) inode_->content.truncate(size);
  inode_->size = size;
  core_->touch(*inode_);
  core_->drop_set_id_bits(*inode_);
  return {};
}

Result<void> MemoryFile::preallocate(std::uint64_t size) {
  const std::lock_guard lock(core_->mutex);
  record(Operation::kPreallocate);
  ROBOSYNC_TRY(check_writable("preallocate"));
  if (!inode_->volume->options.can_preallocate) {
    return fail(base::make_error(base::ErrorKind::kUnsupported, "preallocate"));
  }
  if (!inode_->content.reserve(size)) return fail(system_error(ENOSPC, "preallocate", ""));
  core_->touch_change(*inode_);
  return {};
}

Result<std::optional<Extent>> MemoryFile::next_extent(std::uint64_t offset) const {
  const std::lock_guard lock(core_->mutex);
  record(Operation::kNextExtent);
  ROBOSYNC_TRY(check_readable(*inode_, "find holes"));
  if (!inode_->volume->options.has_holes) {
    return fail(base::make_error(base::ErrorKind::kUnsupported, "find holes"));
  }
  return inode_->content.next_extent(offset, inode_->size);
}

Result<const MemoryFile*> MemoryFile::peer(const File& source, const char* operation) const {
  const auto* other = dynamic_cast<const MemoryFile*>(&source);
  if (other == nullptr || other->core_ != core_ || other->inode_->volume != inode_->volume) {
    return fail(base::make_error(base::ErrorKind::kUnsupported, operation));
  }
  return other;
}

Result<void> MemoryFile::clone_from(const File& source) {
  const std::lock_guard lock(core_->mutex);
  record(Operation::kClone);
  ROBOSYNC_TRY(check_writable("clone"));
  ROBOSYNC_ASSIGN(const MemoryFile* const other, peer(source, "clone"));
  if (!inode_->volume->options.can_clone) {
    return fail(base::make_error(base::ErrorKind::kUnsupported, "clone"));
  }
  ROBOSYNC_TRY(check_readable(*other->inode_, "clone"));
  inode_->content.share(other->inode_->content);
  // Cloning onto a longer file leaves its tail behind the cloned range on Linux; callers clone into
  // new files, and the contract says "whole".
  inode_->size = other->inode_->size;
  core_->touch(*inode_);
  core_->drop_set_id_bits(*inode_);
  return {};
}

Result<std::uint64_t> MemoryFile::copy_range_from(const File& source, std::uint64_t offset,
                                                  std::uint64_t length) {
  const std::lock_guard lock(core_->mutex);
  record(Operation::kCopyRange);
  ROBOSYNC_TRY(check_writable("copy"));
  ROBOSYNC_ASSIGN(const MemoryFile* const other, peer(source, "copy"));
  const VolumeOptions& options = inode_->volume->options;
  if (!options.can_copy_range) {
    return fail(base::make_error(base::ErrorKind::kUnsupported, "copy range"));
  }
  ROBOSYNC_TRY(check_readable(*other->inode_, "copy"));
  if (offset >= other->inode_->size) return 0;
  const std::uint64_t count =
      std::min({length, options.copy_range_bytes_max, other->inode_->size - offset});
  if (count == 0) return 0;
  std::vector<std::byte> buffer(static_cast<std::size_t>(count));
  other->inode_->content.read(buffer, offset);
  ROBOSYNC_TRY(fill_gap(offset));
  ROBOSYNC_TRY(store(buffer, offset));
  return count;
}

}  // namespace robosync::fs::memory
