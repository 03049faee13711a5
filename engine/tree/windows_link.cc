#include "engine/tree/windows_link.h"

#include <algorithm>
#include <cstring>

#include "engine/base/wide_text.h"

namespace robosync::tree {
namespace {

constexpr std::u16string_view kObjectPrefix = u"\\??\\";
constexpr std::u16string_view kSharePrefix = u"UNC\\";
constexpr std::u16string_view kVolumePrefix = u"\\??\\Volume{";
constexpr std::size_t kHeadBytes = 8;  // tag, length and reserved
constexpr std::size_t kFlagsBytes = 4;

// The units at `offset`, where they are inside.
std::optional<std::u16string> name_at(std::string_view names, std::size_t offset,
                                      std::size_t bytes) {
  if (offset > names.size() || bytes > names.size() - offset || bytes % 2 != 0) {
    return std::nullopt;
  }
  std::u16string text(bytes / sizeof(char16_t), u'\0');
  std::memcpy(text.data(), names.data() + offset, bytes);
  return text;
}

std::string path_of(std::u16string name) {
  if (name.starts_with(kObjectPrefix)) {
    name.erase(0, kObjectPrefix.size());
    if (name.starts_with(kSharePrefix)) name.replace(0, kSharePrefix.size(), u"\\\\");
  }
  std::ranges::replace(name, u'\\', u'/');
  return base::wtf8_of(name);
}

}  // namespace

std::optional<WindowsLink> parse_reparse_point(std::string_view bytes) {
  ReparseHeader header{};
  if (bytes.size() < kHeadBytes) return std::nullopt;
  std::memcpy(&header, bytes.data(), std::min(bytes.size(), sizeof(header)));
  if (header.tag == kTagLinuxSymlink) {  // a version, then UTF-8
    if (bytes.size() <= kHeadBytes + kFlagsBytes) return std::nullopt;
    std::string target(bytes.substr(kHeadBytes + kFlagsBytes));
    if (target.find('\0') != std::string::npos) return std::nullopt;
    return WindowsLink{.target = std::move(target)};
  }
  const bool symlink = header.tag == kTagSymlink;
  if (!symlink && header.tag != kTagMountPoint) return std::nullopt;
  const std::size_t names_begin = sizeof(header) + (symlink ? kFlagsBytes : 0);
  if (bytes.size() < names_begin) return std::nullopt;
  const std::string_view names = bytes.substr(names_begin);
  auto substitute = name_at(names, header.substitute_offset, header.substitute_bytes);
  auto print = name_at(names, header.print_offset, header.print_bytes);
  if (!substitute || !print) return std::nullopt;
  WindowsLink link;
  if (!symlink) {
    link.kind =
        substitute->starts_with(kVolumePrefix) ? LinkKind::kMountPoint : LinkKind::kJunction;
  }
  // What is meant for people is shorter, and the same place.
  link.target = path_of(std::move(print->empty() ? *substitute : *print));
  return link;
}

}  // namespace robosync::tree
