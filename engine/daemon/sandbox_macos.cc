// There is no sandbox on macOS yet, where the daemon has no program either.
#include <unistd.h>

#include "engine/daemon/sandbox.h"

namespace robosync::daemon {

Identity current_identity() { return {.uid = ::geteuid(), .gid = ::getegid()}; }

bool can_switch_identity() { return false; }

bool can_keep(Powers powers) { return powers == Powers::kNone; }

}  // namespace robosync::daemon
