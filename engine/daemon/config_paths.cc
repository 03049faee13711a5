#include <filesystem>

#include "engine/daemon/config.h"

namespace robosync::daemon {

bool is_absolute_path(std::string_view path) {
  return path.starts_with('/') || std::filesystem::path(path).is_absolute();
}

}  // namespace robosync::daemon
