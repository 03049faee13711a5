#include "cli/robosyncd.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "cli/daemon_system.h"
#include "cli/exit_code.h"
#include "cli/robosyncd_command.h"
#include "engine/daemon/load.h"
#include "engine/daemon/token_maker.h"
#include "engine/daemon/transport.h"
#include "robosync/version.h"

namespace robosync::cli {
namespace {

namespace fs = std::filesystem;
using base::Result;

int complain(const base::Error& error) {
  std::fprintf(stderr, "robosyncd: %s\n", error.message().c_str());
  return exit_code(error);
}

Result<daemon::LoadPlan> load_plan(const DaemonCommand& command) {
  daemon::LoadPlan plan;
  if (command.config_file.empty()) {
    std::error_code fault;
    const fs::path root = fs::canonical(command.root, fault);
    if (fault) {
      return base::fail(base::Error{base::ErrorKind::kNotFound, fault, "--root " + command.root});
    }
    daemon::QuickStart quick{.root = root.generic_string(),
                             .bind = command.bind,
                             .writable = command.writable,
                             .allow_delete = command.allow_delete,
                             .plaintext = command.plaintext};
    serve_as_caller(quick);
    ROBOSYNC_ASSIGN(plan.config_text, daemon::config_text(quick));
    plan.default_state_dir = quick_start_state();
  } else {
    plan.config_file = fs::absolute(command.config_file).lexically_normal().generic_string();
    plan.default_state_dir =
        state_folder_beside(fs::path(plan.config_file).parent_path().generic_string());
  }
  if (const std::string given = given_state_folder(); !given.empty()) {
    plan.default_state_dir = given;
  }
  return plan;
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
               "Name '%s' under a module's users, then %s.\n",
               path.c_str(), command.token_name.c_str(), kHowToReload);
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
    ROBOSYNC_TRY(leave_state_to_service(config, plan));
  } else if (!daemon::is_absolute_path(certificate)) {
    certificate = (fs::path(plan.config_file).parent_path() / certificate).string();
  }
  ROBOSYNC_ASSIGN(const std::string text, daemon::certificate_fingerprint(certificate));
  std::printf("%s\n", text.c_str());
  return {};
}

Result<void> run(const DaemonCommand& command) {
  switch (command.verb) {
    case DaemonCommand::Verb::kServe: {
      ROBOSYNC_ASSIGN(const daemon::LoadPlan plan, load_plan(command));
      return run_daemon(plan);
    }
    case DaemonCommand::Verb::kService: {
      ROBOSYNC_ASSIGN(const daemon::LoadPlan plan, load_plan(command));
      return run_service_command(command.service, plan);
    }
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
  return run_worker_process();
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
