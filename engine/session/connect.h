// Connecting to where a Location is.
#pragma once

#include "engine/base/cancellation.h"
#include "engine/base/result.h"
#include "engine/net/stream.h"
#include "engine/session/location.h"
#include "engine/session/opening.h"
#include "engine/session/request.h"

namespace robosync::session {

// A connection to the server of `location`, and in `opening` who we are there. kConnection,
// kConnectTimeout, kRefused (not the server that it should be), kPermission (a file with secrets
// that others may read), kUnsupported (on this system).
[[nodiscard]] base::Result<net::StreamPtr> connect(const Location& location,
                                                   const RemoteSettings& settings,
                                                   const base::Cancellation& cancellation,
                                                   Opening& opening);

}  // namespace robosync::session
