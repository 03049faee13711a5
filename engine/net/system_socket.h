// What this layer asks of the system about sockets, the same everywhere: addresses, connecting,
// listening, and one end of a stream. Internal to this layer; each call on one thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/net/address.h"
#include "engine/net/socket.h"

namespace robosync::net {

// A sockaddr of either family.
struct Endpoint {
  alignas(std::max_align_t) std::array<std::byte, 128> bytes{};
  std::size_t size = 0;
  int family = 0;
};

// kNumeric asks no name server; kPassive is for listening (an empty host is all addresses).
enum class Lookup { kNumeric, kAny, kPassive };

// At most kResolvedMax, in the system's order. kConnection when there are none.
[[nodiscard]] base::Result<std::vector<Endpoint>> resolve(const Address& address, Lookup how);
[[nodiscard]] std::optional<Address> address_of(const Endpoint& endpoint);
[[nodiscard]] std::optional<Endpoint> local_endpoint(const Socket& socket);
[[nodiscard]] std::optional<Endpoint> peer_endpoint(const Socket& socket);

enum class Transport { kConnection, kDatagram };

// Non-blocking, not inherited by children.
[[nodiscard]] base::Result<Socket> new_socket(int family,
                                              Transport transport = Transport::kConnection);
[[nodiscard]] base::Result<void> set_non_blocking(int fd);
[[nodiscard]] base::Result<void> set_not_inherited(int fd);
// TCP_NODELAY and keep-alive; what the system refuses (a UNIX socket) is done without.
void set_tcp_defaults(int fd);
// kUnsupported if the system has none of that name.
[[nodiscard]] base::Result<void> set_congestion(int fd, const std::string& name);

// True when it is connected already, false while it is under way.
[[nodiscard]] base::Result<bool> begin_connect(const Socket& socket, const Endpoint& endpoint);
// How that ended, or false when it has not; `ready` says that the socket can be written to.
[[nodiscard]] base::Result<bool> end_connect(const Socket& socket, bool ready);

[[nodiscard]] base::Result<Socket> listen_on(const Endpoint& endpoint, const std::string& name);
// Whether listen_on() failed since this machine has no such kind of address.
[[nodiscard]] bool lacks_family(const base::Error& error);
[[nodiscard]] bool is_listening(const Socket& socket);
// kTransient: the connection broke before it was taken. kLimit: out of descriptors.
[[nodiscard]] base::Result<Socket> accept_on(int fd);

// One end of a stream: a socket or, on POSIX, any descriptor. Non-blocking while it lives; has its
// former flags when closed.
class StreamEnd {
 public:
  StreamEnd() = default;
  StreamEnd(StreamEnd&&) = default;
  StreamEnd& operator=(StreamEnd&&) = default;
  ~StreamEnd() { close(); }

  [[nodiscard]] static base::Result<StreamEnd> take(Socket fd);
  void close();
  [[nodiscard]] bool is_open() const { return fd_.is_open(); }
  [[nodiscard]] int fd() const { return fd_.fd(); }
  // For two numbers of one socket, which share the flags that `other` has changed before.
  void share_flags(const StreamEnd& other);

  // How many bytes went; nothing where it must be waited for. `peer` is for the message.
  using Count = base::Result<std::optional<std::size_t>>;
  [[nodiscard]] Count receive(std::span<std::byte> out, const std::string& peer);
  // The pieces, from `offset` of the first on; raises no signal.
  [[nodiscard]] Count send(std::span<const std::span<const std::byte>> pieces, std::size_t offset,
                           const std::string& peer);
  [[nodiscard]] base::Result<void> end_output(const std::string& peer);

 private:
  Socket fd_;
  int flags_before_ = 0;
  bool socket_ = false;
};

// `write` is closed where `read` serves both directions.
[[nodiscard]] base::Result<StreamPtr> stream_over_ends(StreamEnd read, StreamEnd write,
                                                       std::string name);

}  // namespace robosync::net
