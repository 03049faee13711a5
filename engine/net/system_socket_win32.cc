#include "engine/net/system_socket.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstdlib>
#include <cstring>

#include "engine/base/check.h"
#include "engine/net/waiting.h"

namespace robosync::net {

using base::ErrorKind;

namespace {

// Before the first call of every kind, once for the process.
void start_winsock() {
  static const int kStarted = [] {
    WSADATA data{};
    return ::WSAStartup(MAKEWORD(2, 2), &data);
  }();
  ROBOSYNC_CHECK(kStarted == 0);
}

SOCKET handle(const Socket& socket) { return static_cast<SOCKET>(socket.fd()); }

base::Error last_error(std::string context) {
  return connection_error(::WSAGetLastError(), std::move(context));
}

const sockaddr* plain(const Endpoint& endpoint) {
  return reinterpret_cast<const sockaddr*>(endpoint.bytes.data());
}

std::optional<Endpoint> asked(const Socket& socket, int(WSAAPI* ask)(SOCKET, sockaddr*, int*)) {
  Endpoint endpoint;
  int size = sizeof endpoint.bytes;
  auto* address = reinterpret_cast<sockaddr*>(endpoint.bytes.data());
  if (ask(handle(socket), address, &size) != 0) return std::nullopt;
  endpoint.size = static_cast<std::size_t>(size);
  endpoint.family = address->sa_family;
  return endpoint;
}

void set_option(SOCKET socket, int level, int option) {
  const DWORD on = 1;
  static_cast<void>(
      ::setsockopt(socket, level, option, reinterpret_cast<const char*>(&on), sizeof on));
}

}  // namespace

std::optional<Address> address_of(const Endpoint& endpoint) {
  if (endpoint.family != AF_INET && endpoint.family != AF_INET6) return std::nullopt;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(plain(endpoint), static_cast<int>(endpoint.size), host.data(),
                    static_cast<DWORD>(host.size()), port.data(), static_cast<DWORD>(port.size()),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return std::nullopt;
  }
  return Address{.host = host.data(),
                 .port = static_cast<std::uint16_t>(std::strtoul(port.data(), nullptr, 10))};
}

base::Result<std::vector<Endpoint>> resolve(const Address& address, Lookup how) {
  start_winsock();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  if (how == Lookup::kNumeric) hints.ai_flags |= AI_NUMERICHOST;
  if (how == Lookup::kAny) hints.ai_flags |= AI_ADDRCONFIG;
  if (how == Lookup::kPassive) hints.ai_flags |= AI_PASSIVE;
  addrinfo* list = nullptr;
  const int fault = ::getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                  std::to_string(address.port).c_str(), &hints, &list);
  if (fault != 0) return base::fail(connection_error(fault, "resolve " + address.host));
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
  return asked(socket, ::getsockname);
}

std::optional<Endpoint> peer_endpoint(const Socket& socket) { return asked(socket, ::getpeername); }

base::Result<void> set_non_blocking(int fd) {
  u_long on = 1;
  if (::ioctlsocket(static_cast<SOCKET>(fd), static_cast<long>(FIONBIO), &on) == 0) return {};
  return base::fail(last_error("set non-blocking"));
}

// A child inherits what it is told to, and nothing else (child_process_win32.cc).
base::Result<void> set_not_inherited(int /*fd*/) { return {}; }

void set_tcp_defaults(int fd) {
  set_option(static_cast<SOCKET>(fd), IPPROTO_TCP, TCP_NODELAY);
  set_option(static_cast<SOCKET>(fd), SOL_SOCKET, SO_KEEPALIVE);
}

base::Result<void> set_congestion(int /*fd*/, const std::string& name) {
  return base::fail(base::make_error(
      ErrorKind::kUnsupported,
      "congestion control " + name + ": Windows has one for the whole system (netsh)"));
}

base::Result<Socket> new_socket(int family, Transport transport) {
  start_winsock();
  const SOCKET made =
      ::WSASocketW(family, transport == Transport::kDatagram ? SOCK_DGRAM : SOCK_STREAM, 0, nullptr,
                   0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (made == INVALID_SOCKET) return base::fail(last_error("socket"));
  // Handles have 32 significant bits, whatever their type says.
  Socket owned(static_cast<int>(made));
  ROBOSYNC_TRY(set_non_blocking(owned.fd()));
  return owned;
}

base::Result<bool> begin_connect(const Socket& socket, const Endpoint& endpoint) {
  if (::connect(handle(socket), plain(endpoint), static_cast<int>(endpoint.size)) == 0) return true;
  if (::WSAGetLastError() == WSAEWOULDBLOCK) return false;
  return base::fail(last_error("connect"));
}

// Before Windows 10 2004 a poll does not tell of a refused connection, so it is asked for anyway.
base::Result<bool> end_connect(const Socket& socket, bool ready) {
  int number = 0;
  int size = sizeof number;
  if (::getsockopt(handle(socket), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&number), &size) !=
      0) {
    number = ::WSAGetLastError();
  }
  if (number == 0) return ready;
  return base::fail(connection_error(number, "connect"));
}

base::Result<Socket> listen_on(const Endpoint& endpoint, const std::string& name) {
  ROBOSYNC_ASSIGN(Socket made, new_socket(endpoint.family));
  // What elsewhere is the rule: nobody else can listen here at the same time.
  set_option(handle(made), SOL_SOCKET, SO_EXCLUSIVEADDRUSE);
  // IPv4 has a socket of its own, so that peers have their own names and both can be bound.
  if (endpoint.family == AF_INET6) set_option(handle(made), IPPROTO_IPV6, IPV6_V6ONLY);
  if (::bind(handle(made), plain(endpoint), static_cast<int>(endpoint.size)) != 0 ||
      ::listen(handle(made), kBacklog) != 0) {
    return base::fail(last_error("listen on " + name));
  }
  return made;
}

bool lacks_family(const base::Error& error) { return error.code.value() == WSAEAFNOSUPPORT; }

bool is_listening(const Socket& socket) {
  DWORD listens = 0;
  int size = sizeof listens;
  return ::getsockopt(handle(socket), SOL_SOCKET, SO_ACCEPTCONN, reinterpret_cast<char*>(&listens),
                      &size) == 0 &&
         listens != 0;
}

base::Result<Socket> accept_on(int fd) {
  const SOCKET accepted = ::accept(static_cast<SOCKET>(fd), nullptr, nullptr);
  if (accepted != INVALID_SOCKET) return Socket(static_cast<int>(accepted));
  const int number = ::WSAGetLastError();
  base::Error error = connection_error(number, "accept");
  const bool ours = number == WSAENOTSOCK || number == WSAEINVAL;
  if (error.kind != ErrorKind::kLimit && !ours) error.kind = ErrorKind::kTransient;
  return base::fail(std::move(error));
}

}  // namespace robosync::net
