#include <cstdlib>

#include "engine/session/user_folder.h"

namespace robosync::session {

std::filesystem::path user_config_folder() {
  const char* const config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return config;
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return {};
  return std::filesystem::path(home) / ".config";
}

}  // namespace robosync::session
