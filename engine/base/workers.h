// Workers: a few threads that take jobs oldest first, for work whose order is the peer's (Pool
// takes the newest). Threads are started as they are needed.
#pragma once

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "engine/base/move_only_function.h"
#include "engine/base/mutex.h"

namespace robosync::base {

class Workers {
 public:
  using Job = MoveOnlyFunction<void()>;

  // REQUIRES: threads >= 1.
  explicit Workers(unsigned threads) : limit_(threads) {}
  // Drops the jobs that wait, then ends the threads once the running ones are done.
  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Any thread. After stop() the job is dropped.
  void submit(Job job) ROBOSYNC_EXCLUDES(mutex_);
  // Not from within a job.
  void stop() ROBOSYNC_EXCLUDES(mutex_);

  // While it lives a job waits for something that other jobs may have to make possible: one more
  // of them may run.
  class Wait {
   public:
    explicit Wait(Workers& workers);
    ~Wait();
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    Workers& workers_;
  };

 private:
  void work() ROBOSYNC_EXCLUDES(mutex_);
  // Starts a thread where a job waits and one more may run.
  void start_if_due() ROBOSYNC_REQUIRES(mutex_);

  Mutex mutex_;
  Condition job_added_;
  std::deque<Job> jobs_ ROBOSYNC_GUARDED_BY(mutex_);
  unsigned limit_ ROBOSYNC_GUARDED_BY(mutex_);
  unsigned running_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // threads that have not ended
  std::size_t idle_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  bool ending_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::base
