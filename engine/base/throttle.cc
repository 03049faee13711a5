#include "engine/base/throttle.h"

#include <algorithm>
#include <thread>

namespace robosync::base {

using Clock = std::chrono::steady_clock;

void Throttle::take(std::uint64_t bytes, const Cancellation& cancellation) {
  if (rate_ == 0) return;
  Clock::time_point until;
  {
    const MutexLock lock(mutex_);
    const auto now = Clock::now();
    // An idle bucket saves up nothing: the limit holds over any short while.
    if (free_at_ < now) free_at_ = now;
    until = free_at_;
    const double seconds = static_cast<double>(bytes) / static_cast<double>(rate_);
    free_at_ += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }
  constexpr auto kNap = std::chrono::milliseconds(50);
  while (!cancellation.requested()) {
    const auto now = Clock::now();
    if (now >= until) return;
    std::this_thread::sleep_for(std::min<Clock::duration>(until - now, kNap));
  }
}

std::uint64_t Throttle::piece_bytes() const {
  constexpr std::uint64_t kPieceMin = 4096;
  constexpr std::uint64_t kPieceMax = 1024 * 1024;
  return std::clamp(rate_ / 10, kPieceMin, kPieceMax);
}

}  // namespace robosync::base
