#include "cli/robosyncd_command.h"

namespace robosync::cli {

std::string default_daemon_config() { return "/etc/robosyncd.toml"; }

bool has_services() { return false; }

}  // namespace robosync::cli
