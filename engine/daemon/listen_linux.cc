#include "engine/daemon/listen_linux.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

namespace robosync::daemon {
namespace {

constexpr int kBacklog = 128;
constexpr int kFirstActivatedFd = 3;

base::Result<Endpoint> endpoint_of(const sockaddr_storage& storage) {
  Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof(v4));
    endpoint.address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
    std::memcpy(endpoint.address.bytes.data() + 12, &v4.sin_addr, 4);
    endpoint.port = ntohs(v4.sin_port);
    return endpoint;
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof(v6));
    std::memcpy(endpoint.address.bytes.data(), &v6.sin6_addr, 16);
    endpoint.port = ntohs(v6.sin6_port);
    return endpoint;
  }
  return base::fail(base::make_error(base::ErrorKind::kUsage, "not an internet address"));
}

socklen_t fill(const Endpoint& endpoint, sockaddr_storage& storage) {
  if (endpoint.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.bytes.data() + 12, 4);
    std::memcpy(&storage, &v4, sizeof(v4));
    return sizeof(v4);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  std::memcpy(&v6.sin6_addr, endpoint.address.bytes.data(), 16);
  std::memcpy(&storage, &v6, sizeof(v6));
  return sizeof(v6);
}

base::Result<Endpoint> bound_endpoint(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return base::fail(base::from_errno(errno, "ask a socket for its address"));
  }
  return endpoint_of(storage);
}

std::optional<int> number_from_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return {};
  const std::string_view view(text);
  int value = 0;
  const auto [end, fault] = std::from_chars(view.data(), view.data() + view.size(), value);
  if (fault != std::errc() || end != view.data() + view.size()) return {};
  return value;
}

base::Result<Listening> adopt(int fd) {
  Listening out;
  out.socket = Descriptor(fd);
  out.activated = true;
  int listening = 0;
  socklen_t size = sizeof(listening);
  int type = 0;
  socklen_t type_size = sizeof(type);
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0 || type != SOCK_STREAM) {
    return base::fail(base::make_error(base::ErrorKind::kUsage,
                                       fmt::format("socket {} of LISTEN_FDS does not listen", fd)));
  }
  ROBOSYNC_ASSIGN(out.bound, bound_endpoint(fd));
  out.asked = out.bound;
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return base::fail(base::from_errno(errno, "prepare a socket of LISTEN_FDS"));
  }
  return out;
}

}  // namespace

base::Result<Listening> listen_on(const Endpoint& endpoint) {
  const auto failed = [&] {
    return base::fail(base::from_errno(errno, fmt::format("listen on {}", endpoint.text())));
  };
  Listening out;
  out.asked = endpoint;
  const int family = endpoint.address.is_v4() ? AF_INET : AF_INET6;
  out.socket = Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!out.socket) return failed();
  const int on = 1;
  ::setsockopt(out.socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (family == AF_INET6 &&
      ::setsockopt(out.socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) {
    return failed();
  }
  sockaddr_storage storage{};
  const socklen_t size = fill(endpoint, storage);
  if (::bind(out.socket.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0 ||
      ::listen(out.socket.get(), kBacklog) != 0) {
    return failed();
  }
  ROBOSYNC_ASSIGN(out.bound, bound_endpoint(out.socket.get()));
  return out;
}

base::Result<std::vector<Listening>> take_activated_sockets() {
  const auto pid = number_from_environment("LISTEN_PID");
  const auto count = number_from_environment("LISTEN_FDS");
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  std::vector<Listening> out;
  if (!pid || *pid != ::getpid() || !count || *count <= 0) return out;
  if (*count > kActivatedSocketsMax) {
    return base::fail(
        base::make_error(base::ErrorKind::kLimit,
                         fmt::format("LISTEN_FDS has more than {} sockets", kActivatedSocketsMax)));
  }
  for (int fd = kFirstActivatedFd; fd < kFirstActivatedFd + *count; ++fd) {
    ROBOSYNC_ASSIGN(Listening one, adopt(fd));
    out.push_back(std::move(one));
  }
  return out;
}

base::Result<Accepted> accept_from(const Listening& listening) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  Accepted out;
  out.socket = Descriptor(::accept4(listening.socket.get(), reinterpret_cast<sockaddr*>(&storage),
                                    &size, SOCK_CLOEXEC));
  if (!out.socket) {
    const bool used_up = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    // Whatever else it is (a peer that left, a network that went), the next one may do better.
    const auto kind = used_up ? base::ErrorKind::kLimit : base::ErrorKind::kTransient;
    return base::fail(base::Error{kind, {errno, std::generic_category()}, "accept"});
  }
  ROBOSYNC_ASSIGN(out.peer, endpoint_of(storage));
  return out;
}

std::uint64_t waiting_on(const Listening& listening) {
  tcp_info about{};
  socklen_t size = sizeof about;
  // Of a listening socket this field is the length of its queue.
  if (::getsockopt(listening.socket.get(), IPPROTO_TCP, TCP_INFO, &about, &size) != 0) return 0;
  return about.tcpi_unacked;
}

}  // namespace robosync::daemon
