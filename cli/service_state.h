// The folder of certificate and tokens of a service: what an administrator makes in it before the
// service does is the service's all the same.
//
// One thread. Nothing to do outside Windows, where whoever runs the daemon says as whom.
#pragma once

#include "engine/base/result.h"
#include "engine/daemon/config.h"
#include "engine/daemon/load.h"

namespace robosync::cli {

// If the service is installed and has this configuration: gives it the state folder and what is
// private in there. kPermission when the folder belongs to somebody else, who may have put into it
// what the service would trust.
[[nodiscard]] base::Result<void> leave_state_to_service(const daemon::Config& config,
                                                        const daemon::LoadPlan& plan);

}  // namespace robosync::cli
