// Ctrl-C and the system's wish that we end: the run stops, its scratch space, servers and network
// namespaces are removed, and the report has what was measured until then.
#pragma once

#include "engine/base/cancellation.h"

namespace robosync::parity {

// Once per process; `cancellation` must live as long as it. A second Ctrl-C changes nothing: what
// was made must be removed.
void install_interrupts(base::Cancellation& cancellation);

}  // namespace robosync::parity
