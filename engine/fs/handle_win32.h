// Handles of Windows, opening by a directory handle and a name, and what a status means.
//
// Private to fs/*_win32.cc. A Handle owns what it holds; functions that take a NativeHandle borrow
// it. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/fs/nt_win32.h"

namespace robosync::fs {

class Handle {
 public:
  Handle() = default;
  explicit Handle(nt::NativeHandle handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  Handle& operator=(Handle&& other) noexcept;
  ~Handle();

  [[nodiscard]] nt::NativeHandle get() const { return handle_; }
  [[nodiscard]] explicit operator bool() const { return handle_ != nullptr; }

 private:
  nt::NativeHandle handle_ = nullptr;
};

// Values of a Status that are asked about.
namespace nt {
inline constexpr bool succeeded(Status status) { return status >= 0; }
inline constexpr Status status_of(std::uint32_t number) { return static_cast<Status>(number); }
inline constexpr Status kSuccess = 0;
inline constexpr Status kBufferOverflow = status_of(0x80000005);
inline constexpr Status kNoMoreFiles = status_of(0x80000006);
inline constexpr Status kStoppedOnSymlink = status_of(0x8000002D);
inline constexpr Status kNotImplemented = status_of(0xC0000002);
inline constexpr Status kInvalidInfoClass = status_of(0xC0000003);
inline constexpr Status kInvalidParameter = status_of(0xC000000D);
inline constexpr Status kNoSuchFile = status_of(0xC000000F);
inline constexpr Status kInvalidDeviceRequest = status_of(0xC0000010);
inline constexpr Status kEndOfFile = status_of(0xC0000011);
inline constexpr Status kAccessDenied = status_of(0xC0000022);
inline constexpr Status kBufferTooSmall = status_of(0xC0000023);
inline constexpr Status kNameCollision = status_of(0xC0000035);
inline constexpr Status kSharingViolation = status_of(0xC0000043);
inline constexpr Status kFileIsADirectory = status_of(0xC00000BA);
inline constexpr Status kNotSupported = status_of(0xC00000BB);
inline constexpr Status kCannotDelete = status_of(0xC0000121);

// Where an older system or another file system than NTFS does not know what was asked.
inline constexpr bool means_unknown(Status status) {
  return status == kNotImplemented || status == kInvalidInfoClass || status == kInvalidParameter ||
         status == kInvalidDeviceRequest || status == kNotSupported;
}
}  // namespace nt

[[nodiscard]] base::ErrorKind kind_of_status(nt::Status status);
// Context: the operation and the entry's own name.
[[nodiscard]] base::Error status_error(nt::Status status, const char* operation,
                                       std::string_view name);

// A component as the system wants it. Fails with kInvalid for what would mean something else to it:
// "a:b" is a stream of a.
[[nodiscard]] base::Result<std::u16string> wide_name(std::string_view name);
// Likewise for a new entry, which every program of Windows is to be able to open.
[[nodiscard]] base::Result<std::u16string> new_wide_name(std::string_view name);

enum class Sharing : std::uint8_t {
  kAll,
  kNoRenames,  // and no removal. REQUIRES: access to data; other access keeps nobody from anything
};

struct HowToOpen {
  std::uint32_t access = nt::kReadAttributes;
  std::uint32_t options = 0;
  nt::Disposition disposition = nt::Disposition::kOpen;
  std::uint32_t attributes = nt::kAttributeNormal;
  Follow follow = Follow::kNo;
  Sharing sharing = Sharing::kAll;
};

// Opens `name`, without following what it may be: relative to `directory`, or a whole path of the
// object manager where that is null. An empty name is the directory itself.
[[nodiscard]] nt::Status open_handle(nt::NativeHandle directory, const std::u16string& name,
                                     const HowToOpen& how, Handle& out);

// Opens an entry that is there, by the name that it has: an alias of eight and three characters is
// no name of it.
[[nodiscard]] base::Result<Handle> open_entry(nt::NativeHandle directory, std::string_view name,
                                              const HowToOpen& how, const char* operation);

// Whether this is the directory that a volume begins with: FAT keeps no times and attributes of it,
// NTFS hides it.
[[nodiscard]] bool is_volume_root(nt::NativeHandle handle);

// The whole path of what is open, in the form that takes any length: "\\\\?\\C:\\x".
[[nodiscard]] base::Result<std::u16string> final_path(nt::NativeHandle handle);

// Whether `name` is taken as the alias of something that is called otherwise.
[[nodiscard]] bool is_alias(nt::NativeHandle directory, std::string_view name);

template <typename T>
[[nodiscard]] nt::Status query(nt::NativeHandle handle, nt::InformationClass information, T& out) {
  nt::IoStatus io{};
  return nt::NtQueryInformationFile(handle, &io, &out, sizeof(T),
                                    static_cast<std::int32_t>(information));
}

template <typename T>
[[nodiscard]] nt::Status change(nt::NativeHandle handle, nt::InformationClass information,
                                const T& in) {
  nt::IoStatus io{};
  return nt::NtSetInformationFile(handle, &io, &in, sizeof(T),
                                  static_cast<std::int32_t>(information));
}

// All that is asked about what is open, in one call where the system has one (Windows 10 1709).
// `link_count` is 0 for what was removed. REQUIRES: access to read attributes.
[[nodiscard]] nt::Status stat_object(nt::NativeHandle handle, nt::Stat& out);

// The reparse tag of what is open, 0 where it is none.
[[nodiscard]] std::uint32_t reparse_tag(nt::NativeHandle handle);
// Whether this tag stands for another place, as symbolic links and junctions do.
[[nodiscard]] inline bool is_link_tag(std::uint32_t tag) {
  return (tag & nt::kTagIsSurrogate) != 0;
}
[[nodiscard]] inline bool is_link(const nt::Stat& stat) {
  return (stat.attributes & nt::kAttributeReparsePoint) != 0 && is_link_tag(stat.tag);
}

}  // namespace robosync::fs
