// PollSet: what one round of the parent's loop waits for. Linux only; one thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "engine/base/result.h"

namespace robosync::daemon {

class PollSet {
 public:
  using Clock = std::chrono::steady_clock;

  // `ready` is called when `fd` can be read (written), or has failed. It must find what it works on
  // anew: another one may have removed it in the same round.
  void on_readable(int fd, std::function<void()> ready);
  void on_writable(int fd, std::function<void()> ready);
  // Wakes the round at `time` at the latest.
  void wake_at(Clock::time_point time);

  [[nodiscard]] base::Result<void> wait_and_call();

 private:
  struct Watched {
    int fd = -1;
    bool writing = false;
    std::function<void()> ready;
  };

  std::vector<Watched> watched_;
  std::optional<Clock::time_point> wake_at_;
};

}  // namespace robosync::daemon
