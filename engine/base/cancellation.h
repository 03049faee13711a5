// Cancellation: one flag that every wait and every chunk of a run looks at.
#pragma once

#include <atomic>

namespace robosync::base {

// Set by a signal handler or another thread (async-signal-safe); never taken back.
class Cancellation {
 public:
  Cancellation() = default;
  // Requested, too, when `outer` is. `outer` must outlive this.
  explicit Cancellation(const Cancellation* outer) : outer_(outer) {}

  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept {
    return requested_.load(std::memory_order_relaxed) || (outer_ != nullptr && outer_->requested());
  }

 private:
  std::atomic<bool> requested_{false};
  const Cancellation* outer_ = nullptr;
};

}  // namespace robosync::base
