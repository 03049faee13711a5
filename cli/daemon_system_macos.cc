#include <signal.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "cli/daemon_system.h"
#include "engine/daemon/threaded_server.h"
#include "robosync/version.h"

namespace robosync::cli {

using base::Result;

namespace {

// To the thread that waits for the others: it is not needed any more.
constexpr int kEnough = SIGUSR1;

// Those that stop the daemon wait in every thread that is started from now on. None is lost, and
// none is handled: what a server does to stop is more than a handler may do.
sigset_t hold_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t held;
  sigemptyset(&held);
  for (const int number : {SIGTERM, SIGINT, kEnough}) sigaddset(&held, number);
  ::pthread_sigmask(SIG_BLOCK, &held, nullptr);
  return held;
}

class StopOnSignal {
 public:
  StopOnSignal(daemon::ThreadedServer& server, sigset_t held)
      : waiting_([this, &server, held] {
          int number = 0;
          while (::sigwait(&held, &number) == 0 && !over_) {
            if (number != kEnough) server.request_stop();
          }
        }) {}
  ~StopOnSignal() {
    over_ = true;
    ::pthread_kill(waiting_.native_handle(), kEnough);
    waiting_.join();
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  std::atomic<bool> over_{false};
  std::thread waiting_;
};

void write_log_line(const std::string& line) { std::fwrite(line.data(), 1, line.size(), stderr); }

}  // namespace

const char* const kHowToReload = "restart the daemon";

Result<void> run_daemon(const daemon::LoadPlan& plan) {
  ROBOSYNC_ASSIGN(daemon::Loaded loaded, daemon::load_daemon(plan));
  const sigset_t held = hold_signals();
  daemon::Log log(daemon::LogFormat::kText, daemon::LogLevel::kInfo, daemon::Log::Prefix::kTime,
                  write_log_line);
  ROBOSYNC_ASSIGN(
      const auto server,
      daemon::ThreadedServer::start(std::move(loaded), std::move(log), std::string(version())));
  const StopOnSignal stops(*server, held);
  return server->run();
}

Result<void> run_worker_process() {
  return base::fail(
      base::make_error(base::ErrorKind::kUsage, "on macOS a session is a thread, not a process"));
}

Result<void> run_service_command(ServiceAction /*action*/, const daemon::LoadPlan& /*plan*/) {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                     "services are of Windows; here launchd runs the daemon"));
}

}  // namespace robosync::cli
