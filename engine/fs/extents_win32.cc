#include "engine/fs/extents_win32.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/fs/handle_win32.h"
#include "engine/tree/windows_attributes.h"
#include "engine/tree/windows_volume.h"

namespace robosync::fs {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using nt::NativeHandle;
using nt::Status;

namespace {

constexpr std::uint32_t kSetSparse = 0x000900C4;
constexpr std::uint32_t kQueryAllocatedRanges = 0x000940CF;
constexpr std::uint32_t kDuplicateExtents = 0x00098344;
constexpr std::uint32_t kSharesBlocks = 0x08000000;  // FILE_SUPPORTS_BLOCK_REFCOUNTING
constexpr std::uint32_t kNamedStreams = 0x00040000;  // FILE_NAMED_STREAMS
constexpr std::int32_t kSizeInformation = 3;         // of a volume
constexpr std::int32_t kAttributeInformation = 5;
// One call takes less than 4 GiB.
constexpr std::int64_t kClonedBytesMax = std::int64_t{1} << 30U;
constexpr std::size_t kRangesAsked = 64;

constexpr std::int64_t kTick = 100;
constexpr std::int64_t kFatGranularity = 2'000'000'000;

struct AllocatedRange {
  std::int64_t offset;
  std::int64_t length;
};

struct DuplicatedExtent {
  NativeHandle source;
  std::int64_t source_offset;
  std::int64_t target_offset;
  std::int64_t length;
};

struct VolumeAttributes {
  std::uint32_t flags;
  std::int32_t name_units_max;
  std::uint32_t file_system_bytes;
  char16_t file_system[64];
};

struct VolumeSize {
  std::int64_t total_units;
  std::int64_t available_units;
  std::uint32_t sectors_per_unit;
  std::uint32_t bytes_per_sector;
};

template <typename T>
bool query_volume(NativeHandle handle, std::int32_t information, T& out) {
  nt::IoStatus io{};
  const Status status = nt::NtQueryVolumeInformationFile(handle, &io, &out, sizeof(T), information);
  return nt::succeeded(status) || status == nt::kBufferOverflow;
}

// "NTFS"; empty where it is not told.
std::u16string file_system_of(NativeHandle handle) {
  VolumeAttributes volume{};
  if (!query_volume(handle, kAttributeInformation, volume)) return {};
  const std::size_t count = std::min<std::size_t>(volume.file_system_bytes / sizeof(char16_t),
                                                  std::size(volume.file_system));
  return {volume.file_system, count};
}

template <typename T>
Status control(NativeHandle handle, std::uint32_t code, const T& in) {
  nt::IoStatus io{};
  return nt::NtFsControlFile(handle, nullptr, nullptr, nullptr, &io, code, &in, sizeof(T), nullptr,
                             0);
}

}  // namespace

Result<void> allow_holes(NativeHandle file) {
  const Status status = control(file, kSetSparse, nt::kYes);
  // Where there are none, zeros take their space.
  if (nt::succeeded(status) || nt::means_unknown(status)) return {};
  return fail(status_error(status, "make sparse", ""));
}

Result<std::optional<Extent>> next_extent(NativeHandle file, std::uint64_t offset) {
  const auto unsupported = fail(make_error(ErrorKind::kUnsupported, "find holes"));
  nt::Basic basic{};
  nt::Standard now{};
  Status status = query(file, nt::InformationClass::kBasic, basic);
  if (nt::succeeded(status)) status = query(file, nt::InformationClass::kStandard, now);
  if (!nt::succeeded(status)) return fail(status_error(status, "find holes", ""));
  if (!tree::is_stored_in_blocks(basic.attributes)) return unsupported;
  const auto begin = static_cast<std::int64_t>(offset);
  if (begin >= now.size) return std::optional<Extent>();
  const AllocatedRange asked{begin, now.size - begin};
  // The first is what is wanted; Samba fails where it cannot tell all.
  std::array<AllocatedRange, kRangesAsked> found{};
  nt::IoStatus io{};
  status = nt::NtFsControlFile(file, nullptr, nullptr, nullptr, &io, kQueryAllocatedRanges, &asked,
                               sizeof(asked), found.data(), sizeof(found));
  if (nt::means_unknown(status) || status == nt::kBufferTooSmall) return unsupported;
  if (!nt::succeeded(status) && status != nt::kBufferOverflow) {
    return fail(status_error(status, "find holes", ""));
  }
  if (io.information < sizeof(AllocatedRange)) return std::optional<Extent>();
  // It may begin before what was asked for.
  const std::int64_t from = std::max(found[0].offset, begin);
  const std::int64_t to = std::min(found[0].offset + found[0].length, now.size);
  return Extent{static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to - from)};
}

Result<void> clone_whole(NativeHandle source, NativeHandle target) {
  const auto unsupported = fail(make_error(ErrorKind::kUnsupported, "clone"));
  VolumeAttributes volume{};
  VolumeSize units{};
  if (!query_volume(target, kAttributeInformation, volume) || (volume.flags & kSharesBlocks) == 0 ||
      !query_volume(target, kSizeInformation, units)) {
    return unsupported;
  }
  nt::Standard from{};
  nt::Basic basic{};
  if (!nt::succeeded(query(source, nt::InformationClass::kStandard, from)) ||
      !nt::succeeded(query(source, nt::InformationClass::kBasic, basic))) {
    return unsupported;
  }
  // What is elsewhere is in no block to share.
  if (!tree::is_stored_in_blocks(basic.attributes)) {
    return fail(make_error(ErrorKind::kInvalid, "clone"));
  }
  // Both have to be sparse, or neither.
  if ((basic.attributes & nt::kAttributeSparse) != 0) ROBOSYNC_TRY(allow_holes(target));
  Status status = change(target, nt::InformationClass::kEndOfFile, from.size);
  const std::int64_t unit = std::int64_t{units.sectors_per_unit} * units.bytes_per_sector;
  for (std::int64_t at = 0; nt::succeeded(status) && at < from.size; at += kClonedBytesMax) {
    const std::int64_t rest = std::min(kClonedBytesMax, from.size - at);
    const std::int64_t whole_units = (rest + unit - 1) / unit * unit;
    status = control(target, kDuplicateExtents, DuplicatedExtent{source, at, at, whole_units});
  }
  if (nt::succeeded(status)) return {};
  (void)change(target, nt::InformationClass::kEndOfFile, std::int64_t{0});
  const ErrorKind kind = kind_of_status(status);
  if (nt::means_unknown(status) || kind == ErrorKind::kCrossDevice) return unsupported;
  return fail(status_error(status, "clone", ""));
}

bool keeps_streams(NativeHandle handle) {
  VolumeAttributes volume{};
  return query_volume(handle, kAttributeInformation, volume) && (volume.flags & kNamedStreams) != 0;
}

std::int64_t time_granularity(NativeHandle handle) {
  const std::u16string name = file_system_of(handle);
  if (name == u"exFAT") return tree::kExfatGranularityNs;
  return name.starts_with(u"FAT") ? kFatGranularity : kTick;
}

bool has_fat_times(NativeHandle handle) {
  return time_granularity(handle) >= tree::kExfatGranularityNs;
}

std::uint64_t file_bytes_max(NativeHandle handle) {
  return tree::windows_file_bytes_max(file_system_of(handle));
}

}  // namespace robosync::fs
