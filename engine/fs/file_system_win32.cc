// The process's own view of the machine's file system: paths of the user's, roots, limits.
//
// A path has a drive, a share or neither, and '/' or '\' between names. It is made absolute here
// and given to the object manager as it is, so that no length is too long and no name is changed
// ("dot." is not "dot").
#include <windows.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/wide_text.h"
#include "engine/fs/directory_win32.h"
#include "engine/fs/metadata_win32.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

// Handles of the system are many; this bounds the memory that they take in the kernel.
constexpr std::size_t kOpenHandlesMax = 8192;

// An absolute path: "\??\C:" or "\??\UNC\server\share", and the names below it.
struct WidePath {
  std::u16string root;
  std::vector<std::u16string> names;

  [[nodiscard]] std::u16string text() const {
    std::u16string out = root;
    for (const std::u16string& name : names) out += u'\\' + name;
    if (names.empty()) out += u'\\';
    return out;
  }
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Takes the text up to the next '/' off the front.
std::string take_name(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('/'), rest.size());
  std::string name(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return name;
}

// What Windows makes of ".", "C:" and "/": a path with a root.
Result<std::string> full_path(const std::string& text) {
  const std::u16string wide = base::utf16_of(text).text;
  const auto* given = reinterpret_cast<const wchar_t*>(wide.c_str());
  std::wstring out(::GetFullPathNameW(given, 0, nullptr, nullptr), L'\0');
  const DWORD length =
      ::GetFullPathNameW(given, static_cast<DWORD>(out.size()), out.data(), nullptr);
  if (length == 0 || length > out.size()) {
    return fail(make_error(ErrorKind::kInvalid, "no full path for " + text));
  }
  std::string full = base::wtf8_of({reinterpret_cast<const char16_t*>(out.data()), length});
  std::ranges::replace(full, '\\', '/');
  return full;
}

Result<void> add_names(std::string_view rest, WidePath& out) {
  while (!rest.empty()) {
    const std::string name = take_name(rest);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      if (!out.names.empty()) out.names.pop_back();
      continue;
    }
    ROBOSYNC_TRY(tree::validate_component(name));
    ROBOSYNC_ASSIGN(std::u16string wide, wide_name(name));
    out.names.push_back(std::move(wide));
  }
  return {};
}

// REQUIRES: no '\'.
Result<WidePath> parse(const std::string& path) {
  std::string_view rest = path;
  WidePath out{.root = u"\\??\\"};
  bool share = false;
  if (rest.starts_with("//?/") || rest.starts_with("//./")) {
    rest.remove_prefix(4);
    const std::string first = take_name(rest);
    share = first.size() == 3 && (first[0] | 0x20) == 'u' && (first[1] | 0x20) == 'n' &&
            (first[2] | 0x20) == 'c';
    if (!share) out.root += base::utf16_of(first).text;
    // "GLOBALROOT/Device/Volume1": nothing above is a directory.
    for (int part = 0; first == "GLOBALROOT" && part < 2; ++part) {
      out.root += u'\\' + base::utf16_of(take_name(rest)).text;
    }
  } else if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    share = true;
  } else if (rest.size() >= 3 && is_letter(rest[0]) && rest[1] == ':' && rest[2] == '/') {
    out.root += base::utf16_of(take_name(rest)).text;
  } else {
    // The rest is taken as it is: Windows would drop dots and spaces at the end of names.
    const bool has_drive = rest.size() >= 2 && is_letter(rest[0]) && rest[1] == ':';
    const std::string base_text = has_drive               ? std::string(rest.substr(0, 2))
                                  : rest.starts_with('/') ? std::string("\\")
                                                          : std::string(".");
    if (has_drive) rest.remove_prefix(2);
    ROBOSYNC_ASSIGN(const std::string full, full_path(base_text));
    ROBOSYNC_ASSIGN(out, parse(full.ends_with('/') ? full : full + '/'));
    ROBOSYNC_TRY(add_names(rest, out));
    return out;
  }
  if (share) {
    const std::string server = take_name(rest);
    const std::string name = take_name(rest);
    if (server.empty() || name.empty()) {
      return fail(make_error(ErrorKind::kInvalid, path + ": a share is //server/name"));
    }
    out.root += u"UNC\\" + base::utf16_of(server).text + u"\\" + base::utf16_of(name).text;
  }
  ROBOSYNC_TRY(add_names(rest, out));
  return out;
}

