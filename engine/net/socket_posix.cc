// Names, connecting and listening.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "engine/base/mutex.h"
#include "engine/net/socket.h"
#include "engine/net/waiting_posix.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

// How often a wait that no descriptor can end looks at the cancellation.
constexpr milliseconds kLook{20};

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return address.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

std::optional<Address> address_of(const Endpoint& endpoint) {
  if (endpoint.family() != AF_INET && endpoint.family() != AF_INET6) return std::nullopt;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(endpoint.get(), endpoint.size, host.data(), host.size(), port.data(),
                    port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return std::nullopt;
  }
  return Address{.host = host.data(),
                 .port = static_cast<std::uint16_t>(std::strtoul(port.data(), nullptr, 10))};
}

struct Resolved {
  int error = 0;  // getaddrinfo's
  std::vector<Endpoint> endpoints;
};

Resolved resolve(const Address& address, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  Resolved resolved;
  resolved.error = ::getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                 std::to_string(address.port).c_str(), &hints, &list);
  if (resolved.error != 0) return resolved;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    if (resolved.endpoints.size() == kResolvedMax) break;
    if (one->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Endpoint endpoint;
    std::memcpy(&endpoint.address, one->ai_addr, one->ai_addrlen);
    endpoint.size = one->ai_addrlen;
    resolved.endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(list);
  return resolved;
}

base::Error resolve_error(const Address& address, int error) {
  return base::make_error(ErrorKind::kConnection,
                          "resolve " + address.host + ": " + ::gai_strerror(error));
}

// A look-up cannot be interrupted, so a thread of its own does it; after a deadline that thread is
// left to end by itself, and what it found with it.
struct Lookup {
  base::Mutex mutex;
  base::Condition done;
  std::optional<Resolved> resolved ROBOSYNC_GUARDED_BY(mutex);
};

