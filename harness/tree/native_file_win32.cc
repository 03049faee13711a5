#include "harness/tree/native_file_win32.h"

#include <windows.h>

#include <algorithm>
#include <system_error>

#include "harness/tree/printable.h"

namespace robosync::parity {
namespace {

// Between 1601 and 1970, in steps of 100 ns.
constexpr std::int64_t kEpochSteps = 116'444'736'000'000'000;
constexpr std::int64_t kStepsPerSecond = 10'000'000;

base::ErrorKind kind_of(DWORD number) {
  switch (number) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
      return base::ErrorKind::kNotFound;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
      return base::ErrorKind::kExists;
    case ERROR_ACCESS_DENIED:
      return base::ErrorKind::kPermission;
    case ERROR_DISK_FULL:
      return base::ErrorKind::kNoSpace;
    default:
      return base::ErrorKind::kIo;
  }
}

}  // namespace

OwnedHandle::~OwnedHandle() {
  if (is_open()) ::CloseHandle(handle_);
}

bool OwnedHandle::is_open() const { return handle_ != INVALID_HANDLE_VALUE; }

base::Error last_fault(std::string_view action, std::string_view path) {
  const DWORD number = ::GetLastError();
  base::Error error =
      base::make_error(kind_of(number), std::string(action) + " " + printable_path(path));
  error.code = std::error_code(static_cast<int>(number), std::system_category());
  return error;
}

std::wstring wide_of(std::string_view utf8) {
  const int bytes = static_cast<int>(utf8.size());
  const int length = ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), bytes, nullptr, 0);
  std::wstring text(static_cast<std::size_t>(length), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), bytes, text.data(), length);
  return text;
}

std::string utf8_of(std::wstring_view wide) {
  const int length = static_cast<int>(wide.size());
  const int bytes =
      ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, nullptr, 0, nullptr, nullptr);
  std::string utf8(static_cast<std::size_t>(bytes), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, utf8.data(), bytes, nullptr, nullptr);
  return utf8;
}

base::Result<std::wstring> extended_path(const std::string& root) {
  const std::wstring given = wide_of(root);
  const DWORD length = ::GetFullPathNameW(given.c_str(), 0, nullptr, nullptr);
  std::wstring full(length, L'\0');
  const DWORD got = ::GetFullPathNameW(given.c_str(), length, full.data(), nullptr);
  if (length == 0 || got == 0) return base::fail(last_fault("resolve", root));
  full.resize(got);
  if (full.starts_with(L"\\\\?\\")) return full;
  if (full.starts_with(L"\\\\")) return L"\\\\?\\UNC\\" + full.substr(2);
  return L"\\\\?\\" + full;
}

std::wstring below(const std::wstring& root, std::string_view path) {
  if (path.empty()) return root;
  std::wstring inner = wide_of(path);
  std::ranges::replace(inner, L'/', L'\\');
  return root + L"\\" + inner;
}

std::uint64_t windows_time(UnixTime time) {
  return static_cast<std::uint64_t>(time.s * kStepsPerSecond +
                                    static_cast<std::int64_t>(time.ns / 100) + kEpochSteps);
}

UnixTime unix_time(std::uint64_t windows_time) {
  const std::int64_t steps = static_cast<std::int64_t>(windows_time) - kEpochSteps;
  UnixTime time{.s = steps / kStepsPerSecond};
  std::int64_t rest = steps % kStepsPerSecond;
  if (rest < 0) {
    rest += kStepsPerSecond;
    --time.s;
  }
  time.ns = static_cast<std::uint32_t>(rest * 100);
  return time;
}

}  // namespace robosync::parity
