#include <cstdlib>

#include "engine/session/user_folder.h"

namespace robosync::session {

std::filesystem::path user_config_folder() {
  const wchar_t* const folder = _wgetenv(L"APPDATA");
  if (folder == nullptr) return {};
  return folder;
}

}  // namespace robosync::session
