// Waiting for file descriptors: a wake-up that any thread can give, deadlines, errors of sockets.
// Internal to the POSIX half of this layer.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/net/address.h"
#include "engine/net/socket.h"

namespace robosync::net {

using Clock = std::chrono::steady_clock;

// Once woken, it stays so: every later wait returns at once.
class Waker {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Waker>> make();
  void wake();
  [[nodiscard]] bool woken() const { return woken_.load(); }
  // Readable when woken.
  [[nodiscard]] int fd() const { return read_.fd(); }

 private:
  Socket read_;
  Socket write_;
  std::atomic<bool> woken_{false};
};

enum class Wait { kReady, kWoken, kTimeout };

// Waits until `fd` has one of `events` (poll's; errors and hang-ups count) or the deadline passes.
// `waker` may be null.
[[nodiscard]] base::Result<Wait> wait_for(int fd, short events, const Waker* waker,
                                          std::optional<Clock::time_point> deadline);

// The time left as poll takes it: rounded up, at most a minute, so that no deadline overflows.
[[nodiscard]] int poll_time(std::optional<Clock::time_point> deadline);

// An errno of a connection: what is not about time-outs or resources of ours is kConnection.
[[nodiscard]] base::Error connection_error(int number, std::string context);

[[nodiscard]] base::Result<void> set_non_blocking(int fd);
// TCP_NODELAY and keep-alive; what the system refuses (a UNIX socket) is done without.
void set_tcp_defaults(int fd);

}  // namespace robosync::net
