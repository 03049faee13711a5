#include <windows.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "harness/dataset/disk.h"
#include "harness/tree/native_file_win32.h"
#include "harness/tree/printable.h"

namespace robosync::parity {
namespace {

constexpr std::uint32_t kOwnerMayWrite = 0200;

std::unexpected<base::Error> failed(std::string_view action, const std::string& path) {
  return base::fail(last_fault(action, path));
}

HANDLE open_for(const std::wstring& full, DWORD access, DWORD disposition) {
  return ::CreateFileW(full.c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                       disposition, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
}

base::Result<void> write_all(HANDLE handle, std::uint64_t offset, Bytes content,
                             const std::string& path) {
  while (!content.empty()) {
    OVERLAPPED at{};
    at.Offset = static_cast<DWORD>(offset);
    at.OffsetHigh = static_cast<DWORD>(offset >> 32U);
    const auto wanted =
        static_cast<DWORD>(std::min<std::size_t>(content.size(), std::size_t{1} << 30U));
    DWORD wrote = 0;
    if (::WriteFile(handle, content.data(), wanted, &wrote, &at) == 0) return failed("write", path);
    offset += wrote;
    content = content.subspan(wrote);
  }
  return {};
}

base::Result<void> set_time_of(HANDLE handle, DiskTime time, const std::string& path) {
  const std::uint64_t steps = windows_time({.s = time.s, .ns = time.ns});
  const FILETIME value{static_cast<DWORD>(steps), static_cast<DWORD>(steps >> 32U)};
  if (::SetFileTime(handle, nullptr, nullptr, &value) == 0) return failed("set time of", path);
  return {};
}

base::Result<void> set_attributes(const std::wstring& full, DWORD attributes,
                                  const std::string& path) {
  if (::SetFileAttributesW(full.c_str(), attributes) == 0) return failed("set mode of", path);
  return {};
}

class WindowsFolder final : public Folder {
 public:
  explicit WindowsFolder(std::wstring full) : full_(std::move(full)) {}

  base::Result<void> write_file(const std::string& name, Bytes content,
                                const Attributes& attributes) override {
    const std::wstring full = below(full_, name);
    const OwnedHandle file(open_for(full, GENERIC_WRITE, CREATE_NEW));
    if (!file.is_open()) return failed("create", name);
    ROBOSYNC_TRY(write_all(file.get(), 0, content, name));
    ROBOSYNC_TRY(set_time_of(file.get(), attributes.mtime, name));
    if ((attributes.mode & kOwnerMayWrite) == 0)
      return set_attributes(full, FILE_ATTRIBUTE_READONLY, name);
    return {};
  }

 private:
  std::wstring full_;
};

class WindowsDisk final : public Disk {
 public:
  explicit WindowsDisk(std::wstring root) : root_(std::move(root)) {}

  base::Result<std::unique_ptr<Folder>> open(const std::string& path) override {
    return std::make_unique<WindowsFolder>(below(root_, path));
  }

  base::Result<void> make_directory(const std::string& path) override {
    if (::CreateDirectoryW(below(root_, path).c_str(), nullptr) == 0)
      return failed("make directory", path);
    return {};
  }

  base::Result<void> make_file(const std::string& path, std::uint64_t bytes) override {
    const OwnedHandle file(open_for(below(root_, path), GENERIC_WRITE, CREATE_NEW));
    if (!file.is_open()) return failed("create", path);
    LARGE_INTEGER size;
    size.QuadPart = static_cast<LONGLONG>(bytes);
    if (::SetFilePointerEx(file.get(), size, nullptr, FILE_BEGIN) == 0 ||
        ::SetEndOfFile(file.get()) == 0)
      return failed("size", path);
    return {};
  }

  base::Result<void> write_at(const std::string& path, std::uint64_t offset,
                              Bytes content) override {
    const OwnedHandle file(open_for(below(root_, path), GENERIC_WRITE, OPEN_EXISTING));
    if (!file.is_open()) return failed("open", path);
    return write_all(file.get(), offset, content, path);
  }

  // No profile of Windows has symbolic links: making them needs a privilege.
  base::Result<void> make_symlink(const std::string& path, const std::string&, DiskTime) override {
    return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                       "symbolic links on Windows: " + printable_path(path)));
  }

  base::Result<void> make_hard_link(const std::string& path, const std::string& existing) override {
    if (::CreateHardLinkW(below(root_, path).c_str(), below(root_, existing).c_str(), nullptr) == 0)
      return failed("link", path);
    return {};
  }

  base::Result<void> set(const std::string& path, const Attributes& attributes) override {
    ROBOSYNC_TRY(set_time(path, attributes.mtime));
    if ((attributes.mode & kOwnerMayWrite) == 0)
      return set_attributes(below(root_, path), FILE_ATTRIBUTE_READONLY, path);
    return {};
  }

  base::Result<void> set_time(const std::string& path, DiskTime mtime) override {
    const OwnedHandle handle(open_for(below(root_, path), FILE_WRITE_ATTRIBUTES, OPEN_EXISTING));
    if (!handle.is_open()) return failed("open", path);
    return set_time_of(handle.get(), mtime, path);
  }

  base::Result<std::uint32_t> make_writable(const std::string& path) override {
    const std::wstring full = below(root_, path);
    const DWORD attributes = ::GetFileAttributesW(full.c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) return failed("stat", path);
    if ((attributes & FILE_ATTRIBUTE_READONLY) == 0) return std::uint32_t{0644};
    ROBOSYNC_TRY(set_attributes(full, FILE_ATTRIBUTE_NORMAL, path));
    return std::uint32_t{0444};
  }

  base::Result<void> rename(const std::string& from, const std::string& to) override {
    if (::MoveFileExW(below(root_, from).c_str(), below(root_, to).c_str(), 0) == 0)
      return failed("rename", from);
    return {};
  }

  base::Result<void> remove_file(const std::string& path) override {
    if (::DeleteFileW(below(root_, path).c_str()) == 0) return failed("remove", path);
    return {};
  }

 private:
  std::wstring root_;
};

base::Result<void> check_empty(const std::wstring& full, const std::string& root) {
  WIN32_FIND_DATAW entry;
  const HANDLE search = ::FindFirstFileExW((full + L"\\*").c_str(), FindExInfoBasic, &entry,
                                           FindExSearchNameMatch, nullptr, 0);
  if (search == INVALID_HANDLE_VALUE) return failed("list directory", root);
  bool empty = true;
  do {
    const std::wstring_view name = entry.cFileName;
    if (name != L"." && name != L"..") empty = false;
  } while (::FindNextFileW(search, &entry) != 0);
  ::FindClose(search);
  if (!empty)
    return base::fail(
        base::make_error(base::ErrorKind::kNotEmpty, "a dataset needs an empty folder: " + root));
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Disk>> open_disk(const std::string& root) {
  ROBOSYNC_ASSIGN(std::wstring full, extended_path(root));
  return std::make_unique<WindowsDisk>(std::move(full));
}

base::Result<std::unique_ptr<Disk>> make_disk(const std::string& root) {
  ROBOSYNC_ASSIGN(std::wstring full, extended_path(root));
  if (::CreateDirectoryW(full.c_str(), nullptr) == 0 && ::GetLastError() != ERROR_ALREADY_EXISTS)
    return failed("make directory", root);
  ROBOSYNC_TRY(check_empty(full, root));
  return std::make_unique<WindowsDisk>(std::move(full));
}

}  // namespace robosync::parity
