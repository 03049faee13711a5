// What several parts of the table of robocopy's switches do with a switch. Private to
// cli/robocopy_switches_*.cc. Values; any thread.
#pragma once

#include <string>
#include <utility>

#include "cli/robocopy_switches.h"
#include "engine/base/error.h"
#include "engine/base/result.h"

namespace robosync::cli {

using Status = base::Result<void>;

inline base::Error usage(std::string message) {
  return base::make_error(base::ErrorKind::kUsage, std::move(message));
}

template <bool RobocopyDraft::* field>
Status set(RobocopyDraft& draft, const std::string& /*value*/) {
  draft.*field = true;
  return {};
}

inline Status nothing(RobocopyDraft& /*draft*/, const std::string& /*value*/) { return {}; }

}  // namespace robosync::cli
