#include <windows.h>

#include <aclapi.h>
#include <sddl.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/daemon_system.h"
#include "cli/service_win32.h"
#include "engine/base/windows_error.h"
#include "engine/net/private_file.h"

namespace robosync::cli {
namespace {

using base::Result;
using std::filesystem::path;

constexpr const wchar_t* kWhatIsMadeWithin = L"OICI";
constexpr const wchar_t* kModify = L"0x1301bf";
constexpr const wchar_t* kRead = L"FR";

struct FreeLocal {
  void operator()(void* memory) const { LocalFree(memory); }
};
template <typename T>
using Local = std::unique_ptr<T, FreeLocal>;

base::Error failed(std::string what) { return base::from_windows(GetLastError(), std::move(what)); }

// For the system, the administrators and the service; nothing is inherited from above. The owner is
// none of those who may type commands: the service would not trust what is theirs.
Result<Local<void>> access_for(const std::wstring& service_sid, const wchar_t* rights,
                               const wchar_t* inherited = L"") {
  const std::wstring flags(inherited);
  const std::wstring text = L"O:BAD:P(A;" + flags + L";FA;;;SY)(A;" + flags + L";FA;;;BA)(A;" +
                            flags + L";" + rights + L";;;" + service_sid + L")";
  PSECURITY_DESCRIPTOR made = nullptr;
  if (ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1, &made,
                                                           nullptr) == 0) {
    return base::fail(failed("make an access list"));
  }
  return Local<void>(made);
}

bool lets_in(const path& what, const std::wstring& sid) {
  PSECURITY_DESCRIPTOR found = nullptr;
  if (GetNamedSecurityInfoW(what.c_str(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr,
                            nullptr, nullptr, nullptr, &found) != ERROR_SUCCESS) {
    return false;
  }
  const Local<void> freed(found);
  LPWSTR text = nullptr;
  if (ConvertSecurityDescriptorToStringSecurityDescriptorW(
          found, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, nullptr) == 0) {
    return false;
  }
  const Local<wchar_t> freed_text(text);
  return std::wstring(text).find(L";" + sid + L")") != std::wstring::npos;
}

// What lets the service in already may let in others as well, as somebody decided.
Result<void> give(const path& what, const std::wstring& sid, void* access) {
  SECURITY_INFORMATION changes = OWNER_SECURITY_INFORMATION;
  if (!lets_in(what, sid)) {
    changes |= DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
  }
  if (SetFileSecurityW(what.c_str(), changes, access) == 0) {
    return base::fail(failed("give " + what.string() + " to the service"));
  }
  return {};
}

}  // namespace

Result<std::wstring> service_sid() {
  std::array<std::byte, SECURITY_MAX_SID_SIZE> sid{};
  DWORD sid_size = sid.size();
  std::wstring domain(256, L'\0');
  DWORD domain_size = static_cast<DWORD>(domain.size());
  SID_NAME_USE use{};
  LPWSTR text = nullptr;
  if (LookupAccountNameW(nullptr, kServiceAccount, sid.data(), &sid_size, domain.data(),
                         &domain_size, &use) == 0 ||
      ConvertSidToStringSidW(sid.data(), &text) == 0) {
    return base::fail(failed("look up NT SERVICE\\robosyncd"));
  }
  const Local<wchar_t> freed(text);
  return std::wstring(text);
}

Result<void> give_folder(const path& folder, const std::wstring& sid) {
  ROBOSYNC_ASSIGN(const Local<void> for_folder, access_for(sid, kModify, kWhatIsMadeWithin));
  ROBOSYNC_ASSIGN(const Local<void> for_file, access_for(sid, kModify));
  SECURITY_ATTRIBUTES attributes{.nLength = sizeof attributes};
  attributes.lpSecurityDescriptor = for_folder.get();
  if (CreateDirectoryW(folder.c_str(), &attributes) != 0) return {};
  if (GetLastError() != ERROR_ALREADY_EXISTS) {
    return base::fail(failed("create " + folder.string()));
  }
  // Where others may write the service does not look for its key, whoever owns it.
  ROBOSYNC_TRY(net::ensure_private_folder(folder));
  ROBOSYNC_TRY(give(folder, sid, for_folder.get()));
  std::error_code fault;
  for (const auto& entry : std::filesystem::directory_iterator(folder, fault)) {
    if (entry.is_symlink(fault) || !net::check_private(entry.path())) continue;
    ROBOSYNC_TRY(give(entry.path(), sid, for_file.get()));
  }
  if (fault) return base::fail(base::Error{base::ErrorKind::kIo, fault, "list " + folder.string()});
  return {};
}

Result<void> give_to_read(const path& file, const std::wstring& sid) {
  ROBOSYNC_ASSIGN(const Local<void> access, access_for(sid, kRead));
  return give(file, sid, access.get());
}

Result<void> leave_state_to_service(const daemon::Config& config, const daemon::LoadPlan& plan) {
  if (!service_reads(plan.config_file)) return {};
  ROBOSYNC_ASSIGN(const std::wstring sid, service_sid());
  return give_folder(daemon::state_path(config, plan), sid);
}

}  // namespace robosync::cli
