// On macOS the daemon is one process without confinement, under one account (docs/security.md).
#include "engine/daemon/accounts_posix.h"
#include "engine/daemon/system_check.h"

namespace robosync::daemon {

base::Result<void> check_system(const Config& config) {
  if (config.sandbox == SandboxPolicy::kRequire) {
    return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                       "sandbox = \"require\": there is none on macOS"));
  }
  ROBOSYNC_TRY(plan_for_all(config));
  return {};
}

}  // namespace robosync::daemon
