// Throttle: a token bucket that all threads of a run draw from (--bwlimit).
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/base/cancellation.h"
#include "engine/base/mutex.h"

namespace robosync::base {

class Throttle {
 public:
  // bytes_per_second 0: never waits.
  explicit Throttle(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {}

  // Waits until `bytes` may pass, or until cancelled. Any thread.
  void take(std::uint64_t bytes, const Cancellation& cancellation) ROBOSYNC_EXCLUDES(mutex_);

  [[nodiscard]] bool active() const { return rate_ != 0; }
  // The largest amount worth taking at once: about a tenth of a second's worth, at least 4 KiB.
  [[nodiscard]] std::uint64_t piece_bytes() const;

 private:
  const std::uint64_t rate_;
  Mutex mutex_;
  std::chrono::steady_clock::time_point free_at_ ROBOSYNC_GUARDED_BY(mutex_){};
};

}  // namespace robosync::base
