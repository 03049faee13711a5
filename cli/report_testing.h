// Reports for tests of the output.
#pragma once

#include "engine/sync.h"

namespace robosync::cli {

// A run in which every counter has a value of its own.
[[nodiscard]] Report busy_report();

// A run over a few entries that found nothing to do.
[[nodiscard]] Report idle_report();

}  // namespace robosync::cli
