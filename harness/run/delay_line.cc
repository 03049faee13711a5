#include "harness/run/delay_line.h"

namespace robosync::parity {

// SplitMix64: the same packets are lost whenever the seed is the same.
bool DelayLine::is_lost() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t bits = state_;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  bits ^= bits >> 31U;
  constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
  return static_cast<double>(bits >> 11U) * kUnit < settings_.loss;
}

DelayLine::Fate DelayLine::arrive(std::uint32_t id, std::int64_t now_ns) {
  if (is_lost() || held_.size() >= kHeldPacketsMax) return Fate::kLost;
  held_.push_back({.id = id, .due_ns = now_ns + settings_.delay_ns});
  return Fate::kHeld;
}

std::optional<std::uint32_t> DelayLine::release(std::int64_t now_ns) {
  std::optional<std::uint32_t> last;
  while (!held_.empty() && held_.front().due_ns <= now_ns) {
    last = held_.front().id;
    held_.pop_front();
  }
  return last;
}

}  // namespace robosync::parity
