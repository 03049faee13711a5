// run_session_worker(): run_worker() with real sessions: TLS, the gate, session::serve. What
// `robosyncd worker` is. Linux only.
#pragma once

namespace robosync::daemon {

// The process's exit code.
[[nodiscard]] int run_session_worker();

}  // namespace robosync::daemon
