#include "engine/daemon/server_linux.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "engine/daemon/transport.h"

namespace robosync::daemon {
namespace {

std::uint64_t unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

// A list of mistakes is a line each in the log.
void log_lines(const Log& log, LogLevel level, std::string_view message, std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    log.write(level, message, {{"what", std::string(line)}});
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
}

}  // namespace

Server::Server(ServerOptions options)
    : options_(std::move(options)), workers_(options_.worker_command, options_.log, metrics_) {
  metrics_.version = options_.version;
  metrics_.start_time_s = unix_time();
  pages_.metrics = [this] {
    metrics_.connections_opening = workers_.opening();
    metrics_.connections_waiting = 0;
    for (const Listening& one : listening_) metrics_.connections_waiting += waiting_on(one);
    return metrics_.text();
  };
  listening_ = std::move(options_.activated);
}

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
  std::unique_ptr<Server> server(new Server(std::move(options)));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return base::fail(base::from_errno(errno, "create the wake-up pipe"));
  }
  server->wake_pipe_ = {Descriptor(ends[0]), Descriptor(ends[1])};
  ROBOSYNC_ASSIGN(Loaded loaded, server->options_.load());
  ROBOSYNC_TRY(server->apply(std::move(loaded)));
  std::string where;
  for (const Endpoint& endpoint : server->endpoints()) where += endpoint.text() + ' ';
  if (!where.empty()) where.pop_back();
  // What clients see when they come for the first time, to compare with.
  std::string key = "none (plaintext)";
  if (!server->job_.certificate_file.empty()) {
    ROBOSYNC_ASSIGN(key, certificate_fingerprint(server->job_.certificate_file));
  }
  server->options_.log.info("listening",
                            {{"on", where}, {"key", key}, {"version", server->options_.version}});
  server->options_.notifier.ready("listening on " + where);
  return server;
}

base::Result<std::vector<Listening>> Server::listen_anew(const Config& config) {
  std::vector<Listening> added;
  const bool activated = std::ranges::any_of(listening_, &Listening::activated);
  if (activated) return added;
  for (const Endpoint& endpoint : config.bind) {
    const auto same = [&](const Listening& one) { return one.asked == endpoint; };
    if (std::ranges::any_of(listening_, same)) continue;
    ROBOSYNC_ASSIGN(Listening one, listen_on(endpoint));
    added.push_back(std::move(one));
  }
  return added;
}

base::Result<void> Server::apply(Loaded loaded) {
  // All that can fail comes first; then everything changes at once.
  ROBOSYNC_ASSIGN(std::vector<Listening> added, listen_anew(loaded.config));
  ROBOSYNC_TRY(http_.listen(loaded.config.metrics));
  std::erase_if(listening_, [&](const Listening& one) {
    return !one.activated &&
           std::ranges::find(loaded.config.bind, one.asked) == loaded.config.bind.end();
  });
  std::ranges::move(added, std::back_inserter(listening_));
  config_ = std::move(loaded.config);
  job_ = std::move(loaded.job);
  options_.log.set(config_.log_format, config_.log_level);
  for (const std::string& warning : loaded.warnings) {
    log_lines(options_.log, LogLevel::kWarning, "configuration", warning);
  }
  return {};
}

void Server::wake() noexcept {
  const int saved = errno;
  const char byte = 0;
  // A full pipe wakes just as well.
  [[maybe_unused]] const ssize_t written = ::write(wake_pipe_[1].get(), &byte, 1);
  errno = saved;
}

void Server::request_stop() noexcept {
  stop_requests_.fetch_add(1);
  wake();
}

void Server::request_reload() noexcept {
  reload_requested_.store(true);
  wake();
}

std::vector<Endpoint> Server::endpoints() const {
  std::vector<Endpoint> out;
  out.reserve(listening_.size());
  for (const Listening& one : listening_) out.push_back(one.bound);
  return out;
}

