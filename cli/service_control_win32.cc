// What an administrator does with the service.
#include <windows.h>

#include <aclapi.h>
#include <fmt/format.h>
#include <sddl.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "cli/service_win32.h"
#include "engine/base/windows_error.h"

namespace robosync::cli {
namespace {

using base::ErrorKind;
using base::Result;
using std::filesystem::path;

constexpr const wchar_t* kName = L"robosyncd";
constexpr const wchar_t* kAccount = L"NT SERVICE\\robosyncd";
constexpr const wchar_t* kEventSource =
    L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\robosyncd";
constexpr std::chrono::milliseconds kLook{100};
// Stopping waits for sessions: limits.grace may be an hour, but nobody waits that long at a prompt.
constexpr std::chrono::seconds kStateTime{90};

struct CloseService {
  void operator()(SC_HANDLE handle) const { CloseServiceHandle(handle); }
};
using OwnedService = std::unique_ptr<SC_HANDLE__, CloseService>;

base::Error failed(std::string what) { return base::from_windows(GetLastError(), std::move(what)); }

Result<OwnedService> manager(DWORD access) {
  OwnedService opened(OpenSCManagerW(nullptr, nullptr, access));
  if (!opened) return base::fail(failed("open the service manager"));
  return opened;
}

Result<OwnedService> service(DWORD access) {
  ROBOSYNC_ASSIGN(const OwnedService all, manager(SC_MANAGER_CONNECT));
  OwnedService opened(OpenServiceW(all.get(), kName, access));
  if (!opened) return base::fail(failed("open the service robosyncd"));
  return opened;
}

path own_program() {
  std::wstring name(MAX_PATH, L'\0');
  while (true) {
    const DWORD size = GetModuleFileNameW(nullptr, name.data(), static_cast<DWORD>(name.size()));
    if (size < name.size()) {
      name.resize(size);
      return name;
    }
    name.resize(2 * name.size());
  }
}

void describe(SC_HANDLE made) {
  std::wstring text = L"Serves folders to robosync over the network";
  SERVICE_DESCRIPTIONW description{.lpDescription = text.data()};
  ChangeServiceConfig2W(made, SERVICE_CONFIG_DESCRIPTION, &description);
  SERVICE_DELAYED_AUTO_START_INFO late{.fDelayedAutostart = TRUE};
  ChangeServiceConfig2W(made, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &late);
  // Twice soon, then once a minute; a day without a fault forgets those before.
  std::array<SC_ACTION, 3> actions = {
      {{SC_ACTION_RESTART, 5'000}, {SC_ACTION_RESTART, 5'000}, {SC_ACTION_RESTART, 60'000}}};
  SERVICE_FAILURE_ACTIONSW recovery{};
  recovery.dwResetPeriod = 24 * 60 * 60;
  recovery.cActions = static_cast<DWORD>(actions.size());
  recovery.lpsaActions = actions.data();
  ChangeServiceConfig2W(made, SERVICE_CONFIG_FAILURE_ACTIONS, &recovery);
  SERVICE_FAILURE_ACTIONS_FLAG also_errors{.fFailureActionsOnNonCrashFailures = TRUE};
  ChangeServiceConfig2W(made, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &also_errors);
  SERVICE_SID_INFO sid{.dwServiceSidType = SERVICE_SID_TYPE_UNRESTRICTED};
  ChangeServiceConfig2W(made, SERVICE_CONFIG_SERVICE_SID_INFO, &sid);
  // All other privileges are taken from it; two zeros end the list.
  std::wstring kept = std::wstring(L"SeChangeNotifyPrivilege") + L'\0' + L'\0';
  SERVICE_REQUIRED_PRIVILEGES_INFOW privileges{.pmszRequiredPrivileges = kept.data()};
  ChangeServiceConfig2W(made, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &privileges);
}

// Texts of the event log are made from a program's resources; this one of the system's shows what
// it is given.
void register_events() {
  HKEY key = nullptr;
  if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, kEventSource, 0, nullptr, 0, KEY_SET_VALUE, nullptr, &key,
                      nullptr) != ERROR_SUCCESS) {
    return;
  }
  const std::wstring file = L"%SystemRoot%\\System32\\EventCreate.exe";
  RegSetValueExW(key, L"EventMessageFile", 0, REG_EXPAND_SZ,
                 reinterpret_cast<const BYTE*>(file.c_str()),
                 static_cast<DWORD>((file.size() + 1) * sizeof(wchar_t)));
  const DWORD kinds = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
  RegSetValueExW(key, L"TypesSupported", 0, REG_DWORD, reinterpret_cast<const BYTE*>(&kinds),
                 sizeof kinds);
  RegCloseKey(key);
}

// The folder of certificate and tokens is the system's, the administrators' and the service's; what
// stood there before keeps its rights.
Result<void> give_folder(const path& folder) {
  std::error_code ignored;
  if (std::filesystem::exists(folder, ignored)) return {};
  std::array<std::byte, SECURITY_MAX_SID_SIZE> sid{};
  DWORD sid_size = sid.size();
  std::wstring domain(256, L'\0');
  DWORD domain_size = static_cast<DWORD>(domain.size());
  SID_NAME_USE use{};
  LPWSTR text = nullptr;
  if (LookupAccountNameW(nullptr, kAccount, sid.data(), &sid_size, domain.data(), &domain_size,
                         &use) == 0 ||
      ConvertSidToStringSidW(sid.data(), &text) == 0) {
    return base::fail(failed("look up NT SERVICE\\robosyncd"));
  }
  const std::wstring list =
      std::wstring(L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;") + text + L")";
  LocalFree(text);
  SECURITY_ATTRIBUTES attributes{.nLength = sizeof attributes};
  if (ConvertStringSecurityDescriptorToSecurityDescriptorW(
          list.c_str(), SDDL_REVISION_1, &attributes.lpSecurityDescriptor, nullptr) == 0) {
    return base::fail(failed("access list of " + folder.string()));
  }
  const BOOL made = CreateDirectoryW(folder.c_str(), &attributes);
  LocalFree(attributes.lpSecurityDescriptor);
  if (made == 0) return base::fail(failed("create " + folder.string()));
  return {};
}

// Asks until it is in the state, or stopped, or the time is over.
Result<void> wait_for(SC_HANDLE opened, DWORD state) {
  const auto deadline = std::chrono::steady_clock::now() + kStateTime;
  SERVICE_STATUS status{};
  while (std::chrono::steady_clock::now() < deadline) {
    if (QueryServiceStatus(opened, &status) == 0) {
      return base::fail(failed("ask after the service robosyncd"));
    }
    if (status.dwCurrentState == state) return {};
    if (status.dwCurrentState == SERVICE_STOPPED) {
      return base::fail(base::make_error(
          ErrorKind::kIo, fmt::format("the service stopped with code {}: the event log (source "
                                      "robosyncd) says why",
                                      status.dwServiceSpecificExitCode)));
    }
    std::this_thread::sleep_for(kLook);
  }
  return base::fail(base::make_error(ErrorKind::kTimeout, "the service takes its time"));
}

}  // namespace

Result<void> install_service(const daemon::LoadPlan& plan) {
  if (plan.config_file.empty()) {
    return base::fail(base::make_error(ErrorKind::kUsage, "a service needs --config FILE"));
  }
  daemon::LoadPlan look = plan;
  look.may_create = false;
  ROBOSYNC_ASSIGN(const daemon::Loaded loaded, daemon::load_daemon(look));
  ROBOSYNC_ASSIGN(const OwnedService all, manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE));
  path config = plan.config_file;
  const std::wstring command = L"\"" + own_program().wstring() + L"\" service run --config \"" +
                               config.make_preferred().wstring() + L"\"";
  const OwnedService made(CreateServiceW(all.get(), kName, L"RoboSync daemon", SERVICE_ALL_ACCESS,
                                         SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START,
                                         SERVICE_ERROR_NORMAL, command.c_str(), nullptr, nullptr,
                                         L"Tcpip\0", kAccount, nullptr));
  if (!made) return base::fail(failed("install the service robosyncd"));
  describe(made.get());
  register_events();
  const path state = daemon::state_path(loaded.config, plan);
  if (auto given = give_folder(state); !given) {
    std::fprintf(stderr, "robosyncd: warning: %s\n", given.error().message().c_str());
  }
  std::printf(
      "installed. Before it can serve, its account needs the folders of the modules:\n"
      "  icacls FOLDER /grant \"NT SERVICE\\robosyncd:(OI)(CI)RX\"   (M instead of RX to write)\n"
      "and, to keep its certificate, %s. Start it with: robosyncd service start\n",
      state.string().c_str());
  return {};
}

Result<void> uninstall_service() {
  ROBOSYNC_ASSIGN(const OwnedService opened, service(DELETE | SERVICE_STOP | SERVICE_QUERY_STATUS));
  SERVICE_STATUS status{};
  if (ControlService(opened.get(), SERVICE_CONTROL_STOP, &status) != 0) {
    ROBOSYNC_TRY(wait_for(opened.get(), SERVICE_STOPPED));
  }
  if (DeleteService(opened.get()) == 0) {
    return base::fail(failed("uninstall the service robosyncd"));
  }
  RegDeleteKeyW(HKEY_LOCAL_MACHINE, kEventSource);
  return {};
}

Result<void> start_service() {
  ROBOSYNC_ASSIGN(const OwnedService opened, service(SERVICE_START | SERVICE_QUERY_STATUS));
  if (StartServiceW(opened.get(), 0, nullptr) == 0) {
    return base::fail(failed("start the service robosyncd"));
  }
  return wait_for(opened.get(), SERVICE_RUNNING);
}

Result<void> stop_service() {
  ROBOSYNC_ASSIGN(const OwnedService opened, service(SERVICE_STOP | SERVICE_QUERY_STATUS));
  SERVICE_STATUS status{};
  if (ControlService(opened.get(), SERVICE_CONTROL_STOP, &status) == 0) {
    return base::fail(failed("stop the service robosyncd"));
  }
  return wait_for(opened.get(), SERVICE_STOPPED);
}

}  // namespace robosync::cli
