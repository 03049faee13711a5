#include "cli/daemon_system.h"

#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/running_server.h"
#include "cli/service_win32.h"
#include "engine/daemon/threaded_server.h"
#include "robosync/version.h"

namespace robosync::cli {

using base::Result;

namespace {

std::filesystem::path folder_of(const wchar_t* variable) {
  const wchar_t* const value = _wgetenv(variable);
  return value == nullptr ? L"C:\\ProgramData" : value;
}

RunningServer running_server;
// How long the system lets us end after a closed window, a log-off or a shutdown.
constexpr DWORD kCloseGraceMs = 4000;

BOOL WINAPI on_console_event(DWORD event) {
  running_server.stop(RunningServer::Sessions::kMayFinish);
  // When this returns after one of the others the process ends; give the sessions their time.
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) Sleep(kCloseGraceMs);
  return TRUE;
}

void write_log_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

const char* const kHowToReload = "restart the daemon";

std::string quick_start_state() {
  return (folder_of(L"LOCALAPPDATA") / "robosyncd").generic_string();
}

// The folder of all programs' data is open to everybody's files.
std::string state_folder_beside(const std::string& config_folder) {
  return config_folder + "/robosyncd";
}

std::string given_state_folder() { return {}; }

void serve_as_caller(daemon::QuickStart& /*quick*/) {}

Result<void> run_daemon(const daemon::LoadPlan& plan) {
  ROBOSYNC_ASSIGN(daemon::Loaded loaded, daemon::load_daemon(plan));
  ROBOSYNC_TRY(leave_state_to_service(loaded.config, plan));
  daemon::Log log(daemon::LogFormat::kText, daemon::LogLevel::kInfo, daemon::Log::Prefix::kTime,
                  write_log_line);
  ROBOSYNC_ASSIGN(
      const auto server,
      daemon::ThreadedServer::start(std::move(loaded), std::move(log), std::string(version())));
  const RunningServer::Serving serving(running_server, *server);
  SetConsoleCtrlHandler(on_console_event, TRUE);
  auto ended = server->run();
  SetConsoleCtrlHandler(on_console_event, FALSE);
  return ended;
}

Result<void> run_worker_process() {
  return base::fail(
      base::make_error(base::ErrorKind::kUsage, "on Windows a session is a thread, not a process"));
}

Result<void> run_service_command(ServiceAction action, const daemon::LoadPlan& plan) {
  switch (action) {
    case ServiceAction::kInstall:
      return install_service(plan);
    case ServiceAction::kUninstall:
      return uninstall_service();
    case ServiceAction::kStart:
      return start_service();
    case ServiceAction::kStop:
      return stop_service();
    case ServiceAction::kRun:
      break;
  }
  return run_service(plan);
}

}  // namespace robosync::cli
