// WatchedStream: a Stream whose connection somebody else may cut, whoever owns it by then.
#pragma once

#include <memory>

#include "engine/base/mutex.h"
#include "engine/net/stream.h"

namespace robosync::daemon {

// Outlives the stream. Any thread.
class Cutter {
 public:
  // Every call on the stream that waits, and every later one, fails.
  void cut();
  [[nodiscard]] bool was_cut() const;

 private:
  friend class WatchedStream;
  mutable base::Mutex mutex_;
  net::Stream* stream_ ROBOSYNC_GUARDED_BY(mutex_) = nullptr;
  bool cut_ ROBOSYNC_GUARDED_BY(mutex_) = false;
};

[[nodiscard]] net::StreamPtr watched(net::StreamPtr stream, std::shared_ptr<Cutter> cutter);

}  // namespace robosync::daemon
