// What running the daemon means on this system: where its files are by default, how it is run, and
// as what. Implemented for Linux (worker processes, systemd) and Windows (threads, services).
#pragma once

#include <string>

#include "cli/robosyncd_command.h"
#include "engine/base/result.h"
#include "engine/daemon/config.h"
#include "engine/daemon/load.h"

namespace robosync::cli {

// Ends the sentence "name the user, then ...".
extern const char* const kHowToReload;

// Where a daemon without a file of its own keeps its certificate.
[[nodiscard]] std::string quick_start_state();
// The same of one whose file is in this folder.
[[nodiscard]] std::string state_folder_beside(const std::string& config_folder);
// What whoever started the daemon says instead; else empty.
[[nodiscard]] std::string given_state_folder();
// Whoever types the command has decided who serves.
void serve_as_caller(daemon::QuickStart& quick);

// What an administrator makes before the service does is the service's all the same: where one is
// installed with this configuration, it is given the state folder and what is private in there.
// kPermission when others may have put into it what the service would trust. Nothing to do outside
// Windows, where whoever runs the daemon says as whom.
[[nodiscard]] base::Result<void> leave_state_to_service(const daemon::Config& config,
                                                        const daemon::LoadPlan& plan);

// Until it is asked to stop.
[[nodiscard]] base::Result<void> run_daemon(const daemon::LoadPlan& plan);
// One session, for the daemon; does not return where there are such processes.
[[nodiscard]] base::Result<void> run_worker_process();
[[nodiscard]] base::Result<void> run_service_command(ServiceAction action,
                                                     const daemon::LoadPlan& plan);

}  // namespace robosync::cli
