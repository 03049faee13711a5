// Not with <filesystem>, which lists no folder whose path is longer than 260 characters.
#include <windows.h>

#include <string_view>
#include <utility>
#include <vector>

#include "harness/run/scratch.h"
#include "harness/tree/native_file_win32.h"

namespace robosync::parity {
namespace {

struct Entry {
  std::wstring name;
  DWORD attributes = 0;
};

base::Result<std::vector<Entry>> entries_of(const std::wstring& folder) {
  WIN32_FIND_DATAW found;
  const HANDLE search = ::FindFirstFileExW((folder + L"\\*").c_str(), FindExInfoBasic, &found,
                                           FindExSearchNameMatch, nullptr, 0);
  if (search == INVALID_HANDLE_VALUE)
    return base::fail(last_fault("list directory", utf8_of(folder)));
  std::vector<Entry> entries;
  do {
    const std::wstring_view name = found.cFileName;
    if (name != L"." && name != L"..") entries.push_back({found.cFileName, found.dwFileAttributes});
  } while (::FindNextFileW(search, &found) != 0);
  ::FindClose(search);
  return entries;
}

// Links and junctions are removed and never entered; one to a folder is removed as a folder is.
base::Result<void> remove_entry(const std::wstring& path, DWORD attributes) {
  if ((attributes & FILE_ATTRIBUTE_READONLY) != 0)
    ::SetFileAttributesW(path.c_str(), FILE_ATTRIBUTE_NORMAL);
  const bool is_folder = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  if (is_folder && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) {
    ROBOSYNC_ASSIGN(const std::vector<Entry> entries, entries_of(path));
    for (const Entry& entry : entries)
      ROBOSYNC_TRY(remove_entry(path + L"\\" + entry.name, entry.attributes));
  }
  const BOOL removed = is_folder ? ::RemoveDirectoryW(path.c_str()) : ::DeleteFileW(path.c_str());
  if (removed == 0) return base::fail(last_fault("remove", utf8_of(path)));
  return {};
}

}  // namespace

base::Result<void> remove_tree(const std::string& path) {
  ROBOSYNC_ASSIGN(const std::wstring full, extended_path(path));
  const DWORD attributes = ::GetFileAttributesW(full.c_str());
  if (attributes != INVALID_FILE_ATTRIBUTES) return remove_entry(full, attributes);
  base::Error error = last_fault("remove", path);
  if (error.kind == base::ErrorKind::kNotFound) return {};
  return base::fail(std::move(error));
}

}  // namespace robosync::parity
