// Names, connecting and listening: who is tried when, whatever the system's sockets are like.
#include "engine/net/socket.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "engine/base/mutex.h"
#include "engine/net/system_socket.h"
#include "engine/net/waiting.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

// How often a wait that no descriptor can end looks at the cancellation.
constexpr milliseconds kLook{20};

using Endpoints = std::vector<Endpoint>;

// A look-up cannot be interrupted, so a thread of its own does it; after a deadline that thread is
// left to end by itself, and what it found with it.
struct LookupThread {
  base::Mutex mutex;
  base::Condition done;
  std::optional<base::Result<Endpoints>> resolved ROBOSYNC_GUARDED_BY(mutex);
};

base::Result<Endpoints> resolve_until(const Address& address, Clock::time_point deadline,
                                      const base::Cancellation& cancellation) {
  if (auto numeric = resolve(address, Lookup::kNumeric)) return numeric;
  auto lookup = std::make_shared<LookupThread>();
  try {
    std::thread([lookup, address] {
      auto resolved = resolve(address, Lookup::kAny);
      const base::MutexLock lock(lookup->mutex);
      lookup->resolved = std::move(resolved);
      lookup->done.notify_one();
    }).detach();
  } catch (const std::system_error& error) {
    return base::fail(base::from_errno(error.code().value(), "thread to resolve a name"));
  }
  const base::MutexLock lock(lookup->mutex);
  while (!lookup->resolved) {
    if (cancellation.requested()) {
      return base::fail(base::make_error(ErrorKind::kCancelled, "resolve " + address.host));
    }
    if (Clock::now() >= deadline) {
      return base::fail(base::make_error(ErrorKind::kConnectTimeout, "resolve " + address.host));
    }
    lookup->done.wait_for(lookup->mutex, kLook);
  }
  return std::move(*lookup->resolved);
}

// The families in turn, each in the system's order, beginning with the first.
Endpoints interleaved(Endpoints endpoints) {
  if (endpoints.empty()) return endpoints;
  const int first = endpoints.front().family;
  const auto middle = std::ranges::stable_partition(
      endpoints, [first](const Endpoint& one) { return one.family == first; });
  Endpoints result;
  auto a = endpoints.begin();
  auto b = middle.begin();
  while (a != middle.begin() || b != endpoints.end()) {
    if (a != middle.begin()) result.push_back(*a++);
    if (b != endpoints.end()) result.push_back(*b++);
  }
  return result;
}

// One run over the addresses of a host: starts one after the other, the first to answer wins.
class Race {
 public:
  Race(const Address& address, const ConnectOptions& options, Endpoints endpoints,
       Clock::time_point deadline)
      : name_(address.text()),
        options_(options),
        endpoints_(std::move(endpoints)),
        deadline_(deadline) {}

  base::Result<Socket> run(const base::Cancellation& cancellation) {
    while (true) {
      if (cancellation.requested()) {
        return base::fail(base::make_error(ErrorKind::kCancelled, "connect to " + name_));
      }
      if (Clock::now() >= deadline_) {
        return base::fail(base::make_error(ErrorKind::kConnectTimeout, "connect to " + name_));
      }
      if (next_ < endpoints_.size() && (open_.empty() || Clock::now() >= next_at_)) {
        ROBOSYNC_ASSIGN(Socket connected, start(endpoints_[next_++]));
        if (connected.is_open()) return connected;
        continue;
      }
      if (open_.empty()) return base::fail(last_error_);
      ROBOSYNC_ASSIGN(Socket connected, look());
      if (connected.is_open()) return connected;
    }
  }

 private:
  // An open socket when it is connected already. Faults of one address are kept for later.
  base::Result<Socket> start(const Endpoint& endpoint) {
    next_at_ = Clock::now() + kNextAddressAfter;
    auto made = new_socket(endpoint.family);
    if (!made) {
      last_error_ = std::move(made).error();
      return Socket();
    }
    if (!options_.congestion.empty()) {
      ROBOSYNC_TRY(set_congestion(made->fd(), options_.congestion));
    }
    const auto connected = begin_connect(*made, endpoint);
    if (!connected) {
      note(connected.error());
    } else if (*connected) {
      return std::move(*made);
    } else {
      open_.push_back(std::move(*made));
    }
    return Socket();
  }

