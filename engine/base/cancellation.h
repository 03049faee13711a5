// Cancellation: one flag that every wait and every chunk of a run looks at.
#pragma once

#include <atomic>

namespace robosync::base {

// Set by a signal handler or another thread (async-signal-safe); never taken back.
class Cancellation {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept {
    return requested_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> requested_{false};
};

}  // namespace robosync::base
