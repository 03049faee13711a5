// Accounts by name: which numbers a module's uid and gid are. POSIX only; any thread.
#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/daemon/config.h"
#include "engine/daemon/sandbox.h"

namespace robosync::daemon {

// Who serves `module`: the account that it names, with that account's own group unless it names
// one too. A module that names none gets "nobody" from a daemon that runs as root, and the daemon's
// own account otherwise. kUsage when there is no such account, kPermission when it is not the
// daemon's own and the daemon cannot change.
[[nodiscard]] base::Result<Identity> resolve_identity(const Module& module);

// The plan of a worker that may be asked for any module of `config`.
[[nodiscard]] base::Result<SandboxPlan> plan_for_all(const Config& config);
// The same, when it is this one.
[[nodiscard]] base::Result<SandboxPlan> plan_for(const Config& config, const Module& module);

}  // namespace robosync::daemon
