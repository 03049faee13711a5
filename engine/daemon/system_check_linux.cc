#include "engine/daemon/accounts_posix.h"
#include "engine/daemon/system_check.h"

namespace robosync::daemon {

base::Result<void> check_system(const Config& config) {
  ROBOSYNC_TRY(plan_for_all(config));
  return {};
}

}  // namespace robosync::daemon
