// Metadata and extended attributes of the in-memory file system.
#include <algorithm>
#include <cerrno>
#include <string_view>

#include "engine/fs/memory_core_testing.h"
#include "engine/tree/windows_attributes.h"
#include "engine/tree/windows_volume.h"

namespace robosync::fs::memory {

using base::fail;
using base::Result;
using tree::Kind;
using tree::Metadata;

namespace {

constexpr std::uint32_t kModeMask = 07777;
constexpr std::uint32_t kSetUid = 04000;
constexpr std::uint32_t kSetGid = 02000;
constexpr std::uint32_t kGroupExecute = 00010;
constexpr std::uint64_t kDirectoryBytes = 40;       // as on tmpfs
constexpr std::uint64_t kDirectoryEntryBytes = 20;  // so that a directory's size means nothing

bool is_user_xattr(std::string_view name) { return name.starts_with("user."); }

bool is_privileged_xattr(std::string_view name) {
  return name.starts_with("trusted.") || name.starts_with("security.");
}

bool is_windows_xattr(std::string_view name) { return name.starts_with("windows."); }

bool is_stream(std::string_view name) { return name.starts_with("windows.stream."); }

// Never 0: every entry of Windows has some.
tree::WindowsAttributes windows_attributes(const Inode& inode) {
  constexpr tree::WindowsAttributes kNormal = 0x80;
  const auto stored = inode.xattrs.find(std::string(tree::kStoredAttributesName));
  tree::WindowsAttributes out = kNormal;
  if (stored != inode.xattrs.end()) {
    out |= tree::parse_stored_attributes(stored->second).value_or(0);
  }
  if ((inode.mode & 0200U) == 0) out |= tree::kAttributeReadOnly;
  return out;
}

bool is_acl(std::string_view name) {
  return name == "system.posix_acl_access" || name == "system.posix_acl_default";
}

bool holds_user_xattrs(const Inode& inode) {
  return inode.kind == Kind::kRegular || inode.kind == Kind::kDirectory;
}

// Set-group-id without group execution marks something else and survives.
std::uint32_t without_set_id(std::uint32_t mode) {
  mode &= ~kSetUid;
  if ((mode & kGroupExecute) != 0) mode &= ~kSetGid;
  return mode;
}

}  // namespace

std::uint32_t Core::mode_by_default_acl(const Inode& directory, std::uint32_t mode) {
  const auto acl = directory.xattrs.find("system.posix_acl_default");
  if (acl == directory.xattrs.end()) return mode;
  // Entries of tag, permissions (16 bits each, little-endian) and an id of 32 bits, behind a
  // version.
  constexpr std::size_t kHeaderBytes = 4;
  constexpr std::size_t kEntryBytes = 8;
  enum Tag : unsigned char { kOwner = 0x01, kGroup = 0x04, kMask = 0x10, kOthers = 0x20 };
  const std::string& text = acl->second;
  std::uint32_t group = 07;
  std::uint32_t allowed = 0;
  for (std::size_t at = kHeaderBytes; at + kEntryBytes <= text.size(); at += kEntryBytes) {
    const auto permissions = static_cast<std::uint32_t>(text[at + 2]) & 07U;
    if (text[at] == kOwner) allowed |= permissions << 6;
    if (text[at] == kOthers) allowed |= permissions;
    // A mask, which comes later, stands in for the group.
    if (text[at] == kGroup || text[at] == kMask) group = permissions;
  }
  return mode & (07000U | allowed | (group << 3));
}

tree::Time rounded_down(tree::Time time, std::int64_t granularity_ns) {
  constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
  if (granularity_ns <= 1) return time;
  if (granularity_ns < kNanosPerSecond) {
    time.nanoseconds -= time.nanoseconds % static_cast<std::uint32_t>(granularity_ns);
    return time;
  }
  const std::int64_t step = granularity_ns / kNanosPerSecond;
  time.seconds -= ((time.seconds % step) + step) % step;
  time.nanoseconds = 0;
  return time;
}

Metadata Core::metadata(const Inode& inode) const {
  Metadata m;
  m.kind = inode.kind;
  m.mode = inode.is_symlink() ? 0777 : inode.mode;
  m.uid = inode.uid;
  m.gid = inode.gid;
  m.link_count = inode.link_count;
  m.mtime = inode.mtime;
  m.ctime = inode.ctime;
  m.identity = {inode.volume->device, inode.number};
  m.device_number = inode.device_number;
  if (privileges.has_native_attributes) m.windows_attributes = windows_attributes(inode);
  if (inode.is_directory()) {
    m.size = kDirectoryBytes + kDirectoryEntryBytes * inode.children.size();
  } else if (inode.is_symlink()) {
    m.size = inode.link_target.size();
  } else {
    m.size = inode.size;
    m.allocated_bytes = inode.content.allocated_bytes();
  }
  return m;
}

void Core::touch_change(Inode& inode) {
  constexpr std::uint32_t kTickNs = 1'000;
  now.nanoseconds += kTickNs;
  if (now.nanoseconds >= 1'000'000'000) {
    now.nanoseconds -= 1'000'000'000;
    ++now.seconds;
  }
  inode.ctime = rounded_down(now, inode.volume->options.time_granularity_ns);
}

void Core::touch(Inode& inode) {
  touch_change(inode);
  inode.mtime = inode.ctime;
}

void Core::drop_set_id_bits(Inode& inode) {
  if (!caller().owns_everything) inode.mode = without_set_id(inode.mode);
}

Result<void> Core::set_owner(Inode& inode, const MetadataChange& change) {
  if (!caller().owns_everything) {
    const bool is_owner = caller().uid == inode.uid;
    const bool uid_allowed = !change.uid || (is_owner && *change.uid == inode.uid);
    const bool gid_allowed =
        !change.gid || (is_owner && (*change.gid == inode.gid || is_in_group(*change.gid)));
    if (!uid_allowed || !gid_allowed) return fail(system_error(EPERM, "set owner", ""));
  }
  inode.uid = change.uid.value_or(inode.uid);
  inode.gid = change.gid.value_or(inode.gid);
  if (!inode.is_directory()) inode.mode = without_set_id(inode.mode);
  touch_change(inode);
  return {};
}

Result<void> Core::set_metadata(Inode& inode, const MetadataChange& change) {
  if (change.empty()) return {};
  if (inode.volume->options.read_only) return fail(system_error(EROFS, "set metadata", ""));
  if (change.uid || change.gid) ROBOSYNC_TRY(set_owner(inode, change));
  const bool is_owner = caller().owns_everything || caller().uid == inode.uid;
  if (change.mode && !inode.is_symlink()) {
    if (!is_owner) return fail(system_error(EPERM, "set permissions", ""));
    inode.mode = *change.mode & kModeMask;
    if (!caller().owns_everything && !is_in_group(inode.gid)) inode.mode &= ~kSetGid;
    touch_change(inode);
  }
  if (change.mtime) {
    if (!is_owner) return fail(system_error(EPERM, "set time", ""));
    const VolumeOptions& options = inode.volume->options;
    inode.mtime =
        rounded_down(options.has_fat_times ? tree::kept_by_fat(*change.mtime) : *change.mtime,
                     options.time_granularity_ns);
    touch_change(inode);
  }
  return {};
}

Result<std::vector<Xattr>> Core::xattrs(const Inode& inode) const {
  if (!inode.volume->options.has_xattrs) {
    return fail(system_error(EOPNOTSUPP, "list attributes", ""));
  }
  std::vector<Xattr> out;
  for (const auto& [name, value] : inode.xattrs) {
    if (name.starts_with("trusted.") && !caller().owns_everything) continue;
    if (is_user_xattr(name) && !may(inode, Wanted::kRead)) {
      return fail(system_error(EACCES, "read attribute", name));
    }
    out.push_back({name, value});
  }
  if (privileges.has_native_attributes &&
      !inode.xattrs.contains(std::string(tree::kStoredAttributesName))) {
    out.push_back({std::string(tree::kStoredAttributesName), ""});
    std::ranges::sort(out, {}, &Xattr::name);
  }
  return out;
}

Result<void> Core::check_xattr_change(const Inode& inode, const std::string& name) const {
  const VolumeOptions& options = inode.volume->options;
  if (options.read_only) return fail(system_error(EROFS, "set attribute", name));
  if (name.empty() || name.size() > kXattrNameBytesMax) {
    return fail(system_error(ERANGE, "set attribute", name));
  }
  if (!options.has_xattrs) return fail(system_error(EOPNOTSUPP, "set attribute", name));
  if (is_user_xattr(name)) {
    if (!holds_user_xattrs(inode)) return fail(system_error(EPERM, "set attribute", name));
    if (!may(inode, Wanted::kWrite)) return fail(system_error(EACCES, "set attribute", name));
    return {};
  }
  if (is_windows_xattr(name) && privileges.has_native_attributes &&
      (options.has_streams || !is_stream(name))) {
    return {};
  }
  if (is_privileged_xattr(name)) {
    if (!caller().owns_everything) return fail(system_error(EPERM, "set attribute", name));
    return {};
  }
  if (is_acl(name)) {
    const bool is_owner = caller().owns_everything || caller().uid == inode.uid;
    if (!is_owner) return fail(system_error(EPERM, "set attribute", name));
    if (inode.is_symlink()) return fail(system_error(EOPNOTSUPP, "set attribute", name));
    return {};
  }
  return fail(system_error(EOPNOTSUPP, "set attribute", name));
}

// As NTFS does: what was written has a new time and is to be archived.
void Core::note_stream(Inode& inode) {
  touch(inode);
  std::string& letters = inode.xattrs[std::string(tree::kStoredAttributesName)];
  const auto stored = tree::parse_stored_attributes(letters);
  letters = tree::stored_attributes(stored.value_or(0) | tree::kAttributeArchive);
}

Result<void> Core::set_xattr(Inode& inode, const Xattr& attribute) {
  ROBOSYNC_TRY(check_xattr_change(inode, attribute.name));
  if (attribute.value.size() > kXattrValueBytesMax) {
    return fail(system_error(E2BIG, "set attribute", attribute.name));
  }
  inode.xattrs[attribute.name] = attribute.value;
  is_stream(attribute.name) ? note_stream(inode) : touch_change(inode);
  return {};
}

Result<void> Core::remove_xattr(Inode& inode, const std::string& name) {
  ROBOSYNC_TRY(check_xattr_change(inode, name));
  if (inode.xattrs.erase(name) == 0) return {};
  is_stream(name) ? note_stream(inode) : touch_change(inode);
  return {};
}

}  // namespace robosync::fs::memory
