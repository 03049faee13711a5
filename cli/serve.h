// `robosync serve --stdio`: the far end of a connection over ssh or any pipe.
#pragma once

#include "engine/base/cancellation.h"
#include "engine/base/result.h"

namespace robosync::cli {

// Serves one session over standard input and output, with everything that the caller may do. The
// client is told of faults; what is returned is for whoever looks at the log.
[[nodiscard]] base::Result<void> serve_stdio(const base::Cancellation& cancellation);

}  // namespace robosync::cli
