// There is no sandbox on macOS: what is missing is said in docs/security.md.
#include "engine/daemon/sandbox.h"

#include <unistd.h>

namespace robosync::daemon {

Identity current_identity() { return {.uid = ::geteuid(), .gid = ::getegid()}; }

bool can_switch_identity() { return false; }

bool can_keep(Powers powers) { return powers == Powers::kNone; }

}  // namespace robosync::daemon
