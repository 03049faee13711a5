// What this layer cannot do on Windows yet.
#include <utility>

#include "engine/net/socket.h"

namespace robosync::net {
namespace {

base::Error unsupported(const char* what) {
  return base::make_error(base::ErrorKind::kUnsupported,
                          std::string(what) + ": not supported on Windows yet");
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  fd_ = other.release();
  return *this;
}
Socket::~Socket() = default;

base::Result<Socket> connect_socket(const Address& /*address*/, const ConnectOptions& /*options*/,
                                    const base::Cancellation& /*cancellation*/) {
  return base::fail(unsupported("connect"));
}

base::Result<StreamPtr> connect_tcp(const Address& /*address*/, const ConnectOptions& /*options*/,
                                    const base::Cancellation& /*cancellation*/) {
  return base::fail(unsupported("connect"));
}

base::Result<StreamPtr> stream_over_socket(Socket /*socket*/) {
  return base::fail(unsupported("socket"));
}

base::Result<StreamPtr> stream_over_pipes(int /*read_fd*/, int /*write_fd*/, std::string /*name*/) {
  return base::fail(unsupported("pipe"));
}

std::string peer_name(const Socket& /*socket*/) { return "socket"; }

struct Listener::State {};
Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

base::Result<Listener> Listener::bind(std::span<const Address> /*addresses*/) {
  return base::fail(unsupported("listen"));
}
base::Result<Listener> Listener::adopt(std::vector<Socket> /*sockets*/) {
  return base::fail(unsupported("listen"));
}
base::Result<Socket> Listener::accept() { return base::fail(unsupported("listen")); }
void Listener::stop() {}
std::vector<Address> Listener::addresses() const { return {}; }

}  // namespace robosync::net
