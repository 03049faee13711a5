// What /X shows: all that only the target has, whether selected or not, deleted or not.
//
// One thread. A look before the run: a mirror without the rules about files that changes nothing.
#pragma once

#include "cli/program.h"
#include "cli/reporter.h"
#include "cli/robocopy_command.h"
#include "cli/robocopy_output.h"
#include "engine/base/result.h"

namespace robosync::cli {

// Hands the extras to `reporter` as deletions and counts them in `tally`, after which deletions of
// the run itself are nothing new. Fails as a run that cannot begin; what could not be read is told
// by the run itself, and a warning that extras may be missing is handed on here.
[[nodiscard]] base::Result<void> show_extras(const Host& host, const RobocopyInvocation& invocation,
                                             const Request& request, Reporter& reporter,
                                             RobocopyTally& tally);

}  // namespace robosync::cli
