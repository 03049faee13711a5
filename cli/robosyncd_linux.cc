#include "cli/robosyncd_linux.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>

#include "cli/exit_code.h"
#include "cli/robosyncd_command.h"
#include "engine/daemon/load_linux.h"
#include "engine/daemon/sandbox.h"
#include "engine/daemon/server_linux.h"
#include "engine/daemon/session_worker_linux.h"
#include "engine/daemon/token_maker.h"
#include "engine/daemon/transport_posix.h"
#include "engine/daemon/worker_linux.h"
#include "robosync/version.h"

namespace robosync::cli {
namespace {

namespace fs = std::filesystem;
using base::Result;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int complain(const base::Error& error) {
  std::fprintf(stderr, "robosyncd: %s\n", error.message().c_str());
  return exit_code(error);
}

// Where a daemon without a file of its own keeps its certificate.
std::string quick_start_state() {
  if (const std::string home = variable("XDG_STATE_HOME"); home.starts_with('/')) {
    return home + "/robosyncd";
  }
  if (const std::string home = variable("HOME"); home.starts_with('/')) {
    return home + "/.local/state/robosyncd";
  }
  return "/var/lib/robosyncd";
}

Result<daemon::LoadPlan> load_plan(const DaemonCommand& command) {
  daemon::LoadPlan plan;
  const std::string given = variable("STATE_DIRECTORY");  // systemd's
  if (command.config_file.empty()) {
    std::error_code fault;
    const fs::path root = fs::canonical(command.root, fault);
    if (fault) return base::fail(base::from_errno(fault.value(), "--root " + command.root));
    const auto own = daemon::current_identity();
    ROBOSYNC_ASSIGN(plan.config_text, daemon::config_text({.root = root.string(),
                                                           .bind = command.bind,
                                                           .writable = command.writable,
                                                           .allow_delete = command.allow_delete,
                                                           .plaintext = command.plaintext,
                                                           .uid = daemon::Account{"", own.uid},
                                                           .gid = daemon::Account{"", own.gid}}));
    plan.default_state_dir = quick_start_state();
  } else {
    plan.config_file = fs::absolute(command.config_file).lexically_normal().string();
    plan.default_state_dir = fs::path(plan.config_file).parent_path().string();
  }
  if (given.starts_with('/')) plan.default_state_dir = given;
  return plan;
}

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

Result<void> serve(const DaemonCommand& command) {
  ROBOSYNC_ASSIGN(const daemon::LoadPlan plan, load_plan(command));
  const bool journal = !variable("JOURNAL_STREAM").empty();
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

Result<void> check_config(const DaemonCommand& command) {
  ROBOSYNC_ASSIGN(daemon::LoadPlan plan, load_plan(command));
  plan.may_create = false;
  ROBOSYNC_ASSIGN(const daemon::Loaded loaded, daemon::load_daemon(plan));
  for (const std::string& warning : loaded.warnings) {
    std::fprintf(stderr, "robosyncd: warning: %s\n", warning.c_str());
  }
  std::printf("%s: %zu module%s, nothing wrong\n", plan.config_file.c_str(),
              loaded.config.modules.size(), loaded.config.modules.size() == 1 ? "" : "s");
  return {};
}

// The configuration alone: its users may still lack the token that is about to be made.
Result<daemon::Config> read_config(const daemon::LoadPlan& plan) {
  ROBOSYNC_ASSIGN(const std::string text, daemon::read_guarded_file(plan.config_file));
  return daemon::parse_config(text, plan.config_file);
}

Result<void> new_token(const DaemonCommand& command) {
  if (!daemon::is_module_name(command.token_name)) {
    return base::fail(base::make_error(base::ErrorKind::kUsage,
                                       "NAME: letters, digits, '.', '_' and '-', at most 64"));
  }
  ROBOSYNC_ASSIGN(const daemon::LoadPlan plan, load_plan(command));
  ROBOSYNC_ASSIGN(const daemon::Config config, read_config(plan));
  ROBOSYNC_ASSIGN(const daemon::NewToken made, daemon::make_token(command.token_name));
  const std::string path = daemon::tokens_path(config, plan);
  ROBOSYNC_TRY(daemon::add_token(path, made.stored));
  std::printf("%s\n", made.secret.c_str());
  std::fprintf(stderr,
               "This is the only time the token is shown. Its verifier is in %s.\n"
               "Name '%s' under a module's users, then reload the daemon (SIGHUP).\n",
               path.c_str(), command.token_name.c_str());
  return {};
}

Result<void> print_fingerprint(const DaemonCommand& command) {
  ROBOSYNC_ASSIGN(const daemon::LoadPlan plan, load_plan(command));
  ROBOSYNC_ASSIGN(const daemon::Config config, read_config(plan));
  std::string certificate = config.certificate_file;
  if (certificate.empty()) {
    ROBOSYNC_ASSIGN(const daemon::CertificateFiles own,
                    daemon::own_certificate(daemon::state_path(config, plan), true));
    certificate = own.certificate;
  } else if (!certificate.starts_with('/')) {
    certificate = (fs::path(plan.config_file).parent_path() / certificate).string();
  }
  ROBOSYNC_ASSIGN(const std::string text, daemon::certificate_fingerprint(certificate));
  std::printf("%s\n", text.c_str());
  return {};
}

Result<void> run(const DaemonCommand& command) {
  switch (command.verb) {
    case DaemonCommand::Verb::kServe:
      return serve(command);
    case DaemonCommand::Verb::kCheckConfig:
      return check_config(command);
    case DaemonCommand::Verb::kTokenNew:
      return new_token(command);
    case DaemonCommand::Verb::kFingerprint:
      return print_fingerprint(command);
    case DaemonCommand::Verb::kHelp:
      std::printf("%s", command.text.c_str());
      return {};
    case DaemonCommand::Verb::kVersion:
      std::printf("robosyncd %s\n", std::string(version()).c_str());
      return {};
    case DaemonCommand::Verb::kWorker:
      break;
  }
  // Straight out: nothing that other threads may still use is torn down under them.
  ::_exit(daemon::run_session_worker());
}

}  // namespace

int run_robosyncd(const std::vector<std::string>& words) {
  try {
    const auto command = parse_daemon_command(words);
    if (!command) return complain(command.error());
    const auto done = run(*command);
    return done ? kExitOk : complain(done.error());
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "robosyncd: internal: %s\n", fault.what());
    return kExitFileIo;
  }
}

}  // namespace robosync::cli
