#include "cli/daemon_system.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <optional>

#include "engine/daemon/server_linux.h"
#include "engine/daemon/session_worker_linux.h"
#include "engine/daemon/worker_linux.h"
#include "robosync/version.h"

namespace robosync::cli {

using base::Result;

namespace {

std::atomic<daemon::Server*> running_server{nullptr};

void on_signal(int number) {
  daemon::Server* server = running_server.load();
  if (server == nullptr) return;
  if (number == SIGHUP) {
    server->request_reload();
  } else {
    server->request_stop();
  }
}

// Signals that arrive before there is a server wait for it.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t held;
    ::sigemptyset(&held);
    for (const int number : {SIGHUP, SIGTERM, SIGINT}) ::sigaddset(&held, number);
    ::sigprocmask(SIG_BLOCK, &held, &before_);
  }
  ~HeldSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  sigset_t before_{};
};

void install_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGHUP, SIGTERM, SIGINT}) ::sigaction(number, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace

const char* const kHowToReload = "reload the daemon (SIGHUP)";

Result<void> run_daemon(const daemon::LoadPlan& plan) {
  const char* const journal_stream = std::getenv("JOURNAL_STREAM");
  const bool journal = journal_stream != nullptr && *journal_stream != '\0';
  ROBOSYNC_ASSIGN(std::vector<daemon::Listening> activated, daemon::take_activated_sockets());
  daemon::ServerOptions options{
      .load = [plan, journal]() -> Result<daemon::Loaded> {
        ROBOSYNC_ASSIGN(daemon::Loaded loaded, daemon::load_daemon(plan));
        if (journal) loaded.job.journal = "1";
        return loaded;
      },
      // The program that runs, even when its file has been replaced since.
      .worker_command = {"/proc/self/exe", "worker"},
      .log = daemon::Log(daemon::LogFormat::kText, daemon::LogLevel::kInfo,
                         journal ? daemon::Log::Prefix::kJournal : daemon::Log::Prefix::kTime,
                         daemon::write_log_line),
      .version = std::string(version()),
      .activated = std::move(activated),
      .notifier = daemon::Notifier::from_environment()};
  std::optional<HeldSignals> held(std::in_place);
  ROBOSYNC_ASSIGN(const std::unique_ptr<daemon::Server> server,
                  daemon::Server::start(std::move(options)));
  running_server.store(server.get());
  install_signals();
  held.reset();
  auto ended = server->run();
  running_server.store(nullptr);
  return ended;
}

Result<void> run_worker_process() {
  // Straight out: nothing that other threads may still use is torn down under them.
  ::_exit(daemon::run_session_worker());
}

Result<void> run_service_command(ServiceAction /*action*/, const daemon::LoadPlan& /*plan*/) {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                     "services are of Windows; here systemd runs the daemon"));
}

}  // namespace robosync::cli
