// Workers: the processes that serve sessions, as their parent sees them: starts, counts, hears and
// buries them. Linux only; one thread.
//
// A worker is trusted with nothing: it may say which module it serves, once, which ticket lets
// further connections join it, once, that it has one of those for a ticket that it was shown, once,
// and how it went, once; whatever else it says ends it. IPv6 peers are counted by their /64, which
// is what one customer has.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/daemon/config.h"
#include "engine/daemon/control_linux.h"
#include "engine/daemon/listen_linux.h"
#include "engine/daemon/log.h"
#include "engine/daemon/metrics.h"
#include "engine/daemon/poll_set_linux.h"
#include "engine/daemon/spawn_linux.h"

namespace robosync::daemon {

// Beyond the time that the session itself allows for the opening: then a worker hangs.
inline constexpr std::chrono::seconds kHandshakeSlack{5};

class Workers {
 public:
  using Clock = PollSet::Clock;

  Workers(std::vector<std::string> command, const Log& log, Metrics& metrics)
      : command_(std::move(command)), log_(log), metrics_(metrics) {}
  // Kills those that are left.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Why this peer would not be served now; nothing when it would.
  [[nodiscard]] std::optional<Turned> would_turn_away(const Endpoint& peer,
                                                      const Limits& limits) const;
  void start(Accepted accepted, std::string_view job, const Limits& limits);

  void add_to(PollSet& polls, const Config& config);
  // Kills those whose peers have not opened a session in time.
  void end_late_ones();
  void signal_all(int signal);

  [[nodiscard]] bool empty() const { return workers_.empty(); }
  [[nodiscard]] std::size_t size() const { return workers_.size(); }
  // Those whose peers have not opened a session yet.
  [[nodiscard]] std::size_t opening() const;

 private:
  struct Worker {
    Endpoint peer;
    Descriptor exited;
    Descriptor control;
    Clock::time_point started;
    Clock::time_point must_enter_by;
    std::string module;
    std::string ticket;                  // of a session that takes further connections
    std::size_t connections_joined = 0;  // and how many it took
    bool asked_to_join = false;          // has shown a ticket
    bool joined = false;                 // which was good: it is one of those
    std::optional<SessionReport> report;
    bool killed = false;

    [[nodiscard]] bool is_opening() const { return module.empty() && !joined; }
  };

  // False when nothing more will come.
  [[nodiscard]] bool hear_one(int pid, Worker& worker, const Config& config);
  void hear(int pid, const Config& config);
  void handle_message(int pid, Worker& worker, ControlMessage control, const Config& config);
  [[nodiscard]] bool join(std::string_view ticket, const Descriptor& connection);
  void kill_worker(int pid, Worker& worker, std::string_view why);
  void bury(int pid, const Config& config);

  std::vector<std::string> command_;
  const Log& log_;
  Metrics& metrics_;
  std::map<int, Worker> workers_;  // by process number
};

}  // namespace robosync::daemon
