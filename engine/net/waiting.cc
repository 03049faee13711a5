#include "engine/net/waiting.h"

#include <algorithm>
#include <array>

namespace robosync::net {

int poll_time(std::optional<Clock::time_point> deadline) {
  constexpr std::chrono::milliseconds kPollMax = std::chrono::minutes(1);
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kPollMax).count());
}

base::Result<Wait> wait_for(int fd, Until until, const Waker& waker,
                            std::optional<Clock::time_point> deadline) {
  std::array<Polled, 2> polled = {Polled{.fd = fd, .until = until}, Polled{.fd = waker.fd()}};
  while (true) {
    ROBOSYNC_TRY(poll_any(polled, deadline));
    if (polled[1].ready) return Wait::kWoken;
    if (polled[0].ready) return Wait::kReady;
    if (deadline && Clock::now() >= *deadline) return Wait::kTimeout;
  }
}

}  // namespace robosync::net
