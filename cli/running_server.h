// RunningServer: the daemon's server for who is told to stop it and did not start it, as the system
// tells a console program or a service of Windows.
//
// Any thread. The server must not go while it is told: it is let go of under the lock that stop()
// holds.
#pragma once

#include "engine/base/mutex.h"
#include "engine/daemon/threaded_server.h"

namespace robosync::cli {

class RunningServer {
 public:
  // As long as this lives stop() reaches `server`, which lives longer.
  class Serving {
   public:
    Serving(RunningServer& running, daemon::ThreadedServer& server);
    ~Serving();
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

   private:
    RunningServer& running_;
  };

  enum class Sessions { kMayFinish, kAreCut };

  // Nothing when there is none.
  void stop(Sessions sessions) ROBOSYNC_EXCLUDES(mutex_);

 private:
  void set(daemon::ThreadedServer* server) ROBOSYNC_EXCLUDES(mutex_);

  base::Mutex mutex_;
  daemon::ThreadedServer* server_ ROBOSYNC_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace robosync::cli