std::string with_slashes(std::string path) {
  std::ranges::replace(path, '\\', '/');
  return path;
}

// Where an open directory is, links and all resolved.
Result<WidePath> path_of(nt::NativeHandle handle) {
  ROBOSYNC_ASSIGN(const std::u16string path, final_path(handle));
  return parse(with_slashes(base::wtf8_of(path)));
}

Result<DirectoryPtr> open_path(const WidePath& path, const std::string& shown) {
  Handle handle;
  const nt::Status status = open_handle(
      nullptr, path.text(),
      {.access = access_of_directories(), .options = nt::kDirectoryFile, .follow = Follow::kYes},
      handle);
  if (!nt::succeeded(status)) return fail(status_error(status, "open", shown));
  ROBOSYNC_ASSIGN(const std::uint64_t device, device_of(handle.get()));
  return adopt_directory(std::move(handle), device);
}

class Win32FileSystem final : public FileSystem {
 public:
  Result<Located> locate(const std::string& path) const override {
    ROBOSYNC_ASSIGN(WidePath wide, parsed(path));
    std::string text = with_slashes(path);
    while (text.size() > 1 && text.ends_with('/')) text.pop_back();
    if (text.size() > 1 && text[1] == ':') text.erase(0, 2);
    const std::string last = text.substr(text.rfind('/') + 1);
    const bool itself = wide.names.empty() || last.empty() || last == "." || last == "..";
    std::string name;
    if (!itself) {
      name = base::wtf8_of(wide.names.back());
      wide.names.pop_back();
    }
    ROBOSYNC_ASSIGN(DirectoryPtr directory, open_path(wide, path));
    return Located{std::move(directory), std::move(name)};
  }

  Result<DirectoryPtr> open_root(const std::string& path) const override {
    ROBOSYNC_ASSIGN(const WidePath wide, parsed(path));
    return open_path(wide, path);
  }

  Result<std::vector<tree::Identity>> ancestry(const DirectoryPtr& directory) const override {
    std::vector<tree::Identity> chain;
    ROBOSYNC_ASSIGN(const tree::Metadata own, directory->stat());
    chain.push_back(own.identity);
    ROBOSYNC_ASSIGN(WidePath path, path_of(handle_of(*directory)));
    while (!path.names.empty()) {
      path.names.pop_back();
      Handle up;
      const nt::Status status = open_handle(
          nullptr, path.text(), {.options = nt::kDirectoryFile, .follow = Follow::kYes}, up);
      // One that may not even be looked at is no root of anything that we were given.
      if (kind_of_status(status) == ErrorKind::kPermission && !nt::succeeded(status)) continue;
      if (!nt::succeeded(status)) return fail(status_error(status, "open", ".."));
      ROBOSYNC_ASSIGN(const std::uint64_t device, device_of(up.get()));
      ROBOSYNC_ASSIGN(const tree::Entry entry, stat_handle(up.get(), device));
      chain.push_back(entry.metadata.identity);
    }
    return chain;
  }

  const Privileges& privileges() const override { return privileges_; }
  std::size_t open_handles_max() const override { return kOpenHandlesMax; }

 private:
  static Result<WidePath> parsed(const std::string& path) {
    if (path.empty()) return fail(make_error(ErrorKind::kNotFound, "open: the path is empty"));
    if (path.find('\0') != std::string::npos) {
      return fail(make_error(ErrorKind::kInvalid, "NUL byte inside a path"));
    }
    return parse(with_slashes(path));
  }

  // A virus scanner that looks into a new file is enough to keep its directory where it is.
  const Privileges privileges_{.renames_directories_in_use = false,
                               .syncs_volumes = false,  // administrators may
                               .windows_names = true,
                               .ignores_case = true,
                               .keeps_modes = false,
                               .has_native_attributes = true,
                               .has_acls = false,
                               .time_granularity_ns = 100};
};

}  // namespace

FileSystem& native_file_system() {
  static Win32FileSystem instance;
  return instance;
}

}  // namespace robosync::fs
