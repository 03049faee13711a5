// Paths of this machine as its users write them.
//
// Pure text; any thread.
#pragma once

#include <string>
#include <string_view>

namespace robosync::session {

// The path with '/' between names, whatever else its system takes.
[[nodiscard]] std::string local_path(std::string_view text);

// Whether the colon after the first letter belongs to a drive, and does not end a host's name.
[[nodiscard]] bool begins_with_drive(std::string_view text);

}  // namespace robosync::session
