// Waiting for sockets (on POSIX for any descriptor): a wake-up that any thread can give, deadlines,
// errors of connections. Internal to this layer.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/base/result.h"
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
  Socket write_;  // where the system has no pair of one's own, `read_` is written to
  std::atomic<bool> woken_{false};
};

enum class Until { kReadable, kWritable };

struct Polled {
  int fd = -1;
  Until until = Until::kReadable;
  bool ready = false;  // or there is an error or a hang-up to be told of
};

// Waits until one of `polled` is ready or the deadline passes; an interruption may end it, too.
[[nodiscard]] base::Result<void> poll_any(std::span<Polled> polled,
                                          std::optional<Clock::time_point> deadline);

enum class Wait { kReady, kWoken, kTimeout };

[[nodiscard]] base::Result<Wait> wait_for(int fd, Until until, const Waker& waker,
                                          std::optional<Clock::time_point> deadline);

// The time left in milliseconds as poll takes it: rounded up, at most a minute, so that no deadline
// overflows; -1 without one.
[[nodiscard]] int poll_time(std::optional<Clock::time_point> deadline);

// An error of a connection by the system's number: what is not about time-outs or resources of ours
// is kConnection.
[[nodiscard]] base::Error connection_error(int number, std::string context);

}  // namespace robosync::net
