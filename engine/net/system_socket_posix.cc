#include "engine/net/system_socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/net/waiting.h"

namespace robosync::net {

using base::ErrorKind;

namespace {

const sockaddr* plain(const Endpoint& endpoint) {
  return reinterpret_cast<const sockaddr*>(endpoint.bytes.data());
}

std::optional<Endpoint> asked(const Socket& socket, int (*ask)(int, sockaddr*, socklen_t*)) {
  Endpoint endpoint;
  socklen_t size = sizeof endpoint.bytes;
  auto* address = reinterpret_cast<sockaddr*>(endpoint.bytes.data());
  if (ask(socket.fd(), address, &size) != 0) return std::nullopt;
  endpoint.size = size;
  endpoint.family = address->sa_family;
  return endpoint;
}

}  // namespace

std::optional<Address> address_of(const Endpoint& endpoint) {
  if (endpoint.family != AF_INET && endpoint.family != AF_INET6) return std::nullopt;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(plain(endpoint), static_cast<socklen_t>(endpoint.size), host.data(),
                    host.size(), port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return std::nullopt;
  }
  return Address{.host = host.data(),
                 .port = static_cast<std::uint16_t>(std::strtoul(port.data(), nullptr, 10))};
}

base::Result<std::vector<Endpoint>> resolve(const Address& address, Lookup how) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  if (how == Lookup::kNumeric) hints.ai_flags |= AI_NUMERICHOST;
  if (how == Lookup::kAny) hints.ai_flags |= AI_ADDRCONFIG;
  if (how == Lookup::kPassive) hints.ai_flags |= AI_PASSIVE;
  addrinfo* list = nullptr;
  const int fault = ::getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                  std::to_string(address.port).c_str(), &hints, &list);
  if (fault != 0) {
    return base::fail(base::make_error(ErrorKind::kConnection,
                                       "resolve " + address.host + ": " + ::gai_strerror(fault)));
  }
  std::vector<Endpoint> found;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    if (found.size() == kResolvedMax) break;
    Endpoint endpoint;
    if (one->ai_addrlen > sizeof endpoint.bytes) continue;
    std::memcpy(endpoint.bytes.data(), one->ai_addr, one->ai_addrlen);
    endpoint.size = one->ai_addrlen;
    endpoint.family = one->ai_family;
    found.push_back(endpoint);
  }
  ::freeaddrinfo(list);
  return found;
}

std::optional<Endpoint> local_endpoint(const Socket& socket) {
  return asked(socket, [](int fd, sockaddr* address, socklen_t* size) {
    return ::getsockname(fd, address, size);
  });
}

std::optional<Endpoint> peer_endpoint(const Socket& socket) {
  return asked(socket, [](int fd, sockaddr* address, socklen_t* size) {
    return ::getpeername(fd, address, size);
  });
}

base::Result<void> set_non_blocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
    return base::fail(base::from_errno(errno, "set non-blocking"));
  }
  return {};
}

base::Result<void> set_not_inherited(int fd) {
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) return {};
  return base::fail(base::from_errno(errno, "set close-on-exec"));
}

void set_tcp_defaults(int fd) {
  const int on = 1;
  static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on));
}

#ifdef TCP_CONGESTION
base::Result<void> set_congestion(int fd, const std::string& name) {
  if (::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                   static_cast<socklen_t>(name.size())) == 0) {
    return {};
  }
  base::Error error = base::from_errno(errno, "congestion control " + name);
  error.kind = ErrorKind::kUnsupported;
  return base::fail(std::move(error));
}
#else  // macOS chooses by itself
base::Result<void> set_congestion(int /*fd*/, const std::string& name) {
  return base::fail(base::make_error(ErrorKind::kUnsupported, "congestion control " + name));
}
#endif

base::Result<Socket> new_socket(int family, Transport transport) {
  Socket made(::socket(family, transport == Transport::kDatagram ? SOCK_DGRAM : SOCK_STREAM, 0));
  if (!made.is_open()) return base::fail(connection_error(errno, "socket"));
  ROBOSYNC_TRY(set_not_inherited(made.fd()));
  ROBOSYNC_TRY(set_non_blocking(made.fd()));
  return made;
}

base::Result<bool> begin_connect(const Socket& socket, const Endpoint& endpoint) {
  if (::connect(socket.fd(), plain(endpoint), static_cast<socklen_t>(endpoint.size)) == 0) {
    return true;
  }
  if (errno == EINPROGRESS || errno == EINTR) return false;
  return base::fail(connection_error(errno, "connect"));
}

base::Result<bool> end_connect(const Socket& socket, bool ready) {
  if (!ready) return false;
  int number = 0;
  socklen_t size = sizeof number;
  if (::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
  if (number == 0) return true;
  return base::fail(connection_error(number, "connect"));
}

base::Result<Socket> listen_on(const Endpoint& endpoint, const std::string& name) {
  ROBOSYNC_ASSIGN(Socket made, new_socket(endpoint.family));
  const int on = 1;
  static_cast<void>(::setsockopt(made.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  if (endpoint.family == AF_INET6) {
    // IPv4 has a socket of its own, so that peers have their own names and both can be bound.
    static_cast<void>(::setsockopt(made.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  }
  if (::bind(made.fd(), plain(endpoint), static_cast<socklen_t>(endpoint.size)) != 0 ||
      ::listen(made.fd(), kBacklog) != 0) {
    return base::fail(connection_error(errno, "listen on " + name));
  }
  return made;
}

bool lacks_family(const base::Error& error) { return error.code.value() == EAFNOSUPPORT; }

bool is_listening(const Socket& socket) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return ::getsockopt(socket.fd(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

base::Result<Socket> accept_on(int fd) {
  Socket accepted(::accept(fd, nullptr, nullptr));
  if (!accepted.is_open()) {
    base::Error error = connection_error(errno, "accept");
    const bool ours = errno == EBADF || errno == EINVAL || errno == ENOTSOCK;
    if (error.kind != ErrorKind::kLimit && !ours) error.kind = ErrorKind::kTransient;
    return base::fail(std::move(error));
  }
  ROBOSYNC_TRY(set_not_inherited(accepted.fd()));
  return accepted;
}

}  // namespace robosync::net
