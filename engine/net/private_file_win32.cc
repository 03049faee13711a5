#include "engine/net/private_file.h"

#include <windows.h>

#include <aclapi.h>
#include <fmt/format.h>
#include <sddl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/windows_error.h"
#include "engine/net/owned_handle_win32.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::filesystem::path;

constexpr ACCESS_MASK kMayRead = FILE_READ_DATA;
constexpr ACCESS_MASK kMayWrite =
    FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER;
// A lock is looked for so often.
constexpr std::chrono::milliseconds kLook{10};

struct FreeLocal {
  void operator()(void* memory) const { LocalFree(memory); }
};
template <typename T>
using Local = std::unique_ptr<T, FreeLocal>;

base::Error failed(std::string what) { return base::from_windows(GetLastError(), std::move(what)); }

base::Error wrong(const path& file, const char* why) {
  return base::make_error(ErrorKind::kPermission, file.string() + ": " + why);
}

// The user this process runs as.
std::vector<std::byte> own_sid() {
  HANDLE token = nullptr;
  if (OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) == 0) return {};
  const OwnedHandle closed(token);
  DWORD size = 0;
  GetTokenInformation(token, TokenUser, nullptr, 0, &size);
  std::vector<std::byte> user(size);
  if (size == 0 || GetTokenInformation(token, TokenUser, user.data(), size, &size) == 0) return {};
  return user;
}

std::wstring own_sid_text() {
  const std::vector<std::byte> self = own_sid();
  LPWSTR text = nullptr;
  ROBOSYNC_CHECK(!self.empty() &&
                 ConvertSidToStringSidW(reinterpret_cast<const TOKEN_USER*>(self.data())->User.Sid,
                                        &text) != 0);
  const Local<wchar_t> freed(text);
  return text;
}

// What makes a new file or folder ours alone: full access for us, the system and administrators,
// and nothing inherited from the folder above. What is made in such a folder inherits it.
class OursAlone {
 public:
  explicit OursAlone(const wchar_t* inherited = L"") {
    const std::wstring flags(inherited);
    const std::wstring text = L"D:P(A;" + flags + L";FA;;;" + own_sid_text() + L")(A;" + flags +
                              L";FA;;;SY)(A;" + flags + L";FA;;;BA)";
    PSECURITY_DESCRIPTOR made = nullptr;
    // Without it the new file would be open to whoever the folder lets in.
    ROBOSYNC_CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(
                       text.c_str(), SDDL_REVISION_1, &made, nullptr) != 0);
    descriptor_.reset(made);
    attributes_.lpSecurityDescriptor = made;
  }
  [[nodiscard]] SECURITY_ATTRIBUTES* get() { return &attributes_; }

 private:
  Local<void> descriptor_;
  SECURITY_ATTRIBUTES attributes_{.nLength = sizeof(SECURITY_ATTRIBUTES)};
};
constexpr const wchar_t* kWhatIsMadeWithin = L"OICI";

bool is_ours(PSID sid, const std::vector<std::byte>& self) {
  if (!self.empty() &&
      EqualSid(sid, reinterpret_cast<const TOKEN_USER*>(self.data())->User.Sid) != 0) {
    return true;
  }
  // A service's own account (S-1-5-80-...): administrators install those.
  const SID_IDENTIFIER_AUTHORITY nt = SECURITY_NT_AUTHORITY;
  if (std::memcmp(GetSidIdentifierAuthority(sid), &nt, sizeof nt) == 0 &&
      *GetSidSubAuthorityCount(sid) > 1 &&
      *GetSidSubAuthority(sid, 0) == SECURITY_SERVICE_ID_BASE_RID) {
    return true;
  }
  return IsWellKnownSid(sid, WinLocalSystemSid) != 0 ||
         IsWellKnownSid(sid, WinBuiltinAdministratorsSid) != 0 ||
         // What stands for the owner, who is looked at by itself.
         IsWellKnownSid(sid, WinCreatorOwnerRightsSid) != 0 ||
         IsWellKnownSid(sid, WinCreatorOwnerSid) != 0;
}

// Whether nobody but us has any of `rights`; the owner is one of us.
base::Result<void> check_access(HANDLE handle, const path& file, ACCESS_MASK rights) {
  PSID owner = nullptr;
  PACL list = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  const DWORD fault = GetSecurityInfo(handle, SE_FILE_OBJECT,
                                      OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                      &owner, nullptr, &list, nullptr, &descriptor);
  if (fault != ERROR_SUCCESS) {
    return base::fail(base::from_windows(fault, "access list of " + file.string()));
  }
  const Local<void> freed(descriptor);
  const std::vector<std::byte> self = own_sid();
  if (owner == nullptr || !is_ours(owner, self)) {
    return base::fail(wrong(file, "belongs to another user"));
  }
  // No list at all is everybody's file.
  bool others = list == nullptr;
  for (DWORD i = 0; !others && i < list->AceCount; ++i) {
    void* found = nullptr;
    if (GetAce(list, i, &found) == 0) continue;
    const auto* header = static_cast<const ACE_HEADER*>(found);
    // One with a condition begins in the same way, and may be met.
    const bool allows = header->AceType == ACCESS_ALLOWED_ACE_TYPE ||
                        header->AceType == ACCESS_ALLOWED_CALLBACK_ACE_TYPE;
    if (!allows || (header->AceFlags & INHERIT_ONLY_ACE) != 0) continue;
    auto* allowed = static_cast<ACCESS_ALLOWED_ACE*>(found);
    const bool all = (allowed->Mask & GENERIC_ALL) != 0;
    if (!all && (allowed->Mask & rights) == 0) continue;
    others = !is_ours(&allowed->SidStart, self);
  }
  if (!others) return {};
  return base::fail(wrong(file,
                          "others may use it; take that from them: icacls FILE /inheritance:r "
                          "/grant:r \"%USERNAME%:F\""));
}

