// Paths as text for people and JSON: always valid UTF-8. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace robosync::parity {

// Control characters, backslashes and, where the whole is not UTF-8, every byte beyond ASCII become
// "\xNN"; the empty path becomes ".".
[[nodiscard]] std::string printable_path(std::string_view path);

}  // namespace robosync::parity
