#include "engine/session/connect.h"

namespace robosync::session {

base::Result<net::StreamPtr> connect(const Location& /*location*/,
                                     const RemoteSettings& /*settings*/,
                                     const base::Cancellation& /*cancellation*/,
                                     Opening& /*opening*/) {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                     "remote runs are not supported on Windows yet"));
}

}  // namespace robosync::session
