#include <cstdlib>
#include <filesystem>

#include "cli/robosyncd_command.h"

namespace robosync::cli {

std::string default_daemon_config() {
  const wchar_t* const folder = _wgetenv(L"ProgramData");
  const std::filesystem::path data(folder == nullptr ? L"C:\\ProgramData" : folder);
  return (data / "robosyncd.toml").generic_string();
}

bool has_services() { return true; }

}  // namespace robosync::cli
