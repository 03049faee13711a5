// From what the user asks to what a run works with on this machine.
#pragma once

#include "engine/base/result.h"
#include "engine/session/request.h"
#include "engine/session/run_context.h"

namespace robosync::session {

// Options that contradict each other: kUsage.
[[nodiscard]] base::Result<void> check_request(const Request& request);

// What the request comes to where the process may do `privileges`.
[[nodiscard]] RunOptions run_options(const Request& request, const fs::Privileges& privileges);

}  // namespace robosync::session
