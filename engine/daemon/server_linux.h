// Server: the parent process of robosyncd. It accepts, counts, hands each connection to a worker
// process of its own, reads its configuration again when asked, and ends in good order. It reads no
// byte of a peer. Linux only.
//
// run() belongs to one thread; request_stop() and request_reload() may be called from any, and from
// signal handlers. Stopping: no new connections at once; sessions may finish for limits.grace; then
// they are told to abort (SIGTERM); kAbortTime later they are killed. A second request_stop() skips
// the grace. A reload that fails leaves everything as it was. Sessions keep the configuration that
// they began with.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/daemon/config.h"
#include "engine/daemon/job.h"
#include "engine/daemon/listen_linux.h"
#include "engine/daemon/load.h"
#include "engine/daemon/log.h"
#include "engine/daemon/metrics.h"
#include "engine/daemon/metrics_server_linux.h"
#include "engine/daemon/notify_linux.h"
#include "engine/daemon/workers_linux.h"

namespace robosync::daemon {

inline constexpr std::chrono::seconds kAbortTime{10};
// After an accept() that found no descriptors left.
inline constexpr std::chrono::seconds kAcceptPause{1};

struct ServerOptions {
  std::function<base::Result<Loaded>()> load;  // now, and for every reload
  std::vector<std::string> worker_command;     // runs run_worker()
  Log log;
  std::string version;
  std::vector<Listening> activated;  // sockets of systemd's: then config.bind is not used
  Notifier notifier;
};

class Server {
 public:
  // Loads, listens and says READY.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(ServerOptions options);

  // Until stopped. Errors are those that no daemon survives.
  [[nodiscard]] base::Result<void> run();

  void request_stop() noexcept;
  void request_reload() noexcept;

  // Between start() and run(): where it listens, with the ports that the system chose.
  [[nodiscard]] std::vector<Endpoint> endpoints() const;
  [[nodiscard]] std::optional<Endpoint> metrics_endpoint() const { return http_.bound(); }
  // After run().
  [[nodiscard]] const Metrics& metrics() const { return metrics_; }

 private:
  using Clock = PollSet::Clock;

  explicit Server(ServerOptions options);
  [[nodiscard]] base::Result<void> apply(Loaded loaded);
  [[nodiscard]] base::Result<std::vector<Listening>> listen_anew(const Config& config);
  void wake() noexcept;
  void drain_wakes();
  void reload();
  void begin_to_stop();
  void press_on();
  void accept_one(std::size_t index);
  void fill(PollSet& polls);

  ServerOptions options_;
  Config config_;
  Job job_;
  Metrics metrics_;
  std::vector<Listening> listening_;
  Workers workers_;
  MetricsServer http_;
  HttpPages pages_;
  std::array<Descriptor, 2> wake_pipe_;
  std::atomic<unsigned> stop_requests_{0};
  std::atomic<bool> reload_requested_{false};
  bool stopping_ = false;
  bool told_to_abort_ = false;
  bool killed_ = false;
  Clock::time_point abort_at_{};
  Clock::time_point kill_at_{};
  Clock::time_point accept_again_at_{};
  Clock::time_point watchdog_at_{};
};

}  // namespace robosync::daemon
