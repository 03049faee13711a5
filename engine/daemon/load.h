// load_daemon(): everything that the daemon reads before it serves, checked as a whole: its file,
// the tokens, the certificate, the accounts. One thread. `check-config` and a reload are the same
// call, so that what the one accepts the other accepts.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/daemon/config.h"
#include "engine/daemon/job.h"
#include "engine/daemon/tokens.h"

namespace robosync::daemon {

// One reading of the configuration, checked as far as it can be.
struct Loaded {
  Config config;
  Job job;                            // all but the peer
  std::vector<std::string> warnings;  // to be logged
};

struct LoadPlan {
  std::string config_file;  // empty: `config_text` is it
  std::string config_text;
  // Where certificate and tokens are kept when the configuration does not say: absolute.
  std::string default_state_dir;
  // False: nothing is made, no certificate either (check-config).
  bool may_create = true;
};

// kUsage with all that is wrong, a line each. Files that hold or guard secrets are refused
// (kPermission) when others than their owner could change them.
[[nodiscard]] base::Result<Loaded> load_daemon(const LoadPlan& plan);

// Where the tokens file of a configuration is.
[[nodiscard]] std::string tokens_path(const Config& config, const LoadPlan& plan);
// Where certificate and key of a configuration's own pair are.
[[nodiscard]] std::string state_path(const Config& config, const LoadPlan& plan);

// The content of the configuration or the tokens file, of at most kConfigBytesMax.
[[nodiscard]] base::Result<std::string> read_guarded_file(const std::string& path);

// Adds a token at the end of the tokens file (0600, made when missing): complete or not at all.
// kExists when the name is taken.
[[nodiscard]] base::Result<void> add_token(const std::string& path, const Token& token);

}  // namespace robosync::daemon
