// Connections over TCP and over pipes: connecting, listening, and the Streams on top.
//
// A Socket owns one file descriptor and nothing else, so that it can be handed to another process.
// connect_tcp() and Listener::accept() belong to one thread each; Listener::stop() may be called
// from any. Both address families everywhere; TCP_NODELAY and keep-alive on, buffers left to the
// kernel. No call raises SIGPIPE. Limits: kConnectTime, kResolvedMax, kListenMax, kBacklog.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/base/result.h"
#include "engine/net/address.h"
#include "engine/net/stream.h"

namespace robosync::net {

inline constexpr std::chrono::milliseconds kConnectTime{15'000};
// A second address is tried beside the first when that has not answered for so long (RFC 8305).
inline constexpr std::chrono::milliseconds kNextAddressAfter{250};
inline constexpr std::size_t kResolvedMax = 16;  // addresses of one name that are tried
inline constexpr std::size_t kListenMax = 64;    // sockets of one Listener
inline constexpr int kBacklog = 128;

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}  // takes it over
  Socket(Socket&& other) noexcept : fd_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  // The caller closes it.
  [[nodiscard]] int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_ = -1;
};

struct ConnectOptions {
  std::chrono::milliseconds connect_time = kConnectTime;  // name, all addresses and handshake
  std::string congestion;  // "bbr"; empty: the system's choice. kUnsupported if it has none such
};

// All addresses of the host, IPv6 and IPv4 in turn. kConnectTimeout when nobody answered in time,
// kConnection when all refused or the name is unknown, kCancelled.
[[nodiscard]] base::Result<Socket> connect_socket(const Address& address,
                                                  const ConnectOptions& options,
                                                  const base::Cancellation& cancellation);
[[nodiscard]] base::Result<StreamPtr> connect_tcp(const Address& address,
                                                  const ConnectOptions& options,
                                                  const base::Cancellation& cancellation);

// REQUIRES: a connected stream socket. kLimit when there are no more descriptors.
[[nodiscard]] base::Result<StreamPtr> stream_over_socket(Socket socket);
[[nodiscard]] inline base::Result<StreamPtr> stream_over_socket(int fd) {
  return stream_over_socket(Socket(fd));
}
// Pipes, terminals or a socket under both numbers (what sshd gives a command). Both are taken over;
// while the stream lives they are non-blocking, for whoever shares them too. peer() is `name`.
[[nodiscard]] base::Result<StreamPtr> stream_over_pipes(int read_fd, int write_fd,
                                                        std::string name = "pipe");

// "192.0.2.7:9031" of a connected socket's peer, "socket" where it has no such address.
[[nodiscard]] std::string peer_name(const Socket& socket);

class Listener {
 public:
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();

  // Listens on all addresses of all hosts; an empty host is all addresses of the machine. Port 0
  // lets the system choose (see addresses()). The first that fails is the error.
  [[nodiscard]] static base::Result<Listener> bind(std::span<const Address> addresses);
  // Takes over sockets that listen already, from a service manager. kInvalid if one does not.
  [[nodiscard]] static base::Result<Listener> adopt(std::vector<Socket> sockets);

  // Waits for the next connection. kCancelled after stop(); kLimit when descriptors have run out,
  // which may pass: wait a little before the next call. Other faults are not the connection's but
  // the listener's.
  [[nodiscard]] base::Result<Socket> accept();
  // Ends accept(), now and later. Any thread.
  void stop();

  // Where it listens, with the real ports.
  [[nodiscard]] std::vector<Address> addresses() const;

 private:
  struct State;
  explicit Listener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace robosync::net
