#include "engine/daemon/threaded_server.h"

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <thread>
#include <utility>

#include "engine/base/mutex.h"
#include "engine/daemon/http.h"
#include "engine/daemon/session.h"
#include "engine/daemon/watched_stream.h"
#include "engine/net/socket.h"

namespace robosync::daemon {
namespace {

using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Between looks at what is due, when nothing happens.
constexpr milliseconds kLook{200};
// After an accept() that found no sockets left.
constexpr std::chrono::seconds kAcceptPause{1};
// Between the end of the handshake's time and the end of a connection that opened no session.
constexpr std::chrono::seconds kOpeningSlack{5};
constexpr milliseconds kHttpTime{5'000};

struct Session {
  std::optional<IpAddress> peer;
  std::string peer_text;
  Clock::time_point started = Clock::now();
  std::string module;  // empty: not admitted yet
  bool ended = false;
  std::shared_ptr<Cutter> cutter = std::make_shared<Cutter>();
  std::thread thread;
};

std::uint64_t unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

std::optional<IpAddress> address_of(const net::Socket& socket) {
  const auto named = net::parse_address(net::peer_name(socket));
  if (!named) return std::nullopt;
  const auto parsed = parse_address(named->host);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

Result<net::Listener> listen_at(const std::vector<Endpoint>& endpoints) {
  std::vector<net::Address> addresses;
  addresses.reserve(endpoints.size());
  for (const Endpoint& one : endpoints) {
    addresses.push_back({.host = one.address.text(), .port = one.port});
  }
  return net::Listener::bind(addresses);
}

// One request, whole or not at all.
void answer_page(net::Socket socket, const HttpPages& pages) {
  auto stream = net::stream_over_socket(std::move(socket));
  if (!stream) return;
  const auto until = Clock::now() + kHttpTime;
  std::string received;
  std::array<std::byte, 1024> buffer{};
  while (received.size() <= kHttpRequestBytesMax) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    if (left.count() <= 0) return;
    (*stream)->set_no_progress_time(left);
    const auto count = (*stream)->read_some(buffer);
    if (!count || *count == 0) return;
    received.append(reinterpret_cast<const char*>(buffer.data()), *count);
    const auto answer = http_answer(received, pages);
    if (!answer) continue;
    const std::array pieces = {std::as_bytes(std::span(*answer))};
    if (!(*stream)->write(pieces) || !(*stream)->finish()) return;
    // Until the client has read it: closing with bytes unread would reset the connection.
    static_cast<void>((*stream)->read_some(buffer));
    return;
  }
}

}  // namespace

struct ThreadedServer::State {
  State(Loaded loaded_in, Log log_in, TokenTable tokens_in, std::unique_ptr<Transport> transport_in,
        net::Listener listener_in)
      : loaded(std::move(loaded_in)),
        log(std::move(log_in)),
        tokens(std::move(tokens_in)),
        transport(std::move(transport_in)),
        listener(std::move(listener_in)) {}

  const Loaded loaded;
  const Log log;
  const TokenTable tokens;
  const std::unique_ptr<Transport> transport;
  net::Listener listener;
  std::optional<net::Listener> pages_listener;

  mutable base::Mutex mutex;
  base::Condition changed;
  Metrics metrics ROBOSYNC_GUARDED_BY(mutex);
  std::list<Session> sessions ROBOSYNC_GUARDED_BY(mutex);
  unsigned stop_requests ROBOSYNC_GUARDED_BY(mutex) = 0;
  std::optional<base::Error> fault ROBOSYNC_GUARDED_BY(mutex);

  [[nodiscard]] const Limits& limits() const { return loaded.config.limits; }

  // The threads -------------------------------------------------------------------------------

  void accept_all() {
    while (true) {
      auto accepted = listener.accept();
      if (accepted) {
        begin(std::move(*accepted));
        continue;
      }
      base::Error error = std::move(accepted).error();
      if (error.kind == ErrorKind::kCancelled) return;
      log.error("accepting pauses", {{"why", error.message()}});
      const base::MutexLock lock(mutex);
      if (error.kind != ErrorKind::kLimit) {
        fault = std::move(error);
        stop_requests = 1;
        changed.notify_all();
        return;
      }
      if (stop_requests != 0) return;
      changed.wait_for(mutex, kAcceptPause);
    }
  }

