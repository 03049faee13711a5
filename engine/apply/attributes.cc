#include "engine/apply/attributes.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <string_view>
#include <utility>

namespace robosync::apply {

using base::ErrorKind;
using base::Result;

namespace {

constexpr std::string_view kAccessList = "system.posix_acl_access";
constexpr std::string_view kCapabilities = "security.capability";
constexpr std::uint32_t kOwnerWrites = 0200;

bool is_acl(const std::string& name) { return name.starts_with("system.posix_acl_"); }

constexpr std::string_view kNativePrefix = "windows.";
// Every entry of a system that has such attributes has this one.
constexpr std::string_view kNativeMark = tree::kStoredAttributesName;

constexpr std::string_view kCreationTime = "windows.creation_time";
constexpr std::string_view kStreamPrefix = "windows.stream.";

bool is_stream(const fs::Xattr& attribute) { return attribute.name.starts_with(kStreamPrefix); }

bool is_kept(const std::string& name, const Settings& settings) {
  if (name.starts_with(kNativePrefix)) {
    if (!settings.keep_native_attributes) return false;
    if (name == kNativeMark) return settings.policy.keep_permissions;
    return name == kCreationTime ? settings.policy.keep_times : settings.keep_streams;
  }
  if (is_acl(name)) return settings.keep_acls;
  if (!settings.keep_xattrs || name.starts_with("system.")) return false;
  return settings.all_xattrs || name.starts_with("user.");
}

// A file system without attributes has none.
Result<std::vector<fs::Xattr>> or_none(Result<std::vector<fs::Xattr>> list) {
  if (!list && list.error().kind == ErrorKind::kUnsupported) return std::vector<fs::Xattr>();
  return list;
}

// An access control list as Linux has it: four bytes of version, then entries of eight bytes each,
// a tag, permissions and an id, least significant byte first.
namespace acl {
constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kEntryBytes = 8;
constexpr std::size_t kPermissionsAt = 2;
constexpr char kVersion = 2;
constexpr char kOwner = 0x01;
constexpr char kGroup = 0x04;
constexpr char kMask = 0x10;
constexpr char kOthers = 0x20;
}  // namespace acl

// Of a list that is none the system says so when it is set.
void limit_list(std::string& list, std::uint32_t mode) {
  if (list.size() < acl::kHeaderBytes || list.front() != acl::kVersion ||
      (list.size() - acl::kHeaderBytes) % acl::kEntryBytes != 0) {
    return;
  }
  bool has_mask = false;
  for (std::size_t at = acl::kHeaderBytes; at < list.size(); at += acl::kEntryBytes) {
    has_mask = has_mask || list[at] == acl::kMask;
  }
  for (std::size_t at = acl::kHeaderBytes; at < list.size(); at += acl::kEntryBytes) {
    std::optional<unsigned> shift;
    if (list[at] == acl::kOwner) shift = 6;
    if (list[at] == (has_mask ? acl::kMask : acl::kGroup)) shift = 3;
    if (list[at] == acl::kOthers) shift = 0;
    if (shift) list[at + acl::kPermissionsAt] = static_cast<char>((mode >> *shift) & 7U);
  }
}

void note(AttributeChange& change, const std::string& name) {
  (is_acl(name) ? change.acl : change.xattr) = true;
}

// What has a stream written or removed is marked to be archived by that.
void set_letters_again(AttributeChange& change, const std::vector<fs::Xattr>& source,
                       const Settings& settings) {
  if (std::ranges::none_of(change.set, is_stream) &&
      std::ranges::none_of(
          change.remove, [](const std::string& name) { return name.starts_with(kStreamPrefix); })) {
    return;
  }
  const auto own = std::ranges::find(source, kNativeMark, &fs::Xattr::name);
  if (own == source.end() || !is_kept(own->name, settings)) return;
  if (std::ranges::find(change.set, *own) == change.set.end()) {
    change.set.insert(change.set.begin(), *own);
  }
}

// Takes the owner out of `change`.
fs::MetadataChange owner_of(fs::MetadataChange& change) {
  return {.uid = std::exchange(change.uid, std::nullopt),
          .gid = std::exchange(change.gid, std::nullopt)};
}

enum class Which : std::uint8_t { kLists, kOthers };

Result<Streams> set_some(fs::Node& target, const AttributeChange& change, Which which) {
  const auto is_meant = [&](const std::string& name) {
    return is_acl(name) == (which == Which::kLists);
  };
  for (const std::string& name : change.remove) {
    if (is_meant(name)) ROBOSYNC_TRY(target.remove_xattr(name));
  }
  Streams streams = Streams::kKept;
  // Backwards: Windows' streams come before its letters, which may forbid writing to them and which
  // that changes.
  for (const fs::Xattr& attribute : std::views::reverse(change.set)) {
    if (!is_meant(attribute.name)) continue;
    auto set = target.set_xattr(attribute);
    if (set) continue;
    // Of a system's own attributes not every file system of it has all: FAT has no streams.
    const bool cannot = set.error().kind == ErrorKind::kUnsupported;
    if (!cannot || !attribute.name.starts_with(kNativePrefix)) {
      return base::fail(std::move(set).error());
    }
    if (is_stream(attribute)) streams = Streams::kLeftOut;
  }
  return streams;
}

// What its owner may not write to takes no attributes from him: it is made writable meanwhile.
Result<Streams> set_others(fs::Node& target, const AttributeChange& change) {
  auto set = set_some(target, change, Which::kOthers);
  if (set || set.error().kind != ErrorKind::kPermission) return set;
  const auto now = target.stat();
  if (!now || (now->mode & kOwnerWrites) != 0) return set;
  if (!target.set_metadata({.mode = now->mode | kOwnerWrites})) return set;
  set = set_some(target, change, Which::kOthers);
  auto back = target.set_metadata({.mode = now->mode});
  if (set && !back) return base::fail(std::move(back).error());
  return set;
}

}  // namespace

bool may_have_attributes(tree::Kind kind, const Settings& settings) {
  switch (kind) {
    case tree::Kind::kRegular:
    case tree::Kind::kDirectory:
      return settings.keeps_attributes();
    case tree::Kind::kSymlink:
      return settings.keep_xattrs && settings.all_xattrs;
    default:
      return settings.keep_acls || (settings.keep_xattrs && settings.all_xattrs);
  }
}

AttributeChange compare_attributes(const std::vector<fs::Xattr>& source,
                                   const std::vector<fs::Xattr>& target, const Settings& settings) {
  AttributeChange change;
  const bool native = std::any_of(source.begin(), source.end(), [](const fs::Xattr& attribute) {
    return attribute.name == kNativeMark;
  });
  for (const fs::Xattr& wanted : source) {
    if (!is_kept(wanted.name, settings)) continue;
    if (std::find(target.begin(), target.end(), wanted) != target.end()) continue;
    change.set.push_back(wanted);
    note(change, wanted.name);
  }
  for (const fs::Xattr& existing : target) {
    if (!is_kept(existing.name, settings)) continue;
    // A source of another system says nothing about them.
    if (!native && existing.name.starts_with(kNativePrefix)) continue;
    const bool wanted = std::any_of(source.begin(), source.end(), [&](const fs::Xattr& attribute) {
      return attribute.name == existing.name;
    });
    if (wanted) continue;
    change.remove.push_back(existing.name);
    note(change, existing.name);
  }
  set_letters_again(change, source, settings);
  return change;
}

bool lacks_streams(const std::vector<fs::Xattr>& target, const std::vector<fs::Xattr>& source,
                   const Settings& settings) {
  return std::ranges::any_of(source, [&](const fs::Xattr& attribute) {
    return is_stream(attribute) && is_kept(attribute.name, settings) &&
           std::ranges::find(target, attribute) == target.end();
  });
}

std::vector<fs::Xattr> with_own_letters(std::vector<fs::Xattr> source,
                                        const std::vector<fs::Xattr>& target) {
  if (std::ranges::find(source, kNativeMark, &fs::Xattr::name) == source.end()) return source;
  std::erase_if(source, std::not_fn(is_stream));
  std::ranges::copy_if(target, std::back_inserter(source), std::not_fn(is_stream));
  std::ranges::sort(source, {}, &fs::Xattr::name);
  return source;
}

Result<std::vector<fs::Xattr>> attributes_of(const fs::Node& node) {
  return or_none(node.xattrs());
}

Result<std::vector<fs::Xattr>> entry_attributes(const fs::Directory& directory,
                                                std::string_view name) {
  return or_none(directory.entry_xattrs(name));
}

std::vector<fs::Xattr> with_mode(std::vector<fs::Xattr> attributes, std::uint32_t mode) {
  for (fs::Xattr& attribute : attributes) {
    if (attribute.name == kAccessList) limit_list(attribute.value, mode);
  }
  return attributes;
}

void set_capabilities_again(AttributeChange& change, const std::vector<fs::Xattr>& source,
                            const Settings& settings) {
  const auto own = std::ranges::find(source, kCapabilities, &fs::Xattr::name);
  if (own == source.end() || !is_kept(own->name, settings)) return;
  if (std::ranges::find(change.set, *own) == change.set.end()) change.set.push_back(*own);
}

Result<void> set_owner(fs::Node& target, fs::MetadataChange& change) {
  const fs::MetadataChange owner = owner_of(change);
  return owner.empty() ? Result<void>() : target.set_metadata(owner);
}

Result<void> set_entry_owner(fs::Directory& target, std::string_view name,
                             fs::MetadataChange& change) {
  const fs::MetadataChange owner = owner_of(change);
  return owner.empty() ? Result<void>() : target.set_entry_metadata(name, owner);
}

Result<std::vector<fs::Xattr>> wanted_attributes(std::vector<fs::Xattr> source,
                                                 const std::vector<fs::Xattr>& target,
                                                 std::uint32_t mode, const Settings& settings) {
  source = with_mode(std::move(source), mode);
  if ((settings.attributes_set | settings.attributes_cleared) == 0) return source;
  const auto there = std::ranges::find(target, kNativeMark, &fs::Xattr::name);
  if (there == target.end()) return source;
  auto own = std::ranges::find(source, kNativeMark, &fs::Xattr::name);
  if (own == source.end()) {
    // A source of another system says nothing about them: the target's stay.
    std::ranges::copy_if(target, std::back_inserter(source), [](const fs::Xattr& attribute) {
      return attribute.name.starts_with(kNativePrefix);
    });
    std::ranges::sort(source, {}, &fs::Xattr::name);
    own = std::ranges::find(source, kNativeMark, &fs::Xattr::name);
  }
  ROBOSYNC_ASSIGN(const tree::WindowsAttributes given, tree::parse_stored_attributes(own->value));
  own->value =
      tree::stored_attributes((given | settings.attributes_set) & ~settings.attributes_cleared);
  return source;
}

Result<AttributeChange> compare_attributes(const fs::File& source, const fs::File& target,
                                           std::uint32_t mode, const Settings& settings) {
  ROBOSYNC_ASSIGN(std::vector<fs::Xattr> from, attributes_of(source));
  ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> to, attributes_of(target));
  ROBOSYNC_ASSIGN(from, wanted_attributes(std::move(from), to, mode, settings));
  return compare_attributes(from, to, settings);
}

Result<Streams> set_attributes(fs::Node& target, const AttributeChange& change) {
  // A list may take from the owner what the others need.
  ROBOSYNC_ASSIGN(const Streams streams, set_others(target, change));
  ROBOSYNC_TRY(set_some(target, change, Which::kLists));
  return streams;
}

Result<void> set_entry_attributes(fs::Directory& target, std::string_view name,
                                  const AttributeChange& change) {
  for (const std::string& attribute : change.remove) {
    ROBOSYNC_TRY(target.remove_entry_xattr(name, attribute));
  }
  for (const fs::Xattr& attribute : change.set) {
    ROBOSYNC_TRY(target.set_entry_xattr(name, attribute));
  }
  return {};
}

}  // namespace robosync::apply
