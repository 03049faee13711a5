// run_client: the client's side of one session.
#pragma once

#include <functional>

#include "engine/apply/observer.h"
#include "engine/base/cancellation.h"
#include "engine/fs/fs.h"
#include "engine/net/stream.h"
#include "engine/session/opening.h"
#include "engine/session/report.h"

namespace robosync::session {

// One more connection to the same server.
using AnotherStream = std::function<base::Result<net::StreamPtr>()>;

// Runs `request` with the server at the other end of `stream`: `opening.role` says which side is
// here (its sources or its target are the request's; the other side's are the opening's paths).
// Fails when the run could not begin, kRefused with the server's reason; a connection that is lost
// later is Report::fatal. Where the opening says more_connections, `another` is asked for as many
// as the request wants; what fails after the first one is a warning.
[[nodiscard]] base::Result<Report> run_client(net::StreamPtr stream, const Opening& opening,
                                              const Request& request, fs::FileSystem& file_system,
                                              apply::Observer& observer,
                                              const base::Cancellation& cancellation,
                                              const AnotherStream& another = {});

}  // namespace robosync::session