  void begin(net::Socket socket) {
    Session fresh;
    fresh.peer = address_of(socket);
    fresh.peer_text = fresh.peer ? fresh.peer->text() : "";
    const base::MutexLock lock(mutex);
    if (const auto why = would_turn_away(fresh.peer)) {
      metrics.turn_away(*why);
      log.debug("connection turned away", {{"peer", fresh.peer_text}});
      return;
    }
    sessions.push_back(std::move(fresh));
    Session& session = sessions.back();
    metrics.sessions_active = sessions.size();
    try {
      session.thread = std::thread([this, &session, fd = socket.fd()] { serve(session, fd); });
      static_cast<void>(socket.release());
    } catch (const std::system_error& error) {
      log.error("no thread for a connection", {{"peer", session.peer_text}, {"why", error.what()}});
      metrics.turn_away(Turned::kWorker);
      sessions.pop_back();
    }
  }

  [[nodiscard]] std::optional<Turned> would_turn_away(const std::optional<IpAddress>& peer) const
      ROBOSYNC_REQUIRES(mutex) {
    if (stop_requests != 0 || sessions.size() >= limits().connections_max) return Turned::kTotal;
    if (!peer) return std::nullopt;
    const auto same = std::ranges::count_if(sessions, [&](const Session& one) {
      return one.peer && counted_as(*one.peer) == counted_as(*peer);
    });
    if (static_cast<std::uint64_t>(same) < limits().connections_per_address_max) {
      return std::nullopt;
    }
    return Turned::kAddress;
  }

  void serve(Session& session, int fd) {
    Job job = loaded.job;
    job.peer = session.peer_text;
    const base::Cancellation never;
    SessionContext context{
        .connection_fd = fd,
        .job = job,
        .config = loaded.config,
        .tokens = tokens,
        .peer = session.peer,
        .log = log,
        .cancellation = never,
        .enter = [&](const Module& module) { return enter(session, module); },
        .watched =
            [&](net::StreamPtr stream) { return watched(std::move(stream), session.cutter); }};
    SessionReport report;
    try {
      report = serve_session(context, *transport);
    } catch (const std::exception& error) {
      log.error("session broken off", {{"peer", session.peer_text}, {"why", error.what()}});
    }
    end(session, report);
  }

  Result<void> enter(Session& session, const Module& module) {
    const base::MutexLock lock(mutex);
    const auto taken = std::ranges::count_if(
        sessions, [&](const Session& one) { return one.module == module.name && !one.ended; });
    if (module.connections_max != 0 &&
        static_cast<std::uint64_t>(taken) >= module.connections_max) {
      return base::fail(base::make_error(ErrorKind::kLimit, "all its connections are taken"));
    }
    session.module = module.name;
    return {};
  }

  void end(Session& session, const SessionReport& report) {
    const auto duration = std::chrono::duration_cast<milliseconds>(Clock::now() - session.started);
    const base::MutexLock lock(mutex);
    metrics.add(report);
    log.info("session ended", {{"peer", session.peer_text},
                               {"module", session.module},
                               {"outcome", std::string(to_string(report.outcome))},
                               {"received_bytes", std::to_string(report.received_bytes)},
                               {"sent_bytes", std::to_string(report.sent_bytes)},
                               {"ms", std::to_string(duration.count())}});
    session.ended = true;
    changed.notify_all();
  }

  void answer_pages() {
    while (true) {
      auto accepted = pages_listener->accept();
      if (!accepted && accepted.error().kind == ErrorKind::kLimit) {
        std::this_thread::sleep_for(kAcceptPause);
        continue;
      }
      if (!accepted) return;
      HttpPages pages;
      pages.metrics = [this] {
        const base::MutexLock lock(mutex);
        return metrics.text();
      };
      {
        const base::MutexLock lock(mutex);
        pages.healthy = stop_requests == 0;
      }
      answer_page(std::move(*accepted), pages);
    }
  }

  // What run() does ---------------------------------------------------------------------------

  void bury_ended() ROBOSYNC_REQUIRES(mutex) {
    std::erase_if(sessions, [](Session& one) {
      if (!one.ended) return false;
      one.thread.join();  // which has nothing left to do
      return true;
    });
    metrics.sessions_active = sessions.size();
  }