base::Result<std::string> content_of(HANDLE handle, const path& file, std::size_t bytes_max) {
  std::string content;
  std::array<char, 16384> buffer{};
  while (true) {
    DWORD count = 0;
    if (ReadFile(handle, buffer.data(), static_cast<DWORD>(buffer.size()), &count, nullptr) == 0) {
      return base::fail(failed("read " + file.string()));
    }
    if (count == 0) return content;
    content.append(buffer.data(), count);
    if (content.size() > bytes_max) {
      return base::fail(base::make_error(
          ErrorKind::kLimit, fmt::format("{} is longer than {} bytes", file.string(), bytes_max)));
    }
  }
}

base::Result<OwnedHandle> open_file(const path& file, DWORD flags) {
  OwnedHandle opened =
      owned(CreateFileW(file.c_str(), GENERIC_READ | READ_CONTROL,
                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                        OPEN_EXISTING, flags | FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (!opened) return base::fail(failed("open " + file.string()));
  BY_HANDLE_FILE_INFORMATION about{};
  if (GetFileInformationByHandle(opened.get(), &about) == 0) {
    return base::fail(failed("look at " + file.string()));
  }
  if ((about.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    return base::fail(wrong(file, "is a symbolic link"));
  }
  if ((about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    return base::fail(wrong(file, "is not a regular file"));
  }
  return opened;
}

// A new file beside `file`, whole and on the disk.
base::Result<path> write_temporary(const path& file, std::string_view content,
                                   SECURITY_ATTRIBUTES* attributes) {
  path name = file;
  name += L"." + std::to_wstring(base::random64());
  OwnedHandle made = owned(CreateFileW(name.c_str(), GENERIC_WRITE, 0, attributes, CREATE_NEW,
                                       FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!made) return base::fail(failed("create " + name.string()));
  DWORD written = 0;
  if (WriteFile(made.get(), content.data(), static_cast<DWORD>(content.size()), &written,
                nullptr) != 0 &&
      written == content.size() && FlushFileBuffers(made.get()) != 0) {
    return name;
  }
  base::Error error = failed("write " + name.string());
  made.reset();
  DeleteFileW(name.c_str());
  return base::fail(std::move(error));
}

base::Result<void> put(const path& file, std::string_view content, DWORD how,
                       SECURITY_ATTRIBUTES* attributes) {
  ROBOSYNC_ASSIGN(const path name, write_temporary(file, content, attributes));
  if (MoveFileExW(name.c_str(), file.c_str(), how | MOVEFILE_WRITE_THROUGH) != 0) return {};
  base::Error error = failed("rename to " + file.string());
  DeleteFileW(name.c_str());
  return base::fail(std::move(error));
}

}  // namespace

base::Result<std::string> read_private_file(const path& file) {
  ROBOSYNC_ASSIGN(const OwnedHandle opened, open_file(file, FILE_FLAG_OPEN_REPARSE_POINT));
  ROBOSYNC_TRY(check_access(opened.get(), file, kMayRead | kMayWrite));
  return content_of(opened.get(), file, kPrivateFileBytesMax);
}

base::Result<std::string> read_guarded_file(const path& file, std::size_t bytes_max) {
  ROBOSYNC_ASSIGN(const OwnedHandle opened, open_file(file, 0));
  ROBOSYNC_TRY(check_access(opened.get(), file, kMayWrite));
  return content_of(opened.get(), file, bytes_max);
}

base::Result<void> check_private(const path& file) {
  ROBOSYNC_ASSIGN(const OwnedHandle opened, open_file(file, 0));
  return check_access(opened.get(), file, kMayRead | kMayWrite);
}

base::Result<void> write_private_file(const path& file, std::string_view content) {
  OursAlone ours;
  return put(file, content, MOVEFILE_REPLACE_EXISTING, ours.get());
}

base::Result<void> write_guarded_file(const path& file, std::string_view content) {
  return put(file, content, MOVEFILE_REPLACE_EXISTING, nullptr);
}

base::Result<void> create_private_file(const path& file, std::string_view content) {
  OursAlone ours;
  return put(file, content, 0, ours.get());
}

base::Result<FileLock> lock_file(const path& file) {
  OursAlone ours;
  while (true) {
    // Nobody else can open it meanwhile.
    OwnedHandle lock = owned(CreateFileW(file.c_str(), GENERIC_READ | GENERIC_WRITE, 0, ours.get(),
                                         OPEN_ALWAYS, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (lock) return FileLock(std::move(lock));
    if (GetLastError() != ERROR_SHARING_VIOLATION) {
      return base::fail(failed("lock " + file.string()));
    }
    std::this_thread::sleep_for(kLook);
  }
}

base::Result<void> ensure_private_folder(const path& folder) {
  if (folder.empty()) return ensure_private_folder(L".");  // of a file named without one
  OursAlone ours(kWhatIsMadeWithin);
  if (CreateDirectoryW(folder.c_str(), ours.get()) == 0 && GetLastError() != ERROR_ALREADY_EXISTS) {
    return base::fail(failed("create " + folder.string()));
  }
  const OwnedHandle opened =
      owned(CreateFileW(folder.c_str(), READ_CONTROL | FILE_READ_ATTRIBUTES,
                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (!opened) return base::fail(failed("open " + folder.string()));
  BY_HANDLE_FILE_INFORMATION about{};
  if (GetFileInformationByHandle(opened.get(), &about) == 0) {
    return base::fail(failed("look at " + folder.string()));
  }
  if ((about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
    return base::fail(wrong(folder, "is not a folder"));
  }
  return check_access(opened.get(), folder, kMayWrite);
}

}  // namespace robosync::net
