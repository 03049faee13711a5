// With the wide API and extended paths: <filesystem> sets no folder's time and knows no path of
// more than 260 characters.
#include <windows.h>

#include <winioctl.h>

#include <algorithm>
#include <utility>

#include "harness/checks/tree_maker.h"
#include "harness/tree/native_file_win32.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

constexpr std::uint32_t kMayWrite = 0222;
constexpr std::uint32_t kAllMayRead = 0444;
constexpr std::uint32_t kAllMayEnter = 0111;

Result<void> not_here(const std::string& what) {
  return fail(make_error(ErrorKind::kUnsupported, what + " is not made on Windows"));
}

Result<void> from_call(BOOL result, const std::string& what, const std::string& path) {
  if (result != 0) return {};
  return fail(last_fault(what, path));
}

// The entry itself, be it a folder or a link.
HANDLE open(const std::wstring& full, DWORD access, DWORD disposition) {
  return ::CreateFileW(full.c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                       nullptr, disposition,
                       FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
}

Result<void> set_time(const std::string& path, std::int64_t seconds, std::uint32_t nanoseconds) {
  ROBOSYNC_ASSIGN(const std::wstring full, extended_path(path));
  const OwnedHandle handle(open(full, FILE_WRITE_ATTRIBUTES, OPEN_EXISTING));
  if (!handle.is_open()) return fail(last_fault("open", path));
  const std::uint64_t steps = windows_time({.s = seconds, .ns = nanoseconds});
  const FILETIME time{static_cast<DWORD>(steps), static_cast<DWORD>(steps >> 32U)};
  return from_call(::SetFileTime(handle.get(), nullptr, nullptr, &time), "set time of", path);
}

Result<void> make_directories(const std::wstring& full, const std::string& path) {
  if (::CreateDirectoryW(full.c_str(), nullptr) != 0 || ::GetLastError() == ERROR_ALREADY_EXISTS)
    return {};
  const std::size_t parent = full.find_last_of(L'\\');
  if (::GetLastError() != ERROR_PATH_NOT_FOUND || parent == std::wstring::npos)
    return fail(last_fault("make directory", path));
  ROBOSYNC_TRY(make_directories(full.substr(0, parent), path));
  return from_call(::CreateDirectoryW(full.c_str(), nullptr), "make directory", path);
}

// The extended path of an entry that is about to be made; its parents are there then.
Result<std::wstring> place_for(const std::string& path) {
  ROBOSYNC_ASSIGN(std::wstring full, extended_path(path));
  ROBOSYNC_TRY(make_directories(full.substr(0, full.find_last_of(L'\\')), path));
  return full;
}

Result<void> write_file(HANDLE handle, std::uint64_t hole_bytes, std::string_view content,
                        const std::string& path) {
  DWORD count = 0;
  if (hole_bytes > 0) {
    if (::DeviceIoControl(handle, FSCTL_SET_SPARSE, nullptr, 0, nullptr, 0, &count, nullptr) == 0)
      return not_here("a sparse file");
    LARGE_INTEGER begin;
    begin.QuadPart = static_cast<LONGLONG>(hole_bytes);
    ROBOSYNC_TRY(from_call(::SetFilePointerEx(handle, begin, nullptr, FILE_BEGIN), "extend", path));
  }
  const auto bytes = static_cast<DWORD>(content.size());
  return from_call(::WriteFile(handle, content.data(), bytes, &count, nullptr), "write", path);
}

Result<void> make_file(const std::string& path, std::uint64_t hole_bytes,
                       std::string_view content) {
  ROBOSYNC_ASSIGN(const std::wstring full, place_for(path));
  {
    const OwnedHandle file(open(full, GENERIC_WRITE, CREATE_ALWAYS));
    if (!file.is_open()) return fail(last_fault("create", path));
    ROBOSYNC_TRY(write_file(file.get(), hole_bytes, content, path));
  }
  return set_time(path, kOldTimeS, 0);
}

// A link knows whether it leads to a folder, which is looked up: one that leads nowhere does not.
Result<void> make_symlink(const std::string& path, const std::string& link_target) {
  ROBOSYNC_ASSIGN(const std::wstring full, place_for(path));
  std::wstring leads_to = wide_of(link_target);
  std::ranges::replace(leads_to, L'/', L'\\');
  const bool absolute = leads_to.size() > 1 && leads_to[1] == L':';
  const std::string beside = path.substr(0, path.find_last_of('/') + 1);
  ROBOSYNC_ASSIGN(const std::wstring there,
                  extended_path(absolute ? link_target : beside + link_target));
  const DWORD attributes = ::GetFileAttributesW(there.c_str());
  DWORD flags = SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE;
  if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
    flags |= SYMBOLIC_LINK_FLAG_DIRECTORY;
  if (::CreateSymbolicLinkW(full.c_str(), leads_to.c_str(), flags) == 0) {
    if (::GetLastError() != ERROR_PRIVILEGE_NOT_HELD) return fail(last_fault("make link", path));
    return fail(make_error(ErrorKind::kUnsupported,
                           "a symbolic link needs administrator's rights or developer mode"));
  }
  // Wine says that it has made one.
  if (::GetFileAttributesW(full.c_str()) == INVALID_FILE_ATTRIBUTES)
    return not_here("a symbolic link");
  return set_time(path, kOldTimeS, 0);
}

Result<void> make_hard_link(const std::string& path, const std::string& existing) {
  ROBOSYNC_ASSIGN(const std::wstring full, place_for(path));
  ROBOSYNC_ASSIGN(const std::wstring there, extended_path(existing));
  return from_call(::CreateHardLinkW(full.c_str(), there.c_str(), nullptr), "make hard link", path);
}

// What Windows has of a mode is the read-only attribute.
Result<void> set_mode(const std::string& path, std::uint32_t mode) {
  if ((mode & ~(kMayWrite | kAllMayEnter)) != kAllMayRead || (mode & kMayWrite) != 0)
    return not_here("a mode other than read-only");
  ROBOSYNC_ASSIGN(const std::wstring full, extended_path(path));
  return from_call(::SetFileAttributesW(full.c_str(), FILE_ATTRIBUTE_READONLY), "set mode of",
                   path);
}

Result<void> settle_tree(const std::string& root) {
  ROBOSYNC_ASSIGN(const std::wstring full, extended_path(root));
  ROBOSYNC_TRY(make_directories(full, root));
  ROBOSYNC_ASSIGN(const TreeImage image, read_tree_image(root, 1, Content::kSkip));
  for (const auto& [path, node] : image.nodes) {
    if (node.kind != NodeKind::kDirectory) continue;
    ROBOSYNC_TRY(set_time(path.empty() ? root : root + "/" + path, kOldTimeS, 0));
  }
  return {};
}

Result<std::string> trace_of(const std::string& path) {
  ROBOSYNC_ASSIGN(const std::wstring full, extended_path(path));
  const OwnedHandle handle(open(full, FILE_READ_ATTRIBUTES, OPEN_EXISTING));
  BY_HANDLE_FILE_INFORMATION file;
  FILE_BASIC_INFO times;
  if (!handle.is_open() || ::GetFileInformationByHandle(handle.get(), &file) == 0 ||
      ::GetFileInformationByHandleEx(handle.get(), FileBasicInfo, &times, sizeof(times)) == 0)
    return fail(last_fault("stat", path));
  return " inode " + std::to_string(file.nFileIndexHigh) + "." +
         std::to_string(file.nFileIndexLow) + " changed " +
         std::to_string(times.ChangeTime.QuadPart);
}

}  // namespace

