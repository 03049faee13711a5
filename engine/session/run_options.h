// From what the user asks to what a run works with on this machine.
#pragma once

#include "engine/base/result.h"
#include "engine/session/request.h"
#include "engine/session/roots.h"
#include "engine/session/run_context.h"

namespace robosync::session {

// Options that contradict each other: kUsage.
[[nodiscard]] base::Result<void> check_request(const Request& request);

// Whether this machine can be the request's source, its target: kUnsupported, with what it lacks.
[[nodiscard]] base::Result<void> check_source(const Request& request,
                                              const fs::Privileges& privileges);
[[nodiscard]] base::Result<void> check_target(const Request& request,
                                              const fs::Privileges& privileges);

// What the request comes to where the process may do `privileges`.
[[nodiscard]] RunOptions run_options(const Request& request, const fs::Privileges& privileges);

// Times at this target are compared no more closely than its file system keeps them, and files that
// it cannot hold are not begun.
void allow_for_file_system(const TargetPlace& target, RunOptions& options);

// What a source at the other end of a connection cannot tell is not taken from it. Returns what the
// user is to be told of what the target cannot keep; empty: nothing.
[[nodiscard]] std::string allow_for_source(bool is_windows, RunOptions& options);

}  // namespace robosync::session
