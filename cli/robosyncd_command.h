// DaemonCommand: what the words after `robosyncd` ask for.
//
// Pure; not thread-safe (CLI11).
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"

namespace robosync::cli {

inline constexpr const char* kDefaultDaemonConfig = "/etc/robosyncd.toml";
inline constexpr const char* kDefaultDaemonBind = "127.0.0.1:9031";

struct DaemonCommand {
  enum class Verb {
    kServe,
    kCheckConfig,
    kTokenNew,
    kFingerprint,
    kWorker,  // one session; started by the daemon itself
    kHelp,    // `text` is to be printed
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
  std::string text;
};

// kUsage with a message that names the option.
[[nodiscard]] base::Result<DaemonCommand> parse_daemon_command(
    const std::vector<std::string>& words);

}  // namespace robosync::cli