base::Result<Resolved> resolve_until(const Address& address, Clock::time_point deadline,
                                     const base::Cancellation& cancellation) {
  Resolved numeric = resolve(address, AI_NUMERICHOST);
  if (numeric.error == 0) return numeric;
  auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([lookup, address] {
      Resolved resolved = resolve(address, AI_ADDRCONFIG);
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
  if (lookup->resolved->error != 0) {
    return base::fail(resolve_error(address, lookup->resolved->error));
  }
  return std::move(*lookup->resolved);
}

// The families in turn, each in the system's order, beginning with the first.
std::vector<Endpoint> interleaved(std::vector<Endpoint> endpoints) {
  if (endpoints.empty()) return endpoints;
  const int first = endpoints.front().family();
  const auto middle = std::ranges::stable_partition(
      endpoints, [first](const Endpoint& one) { return one.family() == first; });
  std::vector<Endpoint> result;
  auto a = endpoints.begin();
  auto b = middle.begin();
  while (a != middle.begin() || b != endpoints.end()) {
    if (a != middle.begin()) result.push_back(*a++);
    if (b != endpoints.end()) result.push_back(*b++);
  }
  return result;
}

base::Result<Socket> new_socket(int family) {
  Socket made(::socket(family, SOCK_STREAM, 0));
  if (!made.is_open()) return base::fail(connection_error(errno, "socket"));
  if (::fcntl(made.fd(), F_SETFD, FD_CLOEXEC) != 0) {
    return base::fail(base::from_errno(errno, "socket: close-on-exec"));
  }
  ROBOSYNC_TRY(set_non_blocking(made.fd()));
  return made;
}

// One run over the addresses of a host: starts one after the other, the first to answer wins.
class Race {
 public:
  Race(const Address& address, const ConnectOptions& options, std::vector<Endpoint> endpoints,
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
    auto made = new_socket(endpoint.family());
    if (!made) {
      last_error_ = std::move(made).error();
      return Socket();
    }
    ROBOSYNC_TRY(set_congestion(made->fd()));
    if (::connect(made->fd(), endpoint.get(), endpoint.size) == 0) return std::move(*made);
    if (errno == EINPROGRESS || errno == EINTR) {
      open_.push_back(std::move(*made));
    } else {
      note(errno);
    }
    return Socket();
  }

  base::Result<void> set_congestion(int fd) {
    const std::string& name = options_.congestion;
    if (name.empty()) return {};
    if (::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                     static_cast<socklen_t>(name.size())) != 0) {
      base::Error error = base::from_errno(errno, "congestion control " + name);
      error.kind = ErrorKind::kUnsupported;
      return base::fail(std::move(error));
    }
    return {};
  }

  // Waits a little; the first socket that is connected, or a closed one.
  base::Result<Socket> look() {
    std::vector<pollfd> polled;
    polled.reserve(open_.size());
    for (const Socket& one : open_) {
      polled.push_back({.fd = one.fd(), .events = POLLOUT, .revents = 0});
    }
    auto until = std::min(Clock::now() + kLook, deadline_);
    if (next_ < endpoints_.size()) until = std::min(until, next_at_);
    if (::poll(polled.data(), static_cast<nfds_t>(polled.size()), poll_time(until)) < 0 &&
        errno != EINTR) {
      return base::fail(base::from_errno(errno, "poll"));
    }
    for (std::size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0) continue;
      int number = 0;
      socklen_t size = sizeof number;
      if (::getsockopt(polled[i].fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
      if (number == 0) return std::move(open_[i]);
      note(number);
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return Socket();
  }

  void note(int number) {
    last_error_ = connection_error(number, "connect to " + name_);
    if (last_error_.kind == ErrorKind::kTimeout) last_error_.kind = ErrorKind::kConnectTimeout;
  }

  const std::string name_;
  const ConnectOptions& options_;
  const std::vector<Endpoint> endpoints_;
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
  ROBOSYNC_ASSIGN(Resolved resolved, resolve_until(address, deadline, cancellation));
  Race race(address, options, interleaved(std::move(resolved.endpoints)), deadline);
  return race.run(cancellation);
}

base::Result<StreamPtr> connect_tcp(const Address& address, const ConnectOptions& options,
                                    const base::Cancellation& cancellation) {
  ROBOSYNC_ASSIGN(Socket socket, connect_socket(address, options, cancellation));
  return stream_over_socket(std::move(socket));
}

std::string peer_name(const Socket& socket) {
  Endpoint endpoint;
  endpoint.size = sizeof endpoint.address;
  if (::getpeername(socket.fd(), reinterpret_cast<sockaddr*>(&endpoint.address), &endpoint.size) !=
      0) {
    return "socket";
  }
  const auto address = address_of(endpoint);
  return address ? address->text() : "socket";
}

struct Listener::State {
  std::vector<Socket> sockets;
  std::unique_ptr<Waker> waker;
};

namespace {

base::Result<Socket> listen_on(const Endpoint& endpoint, const std::string& name) {
  ROBOSYNC_ASSIGN(Socket made, new_socket(endpoint.family()));
  const int on = 1;
  static_cast<void>(::setsockopt(made.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  if (endpoint.family() == AF_INET6) {
    // IPv4 has a socket of its own, so that peers have their own names and both can be bound.
    static_cast<void>(::setsockopt(made.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  }
  if (::bind(made.fd(), endpoint.get(), endpoint.size) != 0 || ::listen(made.fd(), kBacklog) != 0) {
    return base::fail(connection_error(errno, "listen on " + name));
  }
  return made;
}

}  // namespace

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

base::Result<Listener> Listener::bind(std::span<const Address> addresses) {
  std::vector<Socket> sockets;
  for (const Address& address : addresses) {
    const Resolved resolved = resolve(address, AI_PASSIVE);
    if (resolved.error != 0) return base::fail(resolve_error(address, resolved.error));
    std::size_t bound = 0;
    for (const Endpoint& endpoint : resolved.endpoints) {
      auto made = listen_on(endpoint, address.text());
      // A machine without IPv6 still lists its wildcard.
      const bool last = &endpoint == &resolved.endpoints.back();
      if (!made && address.host.empty() && (!last || bound != 0) &&
          made.error().code.value() == EAFNOSUPPORT) {
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
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(socket.fd(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
        listens == 0) {
      return base::fail(base::make_error(ErrorKind::kInvalid, "adopt: not a listening socket"));
    }
    static_cast<void>(::fcntl(socket.fd(), F_SETFD, FD_CLOEXEC));
    ROBOSYNC_TRY(set_non_blocking(socket.fd()));
  }
  auto state = std::make_unique<State>();
  ROBOSYNC_ASSIGN(state->waker, Waker::make());
  state->sockets = std::move(sockets);
  return Listener(std::move(state));
}

base::Result<Socket> Listener::accept() {
  std::vector<pollfd> polled = {{.fd = state_->waker->fd(), .events = POLLIN, .revents = 0}};
  for (const Socket& one : state_->sockets) {
    polled.push_back({.fd = one.fd(), .events = POLLIN, .revents = 0});
  }
  while (true) {
    if (::poll(polled.data(), static_cast<nfds_t>(polled.size()), -1) < 0) {
      if (errno == EINTR) continue;
      return base::fail(base::from_errno(errno, "poll"));
    }
    if (polled[0].revents != 0) {
      return base::fail(base::make_error(ErrorKind::kCancelled, "the listener was stopped"));
    }
    // What has been looked at goes to the end, so that no address starves another.
    for (std::size_t i = 1; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      Socket accepted(::accept(polled[i].fd, nullptr, nullptr));
      if (accepted.is_open()) {
        static_cast<void>(::fcntl(accepted.fd(), F_SETFD, FD_CLOEXEC));
        std::ranges::rotate(state_->sockets,
                            state_->sockets.begin() + static_cast<std::ptrdiff_t>(i - 1) + 1);
        return accepted;
      }
      // A connection that broke before it was taken is no fault of the listener's.
      base::Error error = connection_error(errno, "accept");
      if (error.kind == ErrorKind::kLimit || errno == EBADF || errno == EINVAL ||
          errno == ENOTSOCK) {
        return base::fail(std::move(error));
      }
    }
  }
}

void Listener::stop() { state_->waker->wake(); }

std::vector<Address> Listener::addresses() const {
  std::vector<Address> found;
  for (const Socket& socket : state_->sockets) {
    Endpoint endpoint;
    endpoint.size = sizeof endpoint.address;
    if (::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&endpoint.address),
                      &endpoint.size) != 0) {
      continue;
    }
    if (auto address = address_of(endpoint)) found.push_back(std::move(*address));
  }
  return found;
}

}  // namespace robosync::net
