// run_worker(): the whole life of a worker process: takes its job, gives up its rights, serves one
// session through the handler, reports, ends.
//
// On the control channel a packet is a message. The worker says "enter MODULE" once, and hears
// "granted" or "full"; in the end it says "report " with report_text(). Linux only. See
// docs/security.md for what a worker can still do when it is taken over.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/base/cancellation.h"
#include "engine/base/result.h"
#include "engine/daemon/access.h"
#include "engine/daemon/config.h"
#include "engine/daemon/job.h"
#include "engine/daemon/log.h"
#include "engine/daemon/metrics.h"
#include "engine/daemon/tokens.h"

namespace robosync::daemon {

struct WorkerContext {
  int connection_fd = -1;  // blocking, the handler's from now on
  const Job& job;
  const Config& config;
  const TokenTable& tokens;
  std::optional<IpAddress> peer;
  const Log& log;
  // Set by SIGTERM: end the session cleanly, soon.
  const base::Cancellation& cancellation;
  // For the module that the peer was granted: takes one of its places (kLimit when all are taken)
  // and gives up what other modules would have needed. Once, before other threads are started.
  std::function<base::Result<void>(const Module&)> enter;
};

using WorkerHandler = std::function<SessionReport(WorkerContext&)>;

// Called while the process still has all its rights, before anything of the peer's is read: loads
// what only the daemon's account may read (the key). May be empty.
using WorkerPreparation = std::function<base::Result<void>(const Job&, const Config&)>;

// Returns the process's exit code: 0 when a report was delivered. Throws nothing.
[[nodiscard]] int run_worker(const WorkerPreparation& prepare, const WorkerHandler& handler);

// The sink for logs of this program: standard error, one call a line.
void write_log_line(const std::string& line);

}  // namespace robosync::daemon
