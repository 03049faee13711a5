// Names made fit to be shown: names are bytes, terminals and JSON are not.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/sync.h"

namespace robosync::cli {

// The text as rsync prints names: control characters (other than tab), bytes that are not UTF-8,
// and a backslash that would read as such an escape become \#ooo, the byte in octal. Nothing that
// comes out can move a cursor, end a line or be mistaken for another name.
[[nodiscard]] std::string printable(std::string_view text);

// An event's name for people: "a/b", "dir/", "link -> target", "follower => leader", "./".
[[nodiscard]] std::string display_name(const Event& event);

// The path alone, with the slash of a directory.
[[nodiscard]] std::string display_path(const Event& event);

}  // namespace robosync::cli
