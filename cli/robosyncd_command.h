// DaemonCommand: what the words after `robosyncd` ask for.
//
// Pure; not thread-safe (CLI11).
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"

namespace robosync::cli {

// Where this system keeps the configuration, and whether it has services to install.
[[nodiscard]] std::string default_daemon_config();
[[nodiscard]] bool has_services();

inline constexpr const char* kDefaultDaemonBind = "127.0.0.1:9031";

enum class ServiceAction { kInstall, kUninstall, kStart, kStop, kRun };

struct DaemonCommand {
  enum class Verb {
    kServe,
    kCheckConfig,
    kTokenNew,
    kFingerprint,
    kService,  // of Windows
    kWorker,   // one session; started by the daemon itself
    kHelp,     // `text` is to be printed
    kVersion,
  };
  Verb verb = Verb::kServe;
  std::string config_file;  // empty: the quick start from `root`
  std::string root;
  std::string bind = kDefaultDaemonBind;
  bool writable = false;
  bool allow_delete = false;
  bool plaintext = false;
  std::string token_name;
  ServiceAction service = ServiceAction::kRun;
  std::string text;
};

// kUsage with a message that names the option.
[[nodiscard]] base::Result<DaemonCommand> parse_daemon_command(
    const std::vector<std::string>& words);

}  // namespace robosync::cli
