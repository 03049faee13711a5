#include "engine/fs/handle_win32.h"

#include <windows.h>

#include <utility>

#include "engine/base/wide_text.h"
#include "engine/tree/windows_name.h"

namespace robosync::fs {

using base::Error;
using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

constexpr std::uint32_t kShareMost = FILE_SHARE_READ | FILE_SHARE_WRITE;
constexpr std::size_t kPathUnitsMax = 32768;
constexpr std::u16string_view kGlobalRoot = u"\\\\?\\GLOBALROOT";  // where devices are
constexpr std::size_t kNameInformationBytes = 2 * 32768 + 8;

std::u16string_view units(const wchar_t* text, std::size_t length) {
  static_assert(sizeof(wchar_t) == sizeof(char16_t));
  return {reinterpret_cast<const char16_t*>(text), length};
}

// Numbers of Win32, in the system's words; what people meet most, in ours.
class Win32Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "windows"; }
  std::string message(int number) const override {
    const auto code = static_cast<DWORD>(number);
    if (code == ERROR_SHARING_VIOLATION || code == ERROR_LOCK_VIOLATION) {
      return "in use by another process";
    }
    wchar_t text[512];
    DWORD length = ::FormatMessageW(
        FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
        nullptr, code, 0, text, static_cast<DWORD>(std::size(text)), nullptr);
    while (length > 0 && (text[length - 1] == L' ' || text[length - 1] == L'.')) --length;
    if (length == 0) return "Windows error " + std::to_string(code);
    return base::wtf8_of(units(text, length));
  }
};

const std::error_category& win32_category() {
  static const Win32Category category;
  return category;
}

// The last component of what is open, as it is stored.
std::optional<std::u16string> stored_name(nt::NativeHandle handle) {
  alignas(8) static thread_local char buffer[kNameInformationBytes];
  nt::IoStatus io{};
  const auto ask = [&](nt::InformationClass information) {
    return nt::NtQueryInformationFile(handle, &io, buffer, sizeof(buffer),
                                      static_cast<std::int32_t>(information));
  };
  if (!nt::succeeded(ask(nt::InformationClass::kNormalizedName)) &&
      !nt::succeeded(ask(nt::InformationClass::kName))) {
    return std::nullopt;
  }
  const std::uint32_t bytes = *reinterpret_cast<const std::uint32_t*>(buffer);
  const std::u16string_view path(reinterpret_cast<const char16_t*>(buffer + 4),
                                 bytes / sizeof(char16_t));
  return std::u16string(path.substr(path.rfind(u'\\') + 1));
}

bool is_called_otherwise(nt::NativeHandle handle, const std::u16string& name) {
  const std::optional<std::u16string> stored = stored_name(handle);
  const auto wide = [](const std::u16string& s) {
    return reinterpret_cast<const wchar_t*>(s.data());
  };
  return stored &&
         ::CompareStringOrdinal(wide(*stored), static_cast<int>(stored->size()), wide(name),
                                static_cast<int>(name.size()), TRUE) != CSTR_EQUAL;
}

}  // namespace

Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Handle::~Handle() {
  if (handle_ != nullptr) nt::NtClose(handle_);
}

ErrorKind kind_of_status(nt::Status status) {
  switch (static_cast<std::uint32_t>(status)) {
    case 0xC0000034:  // object name not found
    case 0xC000003A:  // object path not found
    case 0xC000000F:  // no such file
    case 0xC0000123:  // file deleted
      return ErrorKind::kNotFound;
    case 0xC0000035:  // object name collision
      return ErrorKind::kExists;
    case 0xC0000022:  // access denied
    case 0xC0000121:  // cannot delete
    case 0xC0000061:  // privilege not held
      return ErrorKind::kPermission;
    case 0xC0000103:
      return ErrorKind::kNotDirectory;
    case 0xC00000BA:
      return ErrorKind::kIsDirectory;
    case 0xC0000101:
      return ErrorKind::kNotEmpty;
    case 0xC0000280:  // reparse point not resolved: too many of them
    case 0x8000002D:  // stopped on a symbolic link
      return ErrorKind::kLink;
    case 0xC000007F:  // disk full
    case 0xC0000044:  // quota exceeded
      return ErrorKind::kNoSpace;
    case 0xC00000A2:
      return ErrorKind::kReadOnly;
    case 0xC00000D4:
      return ErrorKind::kCrossDevice;
    case 0xC0000002:  // not implemented
    case 0xC0000003:  // invalid info class
    case 0xC0000010:  // invalid device request
    case 0xC00000BB:  // not supported
      return ErrorKind::kUnsupported;
    case 0xC0000033:  // object name invalid
    case 0xC000003B:  // object path syntax bad
    case 0xC0000039:  // object path invalid
    case 0xC000000D:  // invalid parameter
      return ErrorKind::kInvalid;
    case 0xC0000043:  // sharing violation
    case 0xC0000054:  // file lock conflict
    case 0xC0000056:  // delete pending: somebody still has it open
    case 0xC0000243:  // mapped by somebody
      return ErrorKind::kBusy;
    case 0xC000022D:  // retry
    case 0xC00000B5:  // timeout
    case 0xC000009A:  // insufficient resources
      return ErrorKind::kTransient;
    case 0xC0000106:  // name too long
    case 0xC000011F:  // too many open files
    case 0xC0000265:  // too many links
    case 0xC0000904:  // file too large
      return ErrorKind::kLimit;
    case 0xC000009D:  // device not connected
    case 0xC000000E:  // no such device
    case 0xC00000C0:  // device does not exist
    case 0xC00000A3:  // device not ready
    case 0xC0000013:  // no media in device
    case 0xC000026E:  // volume dismounted
    case 0xC00000BE:  // bad network path
    case 0xC00000CC:  // bad network name
    case 0xC00000C9:  // network name deleted
      return ErrorKind::kDeviceGone;
    default:
      return ErrorKind::kIo;
  }
}

