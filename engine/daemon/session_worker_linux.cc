#include "engine/daemon/session_worker_linux.h"

#include <memory>

#include "engine/daemon/session.h"
#include "engine/daemon/transport.h"
#include "engine/daemon/worker_linux.h"

namespace robosync::daemon {

int run_session_worker() {
  std::unique_ptr<Transport> transport;
  return run_worker(
      [&](const Job& job, const Config& config) -> base::Result<void> {
        ROBOSYNC_ASSIGN(transport,
                        make_transport({job.certificate_file, job.key_file, job.client_ca_file},
                                       config.limits.handshake_timeout));
        return {};
      },
      [&](SessionContext& context) { return serve_session(context, *transport); });
}

}  // namespace robosync::daemon
