// Pool: a few threads that take jobs newest first. They are started when there is work for them,
// and whoever has nothing else to do can be one of them: a run over one small file starts none.
//
// Newest first walks a tree depth first, so that what waits is bounded by depth times the widest
// directory, not by the tree. Jobs may submit jobs. submit() and wait_idle() from any thread.
#pragma once

#include <cstddef>
#include <thread>
#include <vector>

#include "engine/base/move_only_function.h"
#include "engine/base/mutex.h"

namespace robosync::base {

class Pool {
 public:
  using Job = MoveOnlyFunction<void()>;

  // REQUIRES: threads >= 1.
  explicit Pool(unsigned threads);
  // Waits until all jobs have run, then ends the threads.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Threads that cannot be started are done without. Throws std::system_error if there is none at
  // all; the job is then not submitted.
  void submit(Job job) ROBOSYNC_EXCLUDES(mutex_);
  // Submits all in one go; the last one is taken first.
  void submit(std::vector<Job> jobs) ROBOSYNC_EXCLUDES(mutex_);
  // Returns when no job waits or runs. Not from within a job.
  void wait_idle() ROBOSYNC_EXCLUDES(mutex_);
  // Runs the job here and then, as one of the threads, others, until none waits or runs. A job that
  // throws ends the process, as on the other threads. Not from within a job.
  void run(Job job) noexcept ROBOSYNC_EXCLUDES(mutex_);

  [[nodiscard]] unsigned threads() const { return limit_; }

 private:
  void work() ROBOSYNC_EXCLUDES(mutex_);
  // The newest job; REQUIRES: there is one.
  Job take() ROBOSYNC_REQUIRES(mutex_);
  void finish(Job& job) ROBOSYNC_EXCLUDES(mutex_);
  void start_threads_for_waiting_jobs() ROBOSYNC_REQUIRES(mutex_);
  [[nodiscard]] bool idle() const ROBOSYNC_REQUIRES(mutex_) {
    return running_ == 0 && jobs_.empty();
  }

  const unsigned limit_;
  Mutex mutex_;
  Condition job_added_;
  Condition idle_;
  std::vector<Job> jobs_ ROBOSYNC_GUARDED_BY(mutex_);
  std::size_t running_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  std::size_t sleeping_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  std::size_t guests_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // inside run()
  bool ending_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::base