Error status_error(nt::Status status, const char* operation, std::string_view name) {
  std::string context = operation;
  if (!name.empty()) {
    context += ' ';
    context += name;
  }
  const auto number = static_cast<int>(nt::RtlNtStatusToDosError(status));
  return {kind_of_status(status), std::error_code(number, win32_category()), std::move(context)};
}

namespace {

Result<std::u16string> checked(std::string_view name, Result<void> valid) {
  if (valid) return base::utf16_of(name).text;
  valid.error().context = std::string(name) + ": " + valid.error().context;
  return fail(std::move(valid).error());
}

}  // namespace

Result<std::u16string> wide_name(std::string_view name) {
  return checked(name, tree::validate_windows_characters(name));
}

Result<std::u16string> new_wide_name(std::string_view name) {
  return checked(name, tree::validate_windows_name(name));
}

nt::Status open_handle(nt::NativeHandle directory, const std::u16string& name, const HowToOpen& how,
                       Handle& out) {
  const auto bytes = static_cast<std::uint16_t>(name.size() * sizeof(char16_t));
  nt::UnicodeString text{bytes, bytes, const_cast<char16_t*>(name.data())};
  nt::ObjectAttributes object{sizeof(object),       directory, &text,
                              nt::kCaseInsensitive, nullptr,   nullptr};
  nt::IoStatus io{};
  nt::NativeHandle handle = nullptr;
  const std::uint32_t options = how.options | nt::kSynchronousIo | nt::kBackupIntent |
                                (how.follow == Follow::kNo ? nt::kOpenReparsePoint : 0);
  const nt::Status status = nt::NtCreateFile(
      &handle, how.access | nt::kSynchronize, &object, &io, nullptr, how.attributes,
      how.sharing == Sharing::kAll ? kShareMost | FILE_SHARE_DELETE : kShareMost,
      static_cast<std::uint32_t>(how.disposition), options, nullptr, 0);
  if (nt::succeeded(status)) out = Handle(handle);
  return status;
}

Result<Handle> open_entry(nt::NativeHandle directory, std::string_view name, const HowToOpen& how,
                          const char* operation) {
  ROBOSYNC_ASSIGN(const std::u16string wide, wide_name(name));
  Handle handle;
  const nt::Status status = open_handle(directory, wide, how, handle);
  if (!nt::succeeded(status)) return fail(status_error(status, operation, name));
  if (how.follow == Follow::kNo && tree::may_be_windows_alias(name) &&
      is_called_otherwise(handle.get(), wide)) {
    return fail(status_error(nt::kNoSuchFile, operation, name));
  }
  return handle;
}

Result<std::u16string> final_path(nt::NativeHandle handle) {
  // A volume need not have a letter, nor a name that the mount manager knows; and names on the way
  // may be out of reach.
  std::wstring text(kPathUnitsMax, L'\0');
  for (const int form : {VOLUME_NAME_DOS, VOLUME_NAME_GUID, VOLUME_NAME_DOS | FILE_NAME_OPENED,
                         VOLUME_NAME_NT | FILE_NAME_OPENED}) {
    const DWORD length = ::GetFinalPathNameByHandleW(
        handle, text.data(), static_cast<DWORD>(text.size()), static_cast<DWORD>(form));
    if (length == 0 || length >= text.size()) continue;
    const std::u16string path(units(text.data(), length));
    return (form & VOLUME_NAME_NT) == 0 ? path : std::u16string(kGlobalRoot) + path;
  }
  return fail(base::make_error(ErrorKind::kIo, "find the path of an open directory"));
}

bool is_alias(nt::NativeHandle directory, std::string_view name) {
  if (!tree::may_be_windows_alias(name)) return false;
  const std::u16string wide = base::utf16_of(name).text;
  Handle there;
  return nt::succeeded(open_handle(directory, wide, {}, there)) &&
         is_called_otherwise(there.get(), wide);
}

bool is_volume_root(nt::NativeHandle handle) { return stored_name(handle) == u""; }

nt::Status stat_object(nt::NativeHandle handle, nt::Stat& out) {
  nt::Status status = query(handle, nt::InformationClass::kStat, out);
  if (!nt::means_unknown(status)) return status;
  nt::Basic basic{};
  nt::Standard standard{};
  status = query(handle, nt::InformationClass::kBasic, basic);
  if (nt::succeeded(status)) status = query(handle, nt::InformationClass::kStandard, standard);
  if (nt::succeeded(status)) status = query(handle, nt::InformationClass::kInternal, out.file_id);
  if (!nt::succeeded(status)) return status;
  out.creation_time = basic.creation_time;
  out.access_time = basic.access_time;
  out.write_time = basic.write_time;
  out.change_time = basic.change_time;
  out.allocated_bytes = standard.allocated_bytes;
  out.size = standard.size;
  out.attributes = basic.attributes;
  out.tag = (basic.attributes & nt::kAttributeReparsePoint) != 0 ? reparse_tag(handle) : 0;
  out.link_count = standard.delete_pending != 0 ? 0 : standard.link_count;
  return status;
}

std::uint32_t reparse_tag(nt::NativeHandle handle) {
  nt::AttributeTag tag{};
  if (!nt::succeeded(query(handle, nt::InformationClass::kAttributeTag, tag))) return 0;
  return (tag.attributes & nt::kAttributeReparsePoint) != 0 ? tag.tag : 0;
}

}  // namespace robosync::fs
