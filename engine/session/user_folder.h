// Where a user's own configuration is kept.
#pragma once

#include <filesystem>

namespace robosync::session {

// $XDG_CONFIG_HOME or ~/.config; %APPDATA% on Windows. Empty where there is none.
[[nodiscard]] std::filesystem::path user_config_folder();

}  // namespace robosync::session
