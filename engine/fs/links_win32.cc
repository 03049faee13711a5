#include "engine/fs/links_win32.h"

#include <windows.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "engine/base/wide_text.h"
#include "engine/fs/handle_win32.h"
#include "engine/fs/names_win32.h"
#include "engine/tree/windows_link.h"
#include "engine/tree/windows_name.h"

namespace robosync::fs {

using base::Error;
using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

constexpr std::uint32_t kGetReparsePoint = 0x000900A8;
constexpr std::uint32_t kSetReparsePoint = 0x000900A4;
constexpr DWORD kUnprivileged = 0x2;          // SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE
constexpr std::size_t kReparseHeadBytes = 8;  // tag, length and reserved
constexpr std::size_t kReparseBytesMax = 16 * 1024;
constexpr std::u16string_view kObjectPrefix = u"\\??\\";

bool has_drive(std::u16string_view path) {
  const auto letter = [](char16_t c) {
    return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z');
  };
  return path.size() >= 2 && letter(path[0]) && path[1] == u':';
}

std::u16string with_backslashes(std::u16string text) {
  std::ranges::replace(text, u'/', u'\\');
  return text;
}

std::u16string with_slashes(std::u16string text) {
  std::ranges::replace(text, u'\\', u'/');
  return text;
}

const wchar_t* units(const std::u16string& text) {
  return reinterpret_cast<const wchar_t*>(text.c_str());
}

// Whether a link in `directory` to `target` leads to a directory at present. A target that comes
// from elsewhere must not make this system ask another machine: only what is below is looked up,
// and no link on the way is followed.
bool leads_to_directory(nt::NativeHandle directory, std::string_view target) {
  if (!tree::is_below_windows_link(target)) return false;
  Handle at;
  for (std::size_t begin = 0; begin < target.size();) {
    const std::size_t end = std::min(target.find_first_of("/\\", begin), target.size());
    const std::string_view part = target.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    auto next = open_entry(at ? at.get() : directory, part, {}, "open");
    nt::Basic basic{};
    if (!next || !nt::succeeded(query(next->get(), nt::InformationClass::kBasic, basic)) ||
        (basic.attributes & nt::kAttributeReparsePoint) != 0 ||
        (basic.attributes & nt::kAttributeDirectory) == 0) {
      return false;
    }
    at = std::move(*next);
  }
  return true;
}

Error creation_error(DWORD number, std::string_view name) {
  const std::string context = "create link " + std::string(name);
  if (number == ERROR_PRIVILEGE_NOT_HELD) {
    return make_error(ErrorKind::kNoLinks,
                      context +
                          ": Windows lets only administrators make symbolic links, or "
                          "everybody in Developer Mode (Settings, For developers)");
  }
  if (number == ERROR_ALREADY_EXISTS || number == ERROR_FILE_EXISTS) {
    return make_error(ErrorKind::kExists, context);
  }
  if (number == ERROR_NOT_SUPPORTED || number == ERROR_INVALID_FUNCTION) {
    return make_error(ErrorKind::kNoLinks, context + ": this volume has no symbolic links");
  }
  const ErrorKind kind = number == ERROR_ACCESS_DENIED ? ErrorKind::kPermission : ErrorKind::kIo;
  return make_error(kind, context + ": Windows error " + std::to_string(number));
}

// By the path of the directory that is held: only this call knows of Developer Mode.
Result<void> make_symbolic_link(nt::NativeHandle directory, std::string_view name,
                                const std::u16string& target, tree::LinkKind kind) {
  ROBOSYNC_ASSIGN(const std::u16string wide, new_wide_name(name));
  ROBOSYNC_ASSIGN(const std::u16string parent, final_path(directory));
  const bool to_directory = kind == tree::LinkKind::kDirectory;
  const std::u16string path = parent + (parent.ends_with(u'\\') ? u"" : u"\\") + wide;
  const DWORD flags = to_directory ? SYMBOLIC_LINK_FLAG_DIRECTORY : 0;
  if (::CreateSymbolicLinkW(units(path), units(target), flags | kUnprivileged) != 0) return {};
  DWORD error = ::GetLastError();
  // Before Windows 10 1703 the flag was not known.
  if (error == ERROR_INVALID_PARAMETER) {
    if (::CreateSymbolicLinkW(units(path), units(target), flags) != 0) return {};
    error = ::GetLastError();
  }
  return fail(creation_error(error, name));
}

// Needs no privilege, and a whole path.
Result<void> make_junction(nt::NativeHandle directory, std::string_view name,
                           const std::u16string& target) {
  if (!has_drive(target)) {
    return fail(make_error(ErrorKind::kInvalid,
                           "create junction " + std::string(name) + ": not to a whole path"));
  }
  ROBOSYNC_ASSIGN(const std::u16string wide, new_wide_name(name));
  const std::u16string substitute = std::u16string(kObjectPrefix) + target;
  const auto bytes_of = [](const std::u16string& text) {
    return static_cast<std::uint16_t>(text.size() * sizeof(char16_t));
  };
  tree::ReparseHeader header{.tag = tree::kTagMountPoint};
  header.substitute_bytes = bytes_of(substitute);
  header.print_offset = static_cast<std::uint16_t>(header.substitute_bytes + sizeof(char16_t));
  header.print_bytes = bytes_of(target);
  // Both names end with a zero.
  const std::size_t names_bytes = header.print_offset + header.print_bytes + sizeof(char16_t);
  if (sizeof(header) + names_bytes > kReparseBytesMax) {
    return fail(make_error(ErrorKind::kLimit, "create junction " + std::string(name)));
  }
  header.data_bytes = static_cast<std::uint16_t>(sizeof(header) - kReparseHeadBytes + names_bytes);
  std::vector<char> buffer(sizeof(header) + names_bytes);
  std::memcpy(buffer.data(), &header, sizeof(header));
  std::memcpy(buffer.data() + sizeof(header), substitute.data(), header.substitute_bytes);
  std::memcpy(buffer.data() + sizeof(header) + header.print_offset, target.data(),
              header.print_bytes);
  Handle made;
  nt::Status status = open_handle(directory, wide,
                                  {.access = nt::kDelete | nt::kWriteAttributes,
                                   .options = nt::kDirectoryFile,
                                   .disposition = nt::Disposition::kCreate},
                                  made);
  if (!nt::succeeded(status)) return fail(status_error(status, "create junction", name));
  nt::IoStatus io{};
  status =
      nt::NtFsControlFile(made.get(), nullptr, nullptr, nullptr, &io, kSetReparsePoint,
                          buffer.data(), static_cast<std::uint32_t>(buffer.size()), nullptr, 0);
  if (nt::succeeded(status)) return {};
  (void)change(made.get(), nt::InformationClass::kDisposition, nt::kYes);
  return fail(status_error(status, "create junction", name));
}

// Of the same kind, where that is told, and to the same place: of a target that the system makes a
// whole path of, nothing can be said.
bool is_as_asked(const Link& made, const std::string& target, tree::LinkKind kind) {
  if (kind != tree::LinkKind::kUnknown && made.kind != kind) return false;
  const bool is_kept = kind == tree::LinkKind::kJunction ||
                       (!target.starts_with('/') && target.find(':') == std::string::npos);
  return !is_kept || made.target == target;
}

}  // namespace

