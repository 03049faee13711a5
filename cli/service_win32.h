// robosyncd as a service of Windows: known to the Service Control Manager, started late after the
// system has, started again when it fails, its log in the event log.
//
// The service runs as its own account, "NT SERVICE\robosyncd", which may do nothing that it was not
// given (docs/windows.md). Installing, starting and stopping are for administrators. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/base/error.h"
#include "engine/base/result.h"
#include "engine/daemon/load.h"

namespace robosync::cli {

inline constexpr const wchar_t* kServiceAccount = L"NT SERVICE\\robosyncd";

// kExists, kPermission. The configuration must be without mistakes; its folder is made the
// service's own. A service that cannot be made all that it is to be is not installed.
[[nodiscard]] base::Result<void> install_service(const daemon::LoadPlan& plan);
// kNotFound. Stops it first; files stay.
[[nodiscard]] base::Result<void> uninstall_service();
// Returns when it runs.
[[nodiscard]] base::Result<void> start_service();
// Returns when it has stopped.
[[nodiscard]] base::Result<void> stop_service();
// For the Service Control Manager alone: kUsage for anybody else.
[[nodiscard]] base::Result<void> run_service(const daemon::LoadPlan& plan);

// What is told of a service that stopped with these codes of SERVICE_STATUS.
[[nodiscard]] base::Error why_stopped(std::uint32_t system_code, std::uint32_t own_code);
// Whether a service is installed that was told of this configuration.
[[nodiscard]] bool service_reads(const std::string& config_file);
// Of the service's account. kNotFound before there is a service.
[[nodiscard]] base::Result<std::wstring> service_sid();
// Makes the folder the account's, the administrators' and the system's alone, or gives them one
// that nobody else can write to, and the private files in it.
[[nodiscard]] base::Result<void> give_folder(const std::filesystem::path& folder,
                                             const std::wstring& sid);
// Makes the file the administrators' and the system's, for the service to read: what belongs to
// another user it would not trust.
[[nodiscard]] base::Result<void> give_to_read(const std::filesystem::path& file,
                                              const std::wstring& sid);

}  // namespace robosync::cli
