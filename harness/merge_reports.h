// Several reports as one, for a page: such as a run and the checks that were made apart from it.
// Pure; any thread.
#pragma once

#include <vector>

#include "engine/base/result.h"
#include "harness/report/model.h"

namespace robosync::parity {

// The first one, with what the others have besides. kUsage when two hold the same cell, whichever
// tool it is of: tools would be compared across runs; or the same dataset at different scales or
// seeds. REQUIRES: at least one report.
[[nodiscard]] base::Result<Report> merge_reports(std::vector<Report> reports);

}  // namespace robosync::parity