TreeMaker& TreeMaker::file(const std::string& path, std::string_view content) {
  if (status_) note(make_file(at(path), 0, content));
  return *this;
}

TreeMaker& TreeMaker::sparse_file(const std::string& path, std::uint64_t bytes,
                                  std::string_view content) {
  if (status_) note(make_file(at(path), bytes - content.size(), content));
  return *this;
}

TreeMaker& TreeMaker::directory(const std::string& path) {
  if (!status_) return *this;
  auto full = extended_path(at(path));
  note(full ? make_directories(*full, at(path)) : fail(std::move(full).error()));
  return *this;
}

TreeMaker& TreeMaker::symlink(const std::string& path, const std::string& link_target) {
  if (status_) note(make_symlink(at(path), link_target));
  return *this;
}

TreeMaker& TreeMaker::hard_link(const std::string& path, const std::string& existing) {
  if (status_) note(make_hard_link(at(path), at(existing)));
  return *this;
}

TreeMaker& TreeMaker::mode(const std::string& path, std::uint32_t mode) {
  if (status_) note(set_mode(at(path), mode));
  return *this;
}

TreeMaker& TreeMaker::time(const std::string& path, std::int64_t seconds,
                           std::uint32_t nanoseconds) {
  if (status_) note(set_time(at(path), seconds, nanoseconds));
  return *this;
}

TreeMaker& TreeMaker::settle() {
  if (status_) note(settle_tree(root_));
  return *this;
}

TreeMaker& TreeMaker::give_away() {
  note(not_here("a tree of another user"));
  return *this;
}

Result<std::string> traces_of_writing(const std::string& root) {
  ROBOSYNC_ASSIGN(const TreeImage image, read_tree_image(root, 1, Content::kSkip));
  std::string text;
  for (const auto& [path, node] : image.nodes) {
    ROBOSYNC_ASSIGN(const std::string trace, trace_of(path.empty() ? root : root + "/" + path));
    text += path;
    text += trace + "\n";
  }
  return text;
}

std::vector<std::string> unprivileged_prefix() { return {}; }

}  // namespace robosync::parity
