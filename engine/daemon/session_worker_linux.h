// run_session_worker(): run_worker() with real sessions: TLS, the gate, session::serve. What
// `robosyncd worker` is. Linux only.
#pragma once

#include "engine/daemon/metrics.h"
#include "engine/session/serve.h"

namespace robosync::daemon {

// The process's exit code.
[[nodiscard]] int run_session_worker();

// What the metrics learn from a session. `refused`: the gate did not let it in.
[[nodiscard]] SessionReport report_of(const session::Served& served, bool refused,
                                      std::chrono::milliseconds duration);

}  // namespace robosync::daemon
