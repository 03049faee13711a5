// Errors of the Windows API as ours. Made on Windows only; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/error.h"

namespace robosync::base {

// From what GetLastError() gives.
[[nodiscard]] Error from_windows(std::uint32_t number, std::string context);

}  // namespace robosync::base