void Server::drain_wakes() {
  std::array<char, 64> buffer{};
  while (::read(wake_pipe_[0].get(), buffer.data(), buffer.size()) > 0) {
  }
}

void Server::reload() {
  options_.notifier.reloading();
  auto loaded = options_.load();
  auto applied = loaded ? apply(std::move(*loaded)) : base::fail(std::move(loaded).error());
  if (applied) {
    ++metrics_.reloads;
    options_.log.info("configuration read again");
    options_.notifier.ready("serving");
  } else {
    ++metrics_.reloads_failed;
    log_lines(options_.log, LogLevel::kError, "configuration kept as it was",
              applied.error().message());
    options_.notifier.ready("serving with the configuration before: the new one has mistakes");
  }
}

void Server::begin_to_stop() {
  stopping_ = true;
  pages_.healthy = false;
  listening_.clear();
  abort_at_ = Clock::now() + config_.limits.grace;
  kill_at_ = abort_at_ + kAbortTime;
  options_.notifier.stopping();
  options_.log.info("stopping", {{"sessions", std::to_string(workers_.size())}});
}

// Takes the next step of stopping when its time has come.
void Server::press_on() {
  const auto now = Clock::now();
  if (!told_to_abort_ && (now >= abort_at_ || stop_requests_.load() > 1)) {
    told_to_abort_ = true;
    kill_at_ = now + kAbortTime;
    if (!workers_.empty()) options_.log.warning("sessions are told to abort");
    workers_.signal_all(SIGTERM);
  }
  if (told_to_abort_ && !killed_ && now >= kill_at_) {
    killed_ = true;
    if (!workers_.empty()) options_.log.warning("sessions are killed");
    workers_.signal_all(SIGKILL);
  }
}

void Server::accept_one(std::size_t index) {
  auto accepted = accept_from(listening_.at(index));
  if (!accepted) {
    if (accepted.error().kind == base::ErrorKind::kLimit) {
      options_.log.error("accepting pauses", {{"why", accepted.error().message()}});
      accept_again_at_ = Clock::now() + kAcceptPause;
    }
    return;
  }
  if (const auto why = workers_.would_turn_away(accepted->peer, config_.limits)) {
    metrics_.turn_away(*why);
    options_.log.debug("connection turned away", {{"peer", accepted->peer.text()}});
    return;
  }
  Job job = job_;
  job.peer = accepted->peer.address.text();
  workers_.start(std::move(*accepted), encode_job(job), config_.limits);
}

void Server::fill(PollSet& polls) {
  polls.on_readable(wake_pipe_[0].get(), [this] { drain_wakes(); });
  const auto now = Clock::now();
  if (now < accept_again_at_) {
    polls.wake_at(accept_again_at_);
  } else {
    for (std::size_t i = 0; i < listening_.size(); ++i) {
      polls.on_readable(listening_[i].socket.get(), [this, i] { accept_one(i); });
    }
  }
  workers_.add_to(polls, config_);
  http_.add_to(polls, pages_);
  if (stopping_ && !killed_) polls.wake_at(told_to_abort_ ? kill_at_ : abort_at_);
  if (const auto interval = options_.notifier.watchdog_interval(); interval.count() > 0) {
    if (now >= watchdog_at_) {
      options_.notifier.watchdog();
      watchdog_at_ = now + interval;
    }
    polls.wake_at(watchdog_at_);
  }
}

base::Result<void> Server::run() {
  while (true) {
    if (!stopping_ && stop_requests_.load() > 0) begin_to_stop();
    if (stopping_) {
      press_on();
      if (workers_.empty()) break;
    } else if (reload_requested_.exchange(false)) {
      reload();
    }
    workers_.end_late_ones();
    PollSet polls;
    fill(polls);
    ROBOSYNC_TRY(polls.wait_and_call());
  }
  options_.log.info("stopped");
  return {};
}

}  // namespace robosync::daemon
