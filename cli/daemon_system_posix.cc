#include <cstdlib>

#include "cli/daemon_system.h"
#include "engine/daemon/sandbox.h"

namespace robosync::cli {
namespace {

std::string folder_in(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value == '/' ? value : "";
}

}  // namespace

std::string quick_start_state() {
  if (const std::string home = folder_in("XDG_STATE_HOME"); !home.empty()) {
    return home + "/robosyncd";
  }
  if (const std::string home = folder_in("HOME"); !home.empty()) {
    return home + "/.local/state/robosyncd";
  }
  return "/var/lib/robosyncd";
}

std::string state_folder_beside(const std::string& config_folder) { return config_folder; }

std::string given_state_folder() { return folder_in("STATE_DIRECTORY"); }  // systemd's

void serve_as_caller(daemon::QuickStart& quick) {
  const auto own = daemon::current_identity();
  quick.uid = daemon::Account{"", own.uid};
  quick.gid = daemon::Account{"", own.gid};
}

base::Result<void> leave_state_to_service(const daemon::Config& /*config*/,
                                          const daemon::LoadPlan& /*plan*/) {
  return {};
}

}  // namespace robosync::cli
