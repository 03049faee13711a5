// The three kernel mechanisms behind sandbox.h, one source each. Linux only; see sandbox.h.
#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/daemon/sandbox.h"

namespace robosync::daemon {

// The kernel's Landlock ABI; 0: there is none.
[[nodiscard]] int landlock_abi();
// Nothing but these folders, and reading the account tables, from now on; no TCP connections of
// its own, no signals to others. A folder that does not exist is left out.
[[nodiscard]] base::Result<void> landlock_confine(const std::vector<SandboxFolder>& folders);

// System calls that a session has no use for fail with ENOSYS; those that only an intruder would
// make (running programs, tracing, mounting, loading code into the kernel) kill the process.
// False: this kernel or processor cannot.
[[nodiscard]] base::Result<bool> seccomp_confine();

}  // namespace robosync::daemon
