#include "engine/daemon/poll_set_linux.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace robosync::daemon {

void PollSet::on_readable(int fd, std::function<void()> ready) {
  watched_.push_back({fd, false, std::move(ready)});
}

void PollSet::on_writable(int fd, std::function<void()> ready) {
  watched_.push_back({fd, true, std::move(ready)});
}

void PollSet::wake_at(Clock::time_point time) {
  wake_at_ = wake_at_ ? std::min(*wake_at_, time) : time;
}

base::Result<void> PollSet::wait_and_call() {
  std::vector<pollfd> entries;
  entries.reserve(watched_.size());
  for (const Watched& one : watched_) {
    entries.push_back({one.fd, static_cast<short>(one.writing ? POLLOUT : POLLIN), 0});
  }
  int timeout_ms = -1;
  if (wake_at_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*wake_at_ - Clock::now());
    timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
  }
  const int ready = ::poll(entries.data(), entries.size(), timeout_ms);
  if (ready < 0) {
    if (errno == EINTR || errno == EAGAIN) return {};
    return base::fail(base::from_errno(errno, "poll"));
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].revents != 0) watched_[i].ready();
  }
  return {};
}

}  // namespace robosync::daemon
