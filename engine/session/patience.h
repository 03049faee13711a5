// Patience: how long a server waits for a client that sends, but gets nowhere. A stream's own
// no-progress time is about single bytes; a client that only ever pings, or sends its request byte
// by byte, keeps within it for ever.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "engine/base/mutex.h"
#include "engine/session/channel.h"

namespace robosync::session {

// A request of that many bytes gets a second more: 64 MiB take their time on a slow link.
inline constexpr std::uint64_t kOpeningBytesPerSecondMin = 64 * 1024;

// Zero: without end.
struct Patience {
  // For the client's request, once it was admitted; again for each further connection that it makes
  // afterwards. With a second more for each kOpeningBytesPerSecondMin that have arrived.
  std::chrono::milliseconds opening{0};
  // Without a single byte, in the session.
  std::chrono::milliseconds silent{0};
  // Without a whole frame but heartbeats from either side, in the session. Who reads a large file
  // to compare it, or is stuck in a slow listing, says nothing else meanwhile: it has to be long.
  std::chrono::milliseconds stalled{0};
};

// Ends a session that is over its time with kTimeout. Has a thread of its own, unless there is
// nothing to watch. The channel outlives it.
class Watch {
 public:
  // Begins with the time for the opening.
  Watch(Channel& channel, const Patience& patience);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // So many times as long from now on.
  void opening_takes(unsigned times) { opening_times_ = times; }
  // The session is under way.
  void opened();

 private:
  void watch() ROBOSYNC_EXCLUDES(mutex_);
  // Ends the session if it is time.
  void look();

  Channel& channel_;
  const Patience patience_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::atomic<unsigned> opening_times_{1};
  std::atomic<bool> opened_{false};
  base::Mutex mutex_;
  base::Condition changed_;
  bool ending_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace robosync::session
