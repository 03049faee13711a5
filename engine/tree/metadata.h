// What a file system says of one entry: kind, times, permissions, owner, identity.
//
// Plain values; no I/O. Times carry nanoseconds; how much of them a file system keeps is another
// matter (see plan/policy.h, modify_window).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace robosync::tree {

enum class Kind : std::uint8_t {
  kUnknown,
  kRegular,
  kDirectory,
  kSymlink,
  kFifo,
  kSocket,
  kCharDevice,
  kBlockDevice,
};

[[nodiscard]] std::string_view to_string(Kind kind);

// A point in time since 1970-01-01 UTC. nanoseconds is in [0, 999'999'999], also before 1970.
struct Time {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;

  friend auto operator<=>(const Time&, const Time&) = default;
};

// How far apart two times may be and count as the same.
struct TimeTolerance {
  std::int64_t window_ns = 0;
  bool one_hour = false;  // also an hour apart, give or take the window: summer time
};

[[nodiscard]] bool same_time(Time a, Time b, TimeTolerance tolerance);

// (device, inode): the same object within one run.
struct Identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  // Else the file system has no number for it, and this tells it from nothing on the same device.
  [[nodiscard]] bool is_known() const { return inode != 0; }

  friend bool operator==(const Identity&, const Identity&) = default;
};

// Whether nothing says that these are two objects.
[[nodiscard]] inline bool may_be_same(const Identity& a, const Identity& b) {
  return a == b || (a.device == b.device && (!a.is_known() || !b.is_known()));
}

struct Metadata {
  Kind kind = Kind::kUnknown;
  std::uint32_t mode = 0;  // permission bits only: 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t link_count = 1;       // 0: not told by a listing; of an open object: removed
  std::uint64_t size = 0;             // bytes; for a symbolic link the length of its target
  std::uint64_t allocated_bytes = 0;  // less than size when the file has holes
  Time mtime;
  Time ctime;  // change time, used only to notice a change during a read
  Identity identity;
  std::uint64_t device_number = 0;       // what a device node stands for
  std::uint32_t windows_attributes = 0;  // tree/windows_attributes.h; 0 where a system has none

  [[nodiscard]] bool is_directory() const { return kind == Kind::kDirectory; }
  [[nodiscard]] bool is_regular() const { return kind == Kind::kRegular; }
  [[nodiscard]] bool is_symlink() const { return kind == Kind::kSymlink; }
};

}  // namespace robosync::tree

template <>
struct std::hash<robosync::tree::Identity> {
  std::size_t operator()(const robosync::tree::Identity& id) const noexcept {
    return static_cast<std::size_t>((id.inode * 0x9E3779B97F4A7C15ULL) ^ (id.device << 1));
  }
};