  // Waits a little; the first socket that is connected, or a closed one.
  base::Result<Socket> look() {
    std::vector<Polled> polled;
    polled.reserve(open_.size());
    for (const Socket& one : open_) polled.push_back({.fd = one.fd(), .until = Until::kWritable});
    auto until = std::min(Clock::now() + kLook, deadline_);
    if (next_ < endpoints_.size()) until = std::min(until, next_at_);
    ROBOSYNC_TRY(poll_any(polled, until));
    for (std::size_t i = polled.size(); i-- > 0;) {
      const auto connected = end_connect(open_[i], polled[i].ready);
      if (connected && *connected) return std::move(open_[i]);
      if (connected) continue;
      note(connected.error());
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return Socket();
  }

  void note(base::Error error) {
    error.context = "connect to " + name_;
    if (error.kind == ErrorKind::kTimeout) error.kind = ErrorKind::kConnectTimeout;
    last_error_ = std::move(error);
  }

  const std::string name_;
  const ConnectOptions& options_;
  const Endpoints endpoints_;
  const Clock::time_point deadline_;
  std::size_t next_ = 0;
  Clock::time_point next_at_;
  std::vector<Socket> open_;
  base::Error last_error_ = base::make_error(ErrorKind::kConnection, "no address to connect to");
};

}  // namespace

base::Result<Socket> connect_socket(const Address& address, const ConnectOptions& options,
                                    const base::Cancellation& cancellation) {
  const auto deadline = Clock::now() + options.connect_time;
  ROBOSYNC_ASSIGN(Endpoints resolved, resolve_until(address, deadline, cancellation));
  Race race(address, options, interleaved(std::move(resolved)), deadline);
  return race.run(cancellation);
}

base::Result<StreamPtr> connect_tcp(const Address& address, const ConnectOptions& options,
                                    const base::Cancellation& cancellation) {
  ROBOSYNC_ASSIGN(Socket socket, connect_socket(address, options, cancellation));
  return stream_over_socket(std::move(socket));
}

std::string peer_name(const Socket& socket) {
  const auto endpoint = peer_endpoint(socket);
  const auto address = endpoint ? address_of(*endpoint) : std::nullopt;
  return address ? address->text() : "socket";
}

struct Listener::State {
  std::vector<Socket> sockets;
  std::unique_ptr<Waker> waker;
};

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

base::Result<Listener> Listener::bind(std::span<const Address> addresses) {
  std::vector<Socket> sockets;
  for (const Address& address : addresses) {
    ROBOSYNC_ASSIGN(const Endpoints resolved, resolve(address, Lookup::kPassive));
    std::size_t bound = 0;
    for (const Endpoint& endpoint : resolved) {
      auto made = listen_on(endpoint, address.text());
      // A machine without IPv6 still lists its wildcard.
      const bool last = &endpoint == &resolved.back();
      if (!made && address.host.empty() && (!last || bound != 0) && lacks_family(made.error())) {
        continue;
      }
      if (!made) return base::fail(std::move(made).error());
      sockets.push_back(std::move(*made));
      ++bound;
    }
  }
  return adopt(std::move(sockets));
}

base::Result<Listener> Listener::adopt(std::vector<Socket> sockets) {
  if (sockets.empty() || sockets.size() > kListenMax) {
    return base::fail(base::make_error(ErrorKind::kInvalid, "listen: no address, or too many"));
  }
  for (const Socket& socket : sockets) {
    if (!is_listening(socket)) {
      return base::fail(base::make_error(ErrorKind::kInvalid, "adopt: not a listening socket"));
    }
    ROBOSYNC_TRY(set_not_inherited(socket.fd()));
    ROBOSYNC_TRY(set_non_blocking(socket.fd()));
  }
  auto state = std::make_unique<State>();
  ROBOSYNC_ASSIGN(state->waker, Waker::make());
  state->sockets = std::move(sockets);
  return Listener(std::move(state));
}

base::Result<Socket> Listener::accept() {
  std::vector<Polled> polled = {{.fd = state_->waker->fd()}};
  for (const Socket& one : state_->sockets) polled.push_back({.fd = one.fd()});
  while (true) {
    ROBOSYNC_TRY(poll_any(polled, std::nullopt));
    if (polled[0].ready) {
      return base::fail(base::make_error(ErrorKind::kCancelled, "the listener was stopped"));
    }
    // What has been looked at goes to the end, so that no address starves another.
    for (std::size_t i = 1; i < polled.size(); ++i) {
      if (!polled[i].ready) continue;
      auto accepted = accept_on(polled[i].fd);
      if (accepted) {
        std::ranges::rotate(state_->sockets,
                            state_->sockets.begin() + static_cast<std::ptrdiff_t>(i - 1) + 1);
        return accepted;
      }
      // A connection that broke before it was taken is no fault of the listener's.
      if (accepted.error().kind != ErrorKind::kTransient) return accepted;
    }
  }
}

void Listener::stop() { state_->waker->wake(); }

std::vector<Address> Listener::addresses() const {
  std::vector<Address> found;
  for (const Socket& socket : state_->sockets) {
    const auto endpoint = local_endpoint(socket);
    if (!endpoint) continue;
    if (auto address = address_of(*endpoint)) found.push_back(std::move(*address));
  }
  return found;
}

}  // namespace robosync::net
