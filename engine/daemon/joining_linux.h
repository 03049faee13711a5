// The worker's part of connections that join a session (worker_linux.h has the messages).
#pragma once

#include "engine/daemon/config.h"
#include "engine/daemon/module_gate.h"

namespace robosync::daemon {

// Of a worker with this control channel. The configuration must outlive what is returned.
[[nodiscard]] Joining joining_over(int control_fd, const Config& config);

}  // namespace robosync::daemon
