// What an administrator does with the service.
#include <windows.h>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cli/daemon_system.h"
#include "cli/service_win32.h"
#include "engine/base/windows_error.h"

namespace robosync::cli {
namespace {

using base::ErrorKind;
using base::Result;
using std::filesystem::path;

constexpr const wchar_t* kName = L"robosyncd";
constexpr const wchar_t* kEventSource =
    L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\robosyncd";
constexpr std::chrono::milliseconds kLook{100};
// Stopping waits for sessions: limits.grace may be an hour, but nobody waits that long at a prompt.
constexpr std::chrono::seconds kStateTime{90};

struct CloseService {
  void operator()(SC_HANDLE handle) const { CloseServiceHandle(handle); }
};
using OwnedService = std::unique_ptr<SC_HANDLE__, CloseService>;

struct CloseKey {
  void operator()(HKEY key) const { RegCloseKey(key); }
};

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

Result<void> set(SC_HANDLE made, DWORD what, void* value, const char* name) {
  if (ChangeServiceConfig2W(made, what, value) != 0) return {};
  return base::fail(failed(fmt::format("set the service's {}", name)));
}

// All that a new service is to be; what it is without any of it is not wanted.
Result<void> configure(SC_HANDLE made) {
  std::wstring text = L"Serves folders to robosync over the network";
  SERVICE_DESCRIPTIONW description{.lpDescription = text.data()};
  ROBOSYNC_TRY(set(made, SERVICE_CONFIG_DESCRIPTION, &description, "description"));
  SERVICE_DELAYED_AUTO_START_INFO late{.fDelayedAutostart = TRUE};
  ROBOSYNC_TRY(set(made, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &late, "delayed start"));
  // Twice soon, then once a minute; a day without a fault forgets those before.
  std::array<SC_ACTION, 3> actions = {
      {{SC_ACTION_RESTART, 5'000}, {SC_ACTION_RESTART, 5'000}, {SC_ACTION_RESTART, 60'000}}};
  SERVICE_FAILURE_ACTIONSW recovery{};
  recovery.dwResetPeriod = 24 * 60 * 60;
  recovery.cActions = static_cast<DWORD>(actions.size());
  recovery.lpsaActions = actions.data();
  ROBOSYNC_TRY(set(made, SERVICE_CONFIG_FAILURE_ACTIONS, &recovery, "recovery"));
  SERVICE_FAILURE_ACTIONS_FLAG also_errors{.fFailureActionsOnNonCrashFailures = TRUE};
  ROBOSYNC_TRY(set(made, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &also_errors, "recovery"));
  SERVICE_SID_INFO sid{.dwServiceSidType = SERVICE_SID_TYPE_UNRESTRICTED};
  ROBOSYNC_TRY(set(made, SERVICE_CONFIG_SERVICE_SID_INFO, &sid, "identity"));
  // All other privileges are taken from it; two zeros end the list.
  std::wstring kept = std::wstring(L"SeChangeNotifyPrivilege") + L'\0' + L'\0';
  SERVICE_REQUIRED_PRIVILEGES_INFOW privileges{.pmszRequiredPrivileges = kept.data()};
  return set(made, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &privileges, "privileges");
}

// Texts of the event log are made from a program's resources; this one of the system's shows what
// it is given.
Result<void> register_events() {
  const auto done = [](LSTATUS status) -> Result<void> {
    if (status == ERROR_SUCCESS) return {};
    return base::fail(
        base::from_windows(static_cast<std::uint32_t>(status), "register with the event log"));
  };
  HKEY key = nullptr;
  ROBOSYNC_TRY(done(RegCreateKeyExW(HKEY_LOCAL_MACHINE, kEventSource, 0, nullptr, 0, KEY_SET_VALUE,
                                    nullptr, &key, nullptr)));
  const std::unique_ptr<HKEY__, CloseKey> closed(key);
  const std::wstring file = L"%SystemRoot%\\System32\\EventCreate.exe";
  ROBOSYNC_TRY(done(RegSetValueExW(key, L"EventMessageFile", 0, REG_EXPAND_SZ,
                                   reinterpret_cast<const BYTE*>(file.c_str()),
                                   static_cast<DWORD>((file.size() + 1) * sizeof(wchar_t)))));
  const DWORD kinds = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
  return done(RegSetValueExW(key, L"TypesSupported", 0, REG_DWORD,
                             reinterpret_cast<const BYTE*>(&kinds), sizeof kinds));
}

void warn(const Result<void>& done) {
  if (done) return;
  std::fprintf(stderr, "robosyncd: warning: %s\n", done.error().message().c_str());
}

// What the system has as the argument of --config.
std::wstring config_argument(const std::string& config_file) {
  path config = config_file;
  return L" --config \"" + config.make_preferred().wstring() + L"\"";
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
      return base::fail(why_stopped(status.dwWin32ExitCode, status.dwServiceSpecificExitCode));
    }
    std::this_thread::sleep_for(kLook);
  }
  return base::fail(base::make_error(ErrorKind::kTimeout, "the service takes its time"));
}

// What the service reads of what somebody else wrote.
Result<void> leave_files_to_service(const daemon::Loaded& loaded, const daemon::LoadPlan& plan) {
  const daemon::Config& config = loaded.config;
  ROBOSYNC_ASSIGN(const std::wstring sid, service_sid());
  ROBOSYNC_TRY(give_to_read(plan.config_file, sid));
  if (!config.certificate_file.empty()) ROBOSYNC_TRY(give_to_read(loaded.job.key_file, sid));
  if (!config.tokens_file.empty()) ROBOSYNC_TRY(give_to_read(tokens_path(config, plan), sid));
  return {};
}

}  // namespace

base::Error why_stopped(std::uint32_t system_code, std::uint32_t own_code) {
  if (system_code != ERROR_SERVICE_SPECIFIC_ERROR && system_code != ERROR_SUCCESS) {
    return base::from_windows(system_code, "the service stopped");
  }
  return base::make_error(
      ErrorKind::kIo,
      fmt::format("the service stopped with code {}: the event log (source robosyncd) says why",
                  system_code == ERROR_SUCCESS ? 0 : own_code));
}

bool service_reads(const std::string& config_file) {
  if (config_file.empty()) return false;
  const auto opened = service(SERVICE_QUERY_CONFIG);
  if (!opened) return false;
  DWORD bytes = 0;
  QueryServiceConfigW(opened->get(), nullptr, 0, &bytes);
  std::vector<std::uint64_t> buffer(bytes / sizeof(std::uint64_t) + 1);
  auto* const now = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
  if (QueryServiceConfigW(opened->get(), now, bytes, &bytes) == 0) return false;
  const std::wstring command(now->lpBinaryPathName);
  const std::wstring end = config_argument(config_file);
  const int size = static_cast<int>(end.size());
  return command.size() >= end.size() &&
         CompareStringOrdinal(command.c_str() + (command.size() - end.size()), size, end.c_str(),
                              size, TRUE) == CSTR_EQUAL;
}

Result<void> install_service(const daemon::LoadPlan& plan) {
  if (plan.config_file.empty()) {
    return base::fail(base::make_error(ErrorKind::kUsage, "a service needs --config FILE"));
  }
  daemon::LoadPlan look = plan;
  look.may_create = false;
  ROBOSYNC_ASSIGN(const daemon::Loaded loaded, daemon::load_daemon(look));
  ROBOSYNC_ASSIGN(const OwnedService all, manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE));
  const std::wstring command =
      L"\"" + own_program().wstring() + L"\" service run" + config_argument(plan.config_file);
  const OwnedService made(CreateServiceW(all.get(), kName, L"RoboSync daemon", SERVICE_ALL_ACCESS,
                                         SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START,
                                         SERVICE_ERROR_NORMAL, command.c_str(), nullptr, nullptr,
                                         L"Tcpip\0", kServiceAccount, nullptr));
  if (!made) return base::fail(failed("install the service robosyncd"));
  if (auto configured = configure(made.get()); !configured) {
    DeleteService(made.get());
    return configured;
  }
  warn(register_events());
  const path state = daemon::state_path(loaded.config, plan);
  warn(leave_state_to_service(loaded.config, plan));
  warn(leave_files_to_service(loaded, plan));
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
  } else if (GetLastError() == ERROR_SERVICE_CANNOT_ACCEPT_CTRL) {
    warn(wait_for(opened.get(), SERVICE_STOPPED));  // it is stopping already, or starting for ever
  } else if (GetLastError() != ERROR_SERVICE_NOT_ACTIVE) {
    return base::fail(failed("stop the service robosyncd"));
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
