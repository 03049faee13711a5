#include "engine/daemon/workers_linux.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "engine/daemon/control_linux.h"
#include "engine/net/striped_stream.h"

namespace robosync::daemon {
namespace {

std::string ending(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit {}", WEXITSTATUS(status));
}

}  // namespace

Workers::~Workers() {
  signal_all(SIGKILL);
  for (const auto& [pid, worker] : workers_) ::waitpid(pid, nullptr, 0);
}

std::optional<Turned> Workers::would_turn_away(const Endpoint& peer, const Limits& limits) const {
  if (workers_.size() >= limits.connections_max) return Turned::kTotal;
  const IpAddress key = counted_as(peer.address);
  const auto same = std::ranges::count_if(
      workers_, [&](const auto& entry) { return counted_as(entry.second.peer.address) == key; });
  if (static_cast<std::uint64_t>(same) >= limits.connections_per_address_max) {
    return Turned::kAddress;
  }
  return std::nullopt;
}

void Workers::start(Accepted accepted, std::string_view job, const Limits& limits) {
  auto spawned = spawn_worker(command_, accepted.socket.get(), job);
  if (!spawned) {
    metrics_.turn_away(Turned::kWorker);
    log_.error("no worker for a connection",
               {{"peer", accepted.peer.text()}, {"why", spawned.error().message()}});
    return;
  }
  Worker worker;
  worker.peer = accepted.peer;
  worker.exited = std::move(spawned->exited);
  worker.control = std::move(spawned->control);
  worker.started = Clock::now();
  worker.must_enter_by = worker.started + limits.handshake_timeout + kHandshakeSlack;
  workers_.insert_or_assign(spawned->pid, std::move(worker));
  metrics_.sessions_active = workers_.size();
}

void Workers::add_to(PollSet& polls, const Config& config) {
  for (auto& [pid, worker] : workers_) {
    const int number = pid;
    if (worker.control) {
      polls.on_readable(worker.control.get(), [this, number, &config] { hear(number, config); });
    }
    polls.on_readable(worker.exited.get(), [this, number, &config] { bury(number, config); });
    if (worker.is_opening() && !worker.killed) polls.wake_at(worker.must_enter_by);
  }
}

void Workers::hear(int pid, const Config& config) {
  const auto found = workers_.find(pid);
  if (found == workers_.end() || !found->second.control) return;
  // One message a round: the others have their turn.
  if (!hear_one(pid, found->second, config)) found->second.control.reset();
}

bool Workers::hear_one(int pid, Worker& worker, const Config& config) {
  auto message = receive_control(worker.control.get());
  if (message) {
    handle_message(pid, worker, std::move(*message), config);
    return true;
  }
  if (message.error().kind == base::ErrorKind::kTimeout) return true;
  if (message.error().kind != base::ErrorKind::kLimit) return false;
  kill_worker(pid, worker, message.error().message());
  return true;
}

void Workers::handle_message(int pid, Worker& worker, ControlMessage control,
                             const Config& config) {
  constexpr std::string_view kEnter = "enter ";
  constexpr std::string_view kTicket = "ticket ";
  constexpr std::string_view kJoin = "join ";
  constexpr std::string_view kReport = "report ";
  const std::string_view message = control.text;
  if (message.starts_with(kTicket) && !worker.module.empty() && worker.ticket.empty()) {
    worker.ticket = message.substr(kTicket.size());
    return;
  }
  if (message.starts_with(kJoin) && worker.is_opening() && !worker.asked_to_join) {
    worker.asked_to_join = true;
    worker.joined = join(message.substr(kJoin.size()), control.descriptor);
    (void)send_control(worker.control.get(), worker.joined ? "granted" : "unknown");
    return;
  }
  if (message.starts_with(kEnter) && worker.module.empty()) {
    const Module* module = config.find_module(message.substr(kEnter.size()));
    // A module that a reload has taken away is as good as full.
    bool granted = module != nullptr;
    if (granted && module->connections_max != 0) {
      const auto taken = std::ranges::count_if(
          workers_, [&](const auto& entry) { return entry.second.module == module->name; });
      granted = static_cast<std::uint64_t>(taken) < module->connections_max;
    }
    if (granted) worker.module = module->name;
    (void)send_control(worker.control.get(), granted ? "granted" : "full");
    return;
  }
  if (message.starts_with(kReport) && !worker.report) {
    const auto report = parse_report(message.substr(kReport.size()));
    if (report) {
      worker.report = *report;
      return;
    }
  }
  kill_worker(pid, worker, "a message that makes no sense");
}

// Hands the connection to the session that the ticket is of.
bool Workers::join(std::string_view ticket, const Descriptor& connection) {
  if (ticket.empty() || !connection) return false;
  const auto session = std::ranges::find_if(
      workers_, [&](const auto& entry) { return entry.second.ticket == ticket; });
  if (session == workers_.end()) return false;
  Worker& worker = session->second;
  if (worker.connections_joined + 1 >= net::kStripesMax || !worker.control) return false;
  if (!send_control(worker.control.get(), "joined", connection)) return false;
  ++worker.connections_joined;
  return true;
}

void Workers::kill_worker(int pid, Worker& worker, std::string_view why) {
  if (worker.killed) return;
  worker.killed = true;
  worker.report.reset();
  log_.warning("worker killed", {{"peer", worker.peer.text()}, {"why", std::string(why)}});
  ::kill(pid, SIGKILL);
}

void Workers::end_late_ones() {
  const auto now = Clock::now();
  for (auto& [pid, worker] : workers_) {
    if (worker.is_opening() && now >= worker.must_enter_by) {
      kill_worker(pid, worker, "no session was opened in time");
    }
  }
}

std::size_t Workers::opening() const {
  const auto count =
      std::ranges::count_if(workers_, [](const auto& entry) { return entry.second.is_opening(); });
  return static_cast<std::size_t>(count);
}

void Workers::signal_all(int signal) {
  for (const auto& [pid, worker] : workers_) ::kill(pid, signal);
}

void Workers::bury(int pid, const Config& config) {
  const auto found = workers_.find(pid);
  if (found == workers_.end()) return;
  int status = 0;
  if (::waitpid(pid, &status, WNOHANG) != pid) return;
  Worker& worker = found->second;
  // What it said before it ended may still wait to be read; it cannot say more than these.
  for (int i = 0; i < 4 && worker.control && hear_one(pid, worker, config); ++i) {
  }
  const auto duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - worker.started);
  const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0 && worker.report;
  if (well && worker.joined) {
    log_.info("joined connection ended", {{"peer", worker.peer.text()}});
  } else if (well) {
    metrics_.add(*worker.report);
    log_.info("session ended", {{"peer", worker.peer.text()},
                                {"module", worker.module},
                                {"outcome", std::string(to_string(worker.report->outcome))},
                                {"received_bytes", std::to_string(worker.report->received_bytes)},
                                {"sent_bytes", std::to_string(worker.report->sent_bytes)},
                                {"ms", std::to_string(duration.count())}});
  } else {
    ++metrics_.workers_died;
    log_.warning("worker died", {{"peer", worker.peer.text()},
                                 {"module", worker.module},
                                 {"how", ending(status)},
                                 {"ms", std::to_string(duration.count())}});
  }
  workers_.erase(found);
  metrics_.sessions_active = workers_.size();
}

}  // namespace robosync::daemon
