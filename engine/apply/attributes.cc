#include "engine/apply/attributes.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace robosync::apply {

using base::ErrorKind;
using base::Result;

namespace {

bool is_acl(const std::string& name) { return name.starts_with("system.posix_acl_"); }

constexpr std::string_view kNativePrefix = "windows.";
// Every entry of a system that has such attributes has this one.
constexpr std::string_view kNativeMark = tree::kStoredAttributesName;

bool is_kept(const std::string& name, const Settings& settings) {
  if (name.starts_with(kNativePrefix)) return settings.keep_native_attributes;
  if (is_acl(name)) return settings.keep_acls;
  if (!settings.keep_xattrs || name.starts_with("system.")) return false;
  return settings.all_xattrs || name.starts_with("user.");
}

// A file system without attributes has none.
Result<std::vector<fs::Xattr>> or_none(Result<std::vector<fs::Xattr>> list) {
  if (!list && list.error().kind == ErrorKind::kUnsupported) return std::vector<fs::Xattr>();
  return list;
}

void note(AttributeChange& change, const std::string& name) {
  (is_acl(name) ? change.acl : change.xattr) = true;
}

}  // namespace

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
  return change;
}

Result<std::vector<fs::Xattr>> attributes_of(const fs::Node& node) {
  return or_none(node.xattrs());
}

Result<std::vector<fs::Xattr>> entry_attributes(const fs::Directory& directory,
                                                std::string_view name) {
  return or_none(directory.entry_xattrs(name));
}

Result<std::vector<fs::Xattr>> wanted_attributes(std::vector<fs::Xattr> source,
                                                 const std::vector<fs::Xattr>& target,
                                                 const Settings& settings) {
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
                                           const Settings& settings) {
  ROBOSYNC_ASSIGN(std::vector<fs::Xattr> from, attributes_of(source));
  ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> to, attributes_of(target));
  ROBOSYNC_ASSIGN(from, wanted_attributes(std::move(from), to, settings));
  return compare_attributes(from, to, settings);
}

Result<void> set_attributes(fs::Node& target, const AttributeChange& change) {
  for (const std::string& name : change.remove) ROBOSYNC_TRY(target.remove_xattr(name));
  for (const fs::Xattr& attribute : change.set) {
    auto set = target.set_xattr(attribute);
    // Of a system's own attributes not every file system of it has all: FAT has no streams.
    const bool cannot = !set && set.error().kind == ErrorKind::kUnsupported;
    if (!set && !(cannot && attribute.name.starts_with(kNativePrefix))) return set;
  }
  return {};
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
