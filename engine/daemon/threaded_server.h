// ThreadedServer: robosyncd in one process, a thread for each session: for systems on which a
// session cannot be given a confined process of its own (Windows; see docs/security.md).
//
// run() belongs to one thread; the others may be called from any. Stopping: no new connections at
// once; sessions may finish for limits.grace, then their connections are cut. A second
// request_stop() skips the grace. Limits are those of the configuration: all connections, those of
// one address, those of a module, the time until a session is opened.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/daemon/load.h"
#include "engine/daemon/log.h"
#include "engine/daemon/metrics.h"
#include "engine/net/address.h"

namespace robosync::daemon {

class ThreadedServer {
 public:
  // Listens and says so in the log.
  [[nodiscard]] static base::Result<std::unique_ptr<ThreadedServer>> start(Loaded loaded, Log log,
                                                                           std::string version);
  ~ThreadedServer();

  // Until stopped, when every session has ended.
  [[nodiscard]] base::Result<void> run();
  void request_stop();

  // Where it listens, with the ports that the system chose; without a metrics page, empty.
  [[nodiscard]] std::vector<net::Address> addresses() const;
  [[nodiscard]] std::vector<net::Address> metrics_addresses() const;
  [[nodiscard]] Metrics metrics() const;

 private:
  struct State;
  explicit ThreadedServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace robosync::daemon
