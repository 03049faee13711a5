// check_system(): whether this system can do what a configuration asks of it, before anything is
// served: accounts that exist and that the daemon can become, confinement that there is.
#pragma once

#include "engine/base/result.h"
#include "engine/daemon/config.h"

namespace robosync::daemon {

// kUsage, kPermission or kUnsupported with the module or the key that it is about.
[[nodiscard]] base::Result<void> check_system(const Config& config);

}  // namespace robosync::daemon
