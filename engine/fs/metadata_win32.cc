#include "engine/fs/metadata_win32.h"

#include <cstring>
#include <memory>

#include "engine/base/wide_text.h"
#include "engine/fs/extents_win32.h"
#include "engine/fs/handle_win32.h"
#include "engine/fs/links_win32.h"
#include "engine/tree/windows_attributes.h"
#include "engine/tree/windows_volume.h"

namespace robosync::fs {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using tree::Kind;
using tree::Metadata;

namespace {

constexpr std::int64_t kTicksPerSecond = 10'000'000;  // of 100 ns
constexpr std::int64_t kNanosPerTick = 100;
constexpr std::int64_t kEpochSeconds = 11'644'473'600;  // from 1601 to 1970
// 0 and less mean something else where a time is set.
constexpr std::int64_t kTicksMin = 1;
constexpr std::int64_t kSecondsMax = 900'000'000'000;  // beyond, ticks would overflow

constexpr std::uint32_t kOwnerWrites = 0200;
constexpr std::uint32_t kFileMode = 0644;
constexpr std::uint32_t kReadOnlyMode = 0444;
constexpr std::uint32_t kDirectoryMode = 0755;
constexpr std::uint32_t kLinkMode = 0777;

// One call fills it; more calls cost little for what does not fit.
constexpr std::size_t kListBufferBytes = 64 * 1024;

tree::Time time_of(std::int64_t ticks) {
  std::int64_t seconds = ticks / kTicksPerSecond;
  std::int64_t rest = ticks % kTicksPerSecond;
  if (rest < 0) {
    rest += kTicksPerSecond;
    --seconds;
  }
  return {seconds - kEpochSeconds, static_cast<std::uint32_t>(rest * kNanosPerTick)};
}

// Cut to what the system keeps, and to the nearest that it has at all.
std::int64_t ticks_of(tree::Time time) {
  const std::int64_t seconds = std::min(time.seconds, kSecondsMax) + kEpochSeconds;
  if (seconds < 0) return kTicksMin;
  return std::max(kTicksMin, seconds * kTicksPerSecond + time.nanoseconds / kNanosPerTick);
}

Kind kind_of(std::uint32_t attributes, std::uint32_t tag) {
  if ((attributes & nt::kAttributeReparsePoint) != 0 && is_link_tag(tag)) return Kind::kSymlink;
  return (attributes & nt::kAttributeDirectory) != 0 ? Kind::kDirectory : Kind::kRegular;
}

std::uint32_t mode_of(Kind kind, std::uint32_t attributes) {
  if (kind == Kind::kSymlink) return kLinkMode;
  // A directory's read-only attribute keeps nobody from changing it: the shell has its own use.
  if (kind == Kind::kDirectory) return kDirectoryMode;
  return (attributes & nt::kAttributeReadOnly) != 0 ? kReadOnlyMode : kFileMode;
}

std::uint64_t allocated(std::uint32_t attributes, std::int64_t allocated_bytes, std::int64_t size) {
  return tree::allocated_for_holes(attributes, static_cast<std::uint64_t>(allocated_bytes),
                                   static_cast<std::uint64_t>(size));
}

Result<void> add_link(nt::NativeHandle handle, std::uint32_t attributes, tree::Entry& entry) {
  ROBOSYNC_ASSIGN(Link link, read_link(handle, attributes));
  entry.link_target = std::move(link.target);
  entry.link_kind = link.kind;
  entry.metadata.size = entry.link_target.size();
  return {};
}

// The one entry `name` of a listing, or why it is none.
Result<tree::Entry> entry_of(nt::NativeHandle directory, std::uint64_t device,
                             const nt::DirectoryEntry& found, std::string name) {
  const std::uint32_t tag =
      (found.attributes & nt::kAttributeReparsePoint) != 0 ? found.tag : std::uint32_t{0};
  tree::Entry entry;
  entry.name = std::move(name);
  Metadata& m = entry.metadata;
  m.kind = kind_of(found.attributes, tag);
  m.mode = mode_of(m.kind, found.attributes);
  m.link_count = 0;  // not told
  m.size = static_cast<std::uint64_t>(found.size);
  m.allocated_bytes = allocated(found.attributes, found.allocated_bytes, found.size);
  m.windows_attributes = found.attributes;
  m.mtime = time_of(found.write_time);
  m.ctime = time_of(found.change_time);
  m.identity = {device, tree::windows_inode(found.file_id)};
  if (m.kind == Kind::kDirectory) m.size = 0;
  if (m.kind != Kind::kSymlink) return entry;
  ROBOSYNC_ASSIGN(const Handle link, open_entry(directory, entry.name, {}, "open"));
  ROBOSYNC_TRY(add_link(link.get(), found.attributes, entry));
  return entry;
}

void add(nt::NativeHandle directory, std::uint64_t device, const nt::DirectoryEntry& found,
         std::u16string_view wide, const NameFilter& wanted, Listing& out) {
  if (wide == u"." || wide == u"..") return;
  std::string name = base::wtf8_of(wide);
  if (wanted && !wanted(name, kind_of(found.attributes, found.tag))) return;
  if (auto valid = tree::validate_component(name); !valid) {
    out.problems.push_back({std::move(name), std::move(valid).error()});
    return;
  }
  auto entry = entry_of(directory, device, found, name);
  if (entry) {
    out.entries.push_back(std::move(*entry));
  } else {
    out.problems.push_back({std::move(name), std::move(entry).error()});
  }
}

}  // namespace

Result<std::uint64_t> device_of(nt::NativeHandle handle) {
  nt::VolumeInformation volume{};
  nt::IoStatus io{};
  const nt::Status status = nt::NtQueryVolumeInformationFile(handle, &io, &volume, sizeof(volume),
                                                             nt::kVolumeInformationClass);
  if (nt::means_unknown(status)) return std::uint64_t{0};  // one that has no number is told by that
  if (!nt::succeeded(status) && status != nt::kBufferOverflow) {
    return fail(status_error(status, "ask for the volume", ""));
  }
  return volume.serial_number;
}

Result<tree::Entry> stat_handle(nt::NativeHandle handle, std::uint64_t device) {
  nt::Stat stat{};
  const nt::Status status = stat_object(handle, stat);
  if (!nt::succeeded(status)) return fail(status_error(status, "stat", ""));
  tree::Entry entry;
  Metadata& m = entry.metadata;
  m.kind = kind_of(stat.attributes, stat.tag);
  m.mode = mode_of(m.kind, stat.attributes);
  m.link_count = stat.link_count;
  m.size = static_cast<std::uint64_t>(stat.size);
  m.allocated_bytes = allocated(stat.attributes, stat.allocated_bytes, stat.size);
  m.windows_attributes = stat.attributes;
  m.mtime = time_of(stat.write_time);
  m.ctime = time_of(stat.change_time);
  m.identity = {device, tree::windows_inode(stat.file_id)};
  if (m.kind == Kind::kDirectory) m.size = 0;
  if (m.kind != Kind::kSymlink) return entry;
  ROBOSYNC_TRY(add_link(handle, stat.attributes, entry));
  return entry;
}

Result<void> list_directory(nt::NativeHandle directory, std::uint64_t device,
                            const NameFilter& wanted, Listing& out) {
  const auto buffer = std::make_unique_for_overwrite<std::uint64_t[]>(kListBufferBytes / 8);
  std::uint8_t restart = nt::kYes;
  auto information = nt::InformationClass::kIdBothDirectory;
  std::size_t name_offset = nt::kEntryNameOffset;
  for (;;) {
    nt::IoStatus io{};
    const nt::Status status = nt::NtQueryDirectoryFile(
        directory, nullptr, nullptr, nullptr, &io, buffer.get(), kListBufferBytes,
        static_cast<std::int32_t>(information), nt::kNo, nullptr, restart);
    // Not every server tells numbers.
    if (nt::means_unknown(status) && information == nt::InformationClass::kIdBothDirectory) {
      information = nt::InformationClass::kBothDirectory;
      name_offset = nt::kNameOffsetWithoutId;
      continue;
    }
    // An empty directory of a drive's root has not even ".".
    if (status == nt::kNoMoreFiles || (restart == nt::kYes && status == nt::kNoSuchFile)) return {};
    if (!nt::succeeded(status)) return fail(status_error(status, "list", ""));
    restart = nt::kNo;
    const char* at = reinterpret_cast<const char*>(buffer.get());
    for (;;) {
      nt::DirectoryEntry found{};
      std::memcpy(&found, at, name_offset);
      const std::u16string_view name(reinterpret_cast<const char16_t*>(at + name_offset),
                                     found.name_bytes / sizeof(char16_t));
      add(directory, device, found, name, wanted, out);
      if (found.next_offset == 0) break;
      at += found.next_offset;
    }
  }
}

nt::Status set_basic(nt::NativeHandle handle, nt::Basic basic) {
  const nt::Status status = fs::change(handle, nt::InformationClass::kBasic, basic);
  if (status != nt::kInvalidParameter || !has_fat_times(handle)) return status;
  if (is_volume_root(handle)) return nt::kSuccess;
  for (std::int64_t* const ticks : {&basic.creation_time, &basic.write_time}) {
    if (*ticks != 0) *ticks = ticks_of(tree::kept_by_fat(time_of(*ticks)));
  }
  return fs::change(handle, nt::InformationClass::kBasic, basic);
}

std::uint32_t attributes_of_mode(std::uint32_t mode) {
  return (mode & kOwnerWrites) != 0 ? nt::kAttributeNormal : nt::kAttributeReadOnly;
}

Result<void> set_metadata(nt::NativeHandle handle, const MetadataChange& change) {
  if ((change.uid && *change.uid != 0) || (change.gid && *change.gid != 0)) {
    return fail(make_error(ErrorKind::kPermission, "owners are not numbers on Windows"));
  }
  nt::Basic basic{};  // zero: leave alone
  if (change.mtime) basic.write_time = ticks_of(*change.mtime);
  if (change.mode) {
    nt::Basic now{};
    const nt::Status status = query(handle, nt::InformationClass::kBasic, now);
    if (!nt::succeeded(status)) return fail(status_error(status, "stat", ""));
    const bool writable = (*change.mode & kOwnerWrites) != 0;
    const std::uint32_t wanted = writable ? now.attributes & ~nt::kAttributeReadOnly
                                          : now.attributes | nt::kAttributeReadOnly;
    const std::uint32_t tag = reparse_tag(handle);
    if (kind_of(now.attributes, tag) == Kind::kRegular && wanted != now.attributes)
      basic.attributes = wanted != 0 ? wanted : nt::kAttributeNormal;
  }
  if (basic.write_time == 0 && basic.attributes == 0) return {};
  const nt::Status status = set_basic(handle, basic);
  if (!nt::succeeded(status)) return fail(status_error(status, "set time and attributes", ""));
  return {};
}

}  // namespace robosync::fs
