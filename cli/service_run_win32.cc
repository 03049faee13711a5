// The service's side: what the Service Control Manager starts and tells to stop.
#include <windows.h>

#include <chrono>
#include <string>
#include <utility>

#include "cli/exit_code.h"
#include "cli/running_server.h"
#include "cli/service_win32.h"
#include "engine/base/windows_error.h"
#include "engine/daemon/threaded_server.h"
#include "robosync/version.h"

namespace robosync::cli {
namespace {

using base::ErrorKind;
using base::Result;

wchar_t service_name[] = L"robosyncd";
// EventCreate.exe's, whose text is what it is given.
constexpr DWORD kEventId = 1;
// While starting and stopping the system is told that we live; it waits so long for the next word,
// and for sessions that may finish so much longer.
constexpr std::chrono::milliseconds kPatience{60'000};

// What the system's two calls share, for which it has no place of its own.
struct Running {
  daemon::LoadPlan plan;
  SERVICE_STATUS_HANDLE status = nullptr;
  HANDLE events = nullptr;
  RunningServer server;
  std::chrono::milliseconds grace{0};
};
Running running;

void tell(DWORD state, DWORD exit_code = 0) {
  SERVICE_STATUS status{};
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  if (state == SERVICE_RUNNING) {
    status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN;
  } else if (state != SERVICE_STOPPED) {
    status.dwWaitHint = static_cast<DWORD>((kPatience + running.grace).count());
    status.dwCheckPoint = 1;
  }
  if (exit_code != 0) {
    status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
    status.dwServiceSpecificExitCode = exit_code;
  }
  SetServiceStatus(running.status, &status);
}

// A line of the log begins with the journal's level (log.h).
void write_event(const std::string& line) {
  WORD kind = EVENTLOG_INFORMATION_TYPE;
  std::size_t text_begins = 0;
  if (line.size() > 3 && line[0] == '<' && line[2] == '>') {
    if (line[1] <= '3') kind = EVENTLOG_ERROR_TYPE;
    if (line[1] == '4') kind = EVENTLOG_WARNING_TYPE;
    text_begins = 3;
  }
  // All of it is ASCII.
  std::wstring text(line.begin() + static_cast<std::ptrdiff_t>(text_begins), line.end());
  while (text.ends_with(L'\n')) text.pop_back();
  const wchar_t* one = text.c_str();
  ReportEventW(running.events, kind, 0, kEventId, nullptr, 1, 0, &one, nullptr);
}

DWORD WINAPI on_control(DWORD control, DWORD /*event*/, void* /*data*/, void* /*context*/) {
  if (control == SERVICE_CONTROL_INTERROGATE) return NO_ERROR;
  if (control != SERVICE_CONTROL_STOP && control != SERVICE_CONTROL_SHUTDOWN) {
    return ERROR_CALL_NOT_IMPLEMENTED;
  }
  tell(SERVICE_STOP_PENDING);
  // A shutdown does not wait for sessions.
  running.server.stop(control == SERVICE_CONTROL_SHUTDOWN ? RunningServer::Sessions::kAreCut
                                                          : RunningServer::Sessions::kMayFinish);
  return NO_ERROR;
}

Result<void> serve(const daemon::Log& log) {
  ROBOSYNC_ASSIGN(daemon::Loaded loaded, daemon::load_daemon(running.plan));
  running.grace = loaded.config.limits.grace;
  ROBOSYNC_ASSIGN(const auto server,
                  daemon::ThreadedServer::start(std::move(loaded), log, std::string(version())));
  const RunningServer::Serving serving(running.server, *server);
  tell(SERVICE_RUNNING);
  return server->run();
}

void WINAPI service_main(DWORD /*count*/, LPWSTR* /*arguments*/) {
  running.status = RegisterServiceCtrlHandlerExW(service_name, on_control, nullptr);
  if (running.status == nullptr) return;
  tell(SERVICE_START_PENDING);
  running.events = RegisterEventSourceW(nullptr, service_name);
  const daemon::Log log(daemon::LogFormat::kText, daemon::LogLevel::kInfo,
                        daemon::Log::Prefix::kJournal, write_event);
  int code = 0;
  try {
    if (const auto ended = serve(log); !ended) {
      log.error("not served", {{"why", ended.error().message()}});
      code = exit_code(ended.error());
    }
  } catch (const std::exception& fault) {
    log.error("internal", {{"why", fault.what()}});
    code = kExitFileIo;
  }
  if (running.events != nullptr) DeregisterEventSource(running.events);
  tell(SERVICE_STOPPED, static_cast<DWORD>(code));
}

}  // namespace

Result<void> run_service(const daemon::LoadPlan& plan) {
  running.plan = plan;
  const SERVICE_TABLE_ENTRYW table[] = {{service_name, service_main}, {nullptr, nullptr}};
  if (StartServiceCtrlDispatcherW(table) != 0) return {};
  if (GetLastError() == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
    return base::fail(base::make_error(
        ErrorKind::kUsage,
        "service run is for the service manager alone; people say service start, or robosyncd"));
  }
  return base::fail(base::from_windows(GetLastError(), "service"));
}

}  // namespace robosync::cli
