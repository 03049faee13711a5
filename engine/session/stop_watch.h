// StopWatch: takes the wish to stop to a session that waits for its peer.
#pragma once

#include <chrono>
#include <thread>

#include "engine/base/cancellation.h"
#include "engine/base/mutex.h"
#include "engine/session/channel.h"

namespace robosync::session {

// What a peer gets to end in good order once it was told to.
inline constexpr auto kStopGrace = std::chrono::milliseconds(700);

// Tells the peer (kCancel), and after `grace` breaks the connection off; without grace it does that
// at once and tells nothing. Has a thread; both references must outlive it.
class StopWatch {
 public:
  StopWatch(Channel& channel, const base::Cancellation& cancellation,
            std::chrono::milliseconds grace = kStopGrace);
  ~StopWatch();
  StopWatch(const StopWatch&) = delete;
  StopWatch& operator=(const StopWatch&) = delete;

 private:
  void watch(Channel& channel, const base::Cancellation& cancellation) ROBOSYNC_EXCLUDES(mutex_);

  const std::chrono::milliseconds grace_;
  base::Mutex mutex_;
  base::Condition changed_;
  bool ending_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace robosync::session
