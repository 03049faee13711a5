// There is no sandbox on Windows: what is missing is said in docs/security.md.
#include "engine/daemon/sandbox.h"

namespace robosync::daemon {

bool can_keep(Powers powers) { return powers == Powers::kNone; }

}  // namespace robosync::daemon