  void cut_late_ones() ROBOSYNC_REQUIRES(mutex) {
    const auto by = Clock::now() - limits().handshake_timeout - kOpeningSlack;
    for (const Session& one : sessions) {
      if (!one.module.empty() || one.ended || one.started > by || one.cutter->was_cut()) continue;
      log.warning("connection cut",
                  {{"peer", one.peer_text}, {"why", "no session was opened in time"}});
      one.cutter->cut();
    }
  }

  void serve_until_stopped() {
    const base::MutexLock lock(mutex);
    while (stop_requests == 0) {
      changed.wait_for(mutex, kLook);
      bury_ended();
      cut_late_ones();
    }
  }

  void wait_for_sessions() {
    const base::MutexLock lock(mutex);
    log.info("stopping", {{"sessions", std::to_string(sessions.size())}});
    const auto grace_ends = Clock::now() + limits().grace;
    bool cut = false;
    bury_ended();
    while (!sessions.empty()) {
      if (!cut && (Clock::now() >= grace_ends || stop_requests > 1)) {
        cut = true;
        log.warning("sessions are cut");
        for (const Session& one : sessions) one.cutter->cut();
      }
      changed.wait_for(mutex, kLook);
      bury_ended();
      cut_late_ones();
    }
  }
};

ThreadedServer::ThreadedServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
ThreadedServer::~ThreadedServer() = default;

Result<std::unique_ptr<ThreadedServer>> ThreadedServer::start(Loaded loaded, Log log,
                                                              std::string version) {
  log.set(loaded.config.log_format, loaded.config.log_level);
  ROBOSYNC_ASSIGN(TokenTable tokens, TokenTable::parse(loaded.job.tokens_text, "tokens"));
  ROBOSYNC_ASSIGN(
      std::unique_ptr<Transport> transport,
      make_transport({loaded.job.certificate_file, loaded.job.key_file, loaded.job.client_ca_file},
                     loaded.config.limits.handshake_timeout));
  ROBOSYNC_ASSIGN(net::Listener listener, listen_at(loaded.config.bind));
  auto state = std::make_unique<State>(std::move(loaded), std::move(log), std::move(tokens),
                                       std::move(transport), std::move(listener));
  const Config& config = state->loaded.config;
  if (config.metrics) {
    ROBOSYNC_ASSIGN(state->pages_listener, listen_at({*config.metrics}));
  }
  {
    const base::MutexLock lock(state->mutex);
    state->metrics.version = version;
    state->metrics.start_time_s = unix_time();
  }
  for (const std::string& warning : state->loaded.warnings) {
    state->log.warning("configuration", {{"what", warning}});
  }
  std::string where;
  for (const net::Address& one : state->listener.addresses()) where += one.text() + ' ';
  if (!where.empty()) where.pop_back();
  // What clients see when they come for the first time, to compare with.
  std::string key = "none (plaintext)";
  if (!state->loaded.job.certificate_file.empty()) {
    ROBOSYNC_ASSIGN(key, certificate_fingerprint(state->loaded.job.certificate_file));
  }
  state->log.info("listening", {{"on", where}, {"key", key}, {"version", version}});
  return std::unique_ptr<ThreadedServer>(new ThreadedServer(std::move(state)));
}

Result<void> ThreadedServer::run() {
  std::thread accepting([this] { state_->accept_all(); });
  std::thread pages;
  if (state_->pages_listener) pages = std::thread([this] { state_->answer_pages(); });
  state_->serve_until_stopped();
  state_->listener.stop();
  accepting.join();
  state_->wait_for_sessions();
  if (state_->pages_listener) state_->pages_listener->stop();
  if (pages.joinable()) pages.join();
  state_->log.info("stopped");
  const base::MutexLock lock(state_->mutex);
  if (state_->fault) return base::fail(*state_->fault);
  return {};
}

void ThreadedServer::request_stop() {
  const base::MutexLock lock(state_->mutex);
  ++state_->stop_requests;
  state_->changed.notify_all();
}

std::vector<net::Address> ThreadedServer::addresses() const { return state_->listener.addresses(); }

std::vector<net::Address> ThreadedServer::metrics_addresses() const {
  return state_->pages_listener ? state_->pages_listener->addresses() : std::vector<net::Address>();
}

Metrics ThreadedServer::metrics() const {
  const base::MutexLock lock(state_->mutex);
  return state_->metrics;
}

}  // namespace robosync::daemon
