// What reading and writing a tree on Windows have in common: handles, extended paths, times and
// errors. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/result.h"

namespace robosync::parity {

// A HANDLE of a file, closed with its owner.
class OwnedHandle {
 public:
  explicit OwnedHandle(void* handle) : handle_(handle) {}
  OwnedHandle(const OwnedHandle&) = delete;
  OwnedHandle& operator=(const OwnedHandle&) = delete;
  ~OwnedHandle();

  // False for INVALID_HANDLE_VALUE.
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] void* get() const { return handle_; }

 private:
  void* handle_;
};

// What the calling thread's last error means for `path`.
[[nodiscard]] base::Error last_fault(std::string_view action, std::string_view path);

[[nodiscard]] std::wstring wide_of(std::string_view utf8);
[[nodiscard]] std::string utf8_of(std::wstring_view wide);

// Absolute and with the prefix that lifts the limit of 260 characters.
[[nodiscard]] base::Result<std::wstring> extended_path(const std::string& root);

// `path`, with slashes, below an extended root; the root itself for an empty path.
[[nodiscard]] std::wstring below(const std::wstring& root, std::string_view path);

// FILETIME's count: steps of 100 ns since 1601; and since 1970 in seconds and nanoseconds, which
// are never negative.
struct UnixTime {
  std::int64_t s = 0;
  std::uint32_t ns = 0;
};
[[nodiscard]] std::uint64_t windows_time(UnixTime time);
[[nodiscard]] UnixTime unix_time(std::uint64_t windows_time);

}  // namespace robosync::parity
