// serve_session(): one connection of the daemon, from its first byte to its report: TLS, who is
// there and what they may do, the session, what is logged about it.
//
// One thread; what it needs to know about the daemon stands in the SessionContext, which is filled
// by a worker process (worker_linux.h) or by a thread of the server (threaded_server.h).
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "engine/base/cancellation.h"
#include "engine/base/result.h"
#include "engine/daemon/config.h"
#include "engine/daemon/job.h"
#include "engine/daemon/log.h"
#include "engine/daemon/metrics.h"
#include "engine/daemon/module_gate.h"
#include "engine/daemon/tokens.h"
#include "engine/daemon/transport.h"
#include "engine/net/stream.h"
#include "engine/session/serve.h"

namespace robosync::daemon {

struct SessionContext {
  int connection_fd = -1;  // blocking, the handler's from now on
  const Job& job;
  const Config& config;
  const TokenTable& tokens;
  std::optional<IpAddress> peer;
  const Log& log;
  // End the session cleanly, soon.
  const base::Cancellation& cancellation;
  // For the module that the peer was granted: takes one of its places (kLimit when all are taken)
  // and gives up what other modules would have needed. Once, before the session starts threads.
  std::function<base::Result<void>(const Module&)> enter;
  Joining joining = {};
  // Wraps the stream for who may have to end the session by force. May be empty.
  std::function<net::StreamPtr(net::StreamPtr)> watched = {};
};

[[nodiscard]] SessionReport serve_session(SessionContext& context, Transport& transport);

// What the metrics learn from a session. `refused`: the gate did not let it in.
[[nodiscard]] SessionReport report_of(const session::Served& served, bool refused,
                                      std::chrono::milliseconds duration);

}  // namespace robosync::daemon
