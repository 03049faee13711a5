// A line that keeps every packet for the same time and loses some: what an emulated long-distance
// link does with packets, without the packets. Times are nanoseconds of any steady clock.
// Pure values; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace robosync::parity {

// More packets than this are not on the line at once: what arrives then is lost, as in a router
// whose buffer is full.
inline constexpr std::size_t kHeldPacketsMax = 200'000;

struct DelaySettings {
  std::int64_t delay_ns = 0;
  double loss = 0;  // share of the packets, 0 to 1
  std::uint64_t seed = 1;
};

class DelayLine {
 public:
  explicit DelayLine(const DelaySettings& settings) : settings_(settings), state_(settings.seed) {}

  enum class Fate : std::uint8_t { kHeld, kLost };
  // REQUIRES: `now_ns` never goes back.
  [[nodiscard]] Fate arrive(std::uint32_t id, std::int64_t now_ns);

  // The last of the packets whose time has come; with it go all that arrived before. Nothing where
  // none is due.
  [[nodiscard]] std::optional<std::uint32_t> release(std::int64_t now_ns);

  [[nodiscard]] bool empty() const { return held_.empty(); }

 private:
  struct Held {
    std::uint32_t id = 0;
    std::int64_t due_ns = 0;
  };

  [[nodiscard]] bool is_lost();

  DelaySettings settings_;
  std::uint64_t state_;
  std::deque<Held> held_;
};

}  // namespace robosync::parity