Result<Link> read_link(nt::NativeHandle link, std::uint32_t attributes) {
  std::array<char, kReparseBytesMax> buffer;
  nt::IoStatus io{};
  const nt::Status status =
      nt::NtFsControlFile(link, nullptr, nullptr, nullptr, &io, kGetReparsePoint, nullptr, 0,
                          buffer.data(), static_cast<std::uint32_t>(buffer.size()));
  if (!nt::succeeded(status)) return fail(status_error(status, "read link", ""));
  auto read = tree::parse_reparse_point({buffer.data(), io.information});
  if (!read) return fail(make_error(ErrorKind::kUnsupported, "a link of an unknown kind"));
  Link out{.target = std::move(read->target), .kind = read->kind};
  if (reparse_tag(link) == tree::kTagSymlink) {
    out.kind = (attributes & nt::kAttributeDirectory) != 0 ? tree::LinkKind::kDirectory
                                                           : tree::LinkKind::kFile;
  }
  return out;
}

Result<void> make_link(nt::NativeHandle directory, std::string_view name, const std::string& target,
                       tree::LinkKind kind) {
  const base::Utf16Text wide = base::utf16_of(target);
  if (target.empty() || wide.valid_bytes < target.size()) {
    return fail(make_error(ErrorKind::kInvalid, "create link " + std::string(name) +
                                                    ": its target is no path on Windows"));
  }
  const std::u16string path = with_backslashes(wide.text);
  if (kind == tree::LinkKind::kUnknown && leads_to_directory(directory, target)) {
    kind = tree::LinkKind::kDirectory;
  }
  // Links are made by path: nothing else is to take this directory's place meanwhile.
  Handle held;
  const nt::Status status = open_handle(
      directory, std::u16string(),
      {.access = nt::kReadData, .options = nt::kDirectoryFile, .sharing = Sharing::kNoRenames},
      held);
  if (!nt::succeeded(status)) return fail(status_error(status, "create link", name));
  ROBOSYNC_TRY(kind == tree::LinkKind::kJunction ? make_junction(directory, name, path)
                                                 : make_symbolic_link(directory, name, path, kind));
  // There are systems on which this call makes nothing, and says that it did.
  const auto made = open_entry(directory, name, {}, "open");
  nt::Stat stat{};
  if (!made || !nt::succeeded(stat_object(made->get(), stat)) || !is_link(stat)) {
    return fail(make_error(ErrorKind::kNoLinks,
                           "create link " + std::string(name) + ": the system made none"));
  }
  ROBOSYNC_ASSIGN(const Link link, read_link(made->get(), stat.attributes));
  if (is_as_asked(link, base::wtf8_of(with_slashes(wide.text)), kind)) return {};
  (void)remove_file_entry(directory, name);
  return fail(make_error(ErrorKind::kChanged,
                         "create link " + std::string(name) + ": another one was made"));
}

}  // namespace robosync::fs
