// run_worker(): the whole life of a worker process: takes its job, gives up its rights, serves one
// session through the handler, reports, ends.
//
// On the control channel a packet is a message. The worker says "enter MODULE" once, and hears
// "granted" or "full"; in the end it says "report " with report_text(). A session that takes
// further connections says "ticket TEXT" once; a worker whose peer shows that text says "join TEXT"
// with one end of a socket pair, hears "granted" or "unknown", and then passes bytes between its
// connection and that pair, whose other end the session's worker gets with "joined". Linux only.
// See docs/security.md for what a worker can still do when it is taken over.
#pragma once

#include <functional>
#include <string>

#include "engine/base/result.h"
#include "engine/daemon/job.h"
#include "engine/daemon/session.h"

namespace robosync::daemon {

using WorkerHandler = std::function<SessionReport(SessionContext&)>;

// Called while the process still has all its rights, before anything of the peer's is read: loads
// what only the daemon's account may read (the key). May be empty.
using WorkerPreparation = std::function<base::Result<void>(const Job&, const Config&)>;

// Returns the process's exit code: 0 when a report was delivered. Throws nothing.
[[nodiscard]] int run_worker(const WorkerPreparation& prepare, const WorkerHandler& handler);

// The sink for logs of this program: standard error, one call a line.
void write_log_line(const std::string& line);

}  // namespace robosync::daemon
