// An sshd for one run: on a free port, with keys of its own and nobody else's configuration. Of the
// adapters whose tools go over ssh; one thread.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "harness/run/process.h"
#include "harness/run/tool.h"

namespace robosync::parity {

// Why there can be none: which program is missing; "" when there can.
[[nodiscard]] std::string sshd_obstacle();

// Returns when it answers. Where the place is at another machine its own sshd is the server, and
// nothing is started.
[[nodiscard]] base::Result<Server> start_sshd(const ServerPlace& place, Executor& executor);

// The command that reaches it, as one word that tools split at spaces.
[[nodiscard]] std::string shell_of(const ServerAddress& server);

}  // namespace robosync::parity
