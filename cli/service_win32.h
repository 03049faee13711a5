// robosyncd as a service of Windows: known to the Service Control Manager, started late after the
// system has, started again when it fails, its log in the event log.
//
// The service runs as its own account, "NT SERVICE\robosyncd", which may do nothing that it was not
// given (docs/windows.md). Installing, starting and stopping are for administrators. One thread.
#pragma once

#include "engine/base/result.h"
#include "engine/daemon/load.h"

namespace robosync::cli {

// kExists, kPermission. The configuration must be without mistakes; its folder is made the
// service's own if there is none.
[[nodiscard]] base::Result<void> install_service(const daemon::LoadPlan& plan);
// kNotFound. Stops it first; files stay.
[[nodiscard]] base::Result<void> uninstall_service();
// Returns when it runs.
[[nodiscard]] base::Result<void> start_service();
// Returns when it has stopped.
[[nodiscard]] base::Result<void> stop_service();
// For the Service Control Manager alone: kUsage for anybody else.
[[nodiscard]] base::Result<void> run_service(const daemon::LoadPlan& plan);

}  // namespace robosync::cli
