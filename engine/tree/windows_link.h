// What Windows keeps of a link: the data of a reparse point, as text.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/tree/entry.h"

namespace robosync::tree {

inline constexpr std::uint32_t kTagMountPoint = 0xA0000003;
inline constexpr std::uint32_t kTagSymlink = 0xA000000C;
inline constexpr std::uint32_t kTagLinuxSymlink = 0xA000001D;  // of the subsystem for Linux

// REPARSE_DATA_BUFFER of the first two; then come four bytes of flags, unless it is a mount point,
// and the names that the offsets count from there.
struct ReparseHeader {
  std::uint32_t tag;
  std::uint16_t data_bytes;
  std::uint16_t reserved;
  std::uint16_t substitute_offset;
  std::uint16_t substitute_bytes;
  std::uint16_t print_offset;
  std::uint16_t print_bytes;
};

struct WindowsLink {
  std::string target;  // with '/' between names ("../a/b", "C:/data", "//server/share")
  LinkKind kind = LinkKind::kUnknown;  // of a symbolic link: the data does not say
};

// Nothing where it is no link, or no whole one.
[[nodiscard]] std::optional<WindowsLink> parse_reparse_point(std::string_view bytes);

}  // namespace robosync::tree
