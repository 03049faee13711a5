// Pool: a few threads that take jobs newest first. All but the first are started when there is work
// for them: a run over one small file pays for one.
//
// Newest first walks a tree depth first, so that what waits is bounded by depth times the widest
// directory, not by the tree. Jobs may submit jobs. submit() and wait_idle() from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "engine/base/mutex.h"

namespace robosync::base {

class Pool {
 public:
  using Job = std::move_only_function<void()>;

  // Of the threads the first is started here; those that cannot be started later are done without.
  // Throws std::system_error if there cannot be one. REQUIRES: threads >= 1.
  explicit Pool(unsigned threads);
  // Waits until all jobs have run, then ends the threads.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void submit(Job job) ROBOSYNC_EXCLUDES(mutex_);
  // Submits all in one go; the last one is taken first.
  void submit(std::vector<Job> jobs) ROBOSYNC_EXCLUDES(mutex_);
  // Returns when no job waits or runs. Not from within a job.
  void wait_idle() ROBOSYNC_EXCLUDES(mutex_);

  [[nodiscard]] unsigned threads() const { return limit_; }

 private:
  void work() ROBOSYNC_EXCLUDES(mutex_);
  void start_threads_for_waiting_jobs() ROBOSYNC_REQUIRES(mutex_);

  const unsigned limit_;
  Mutex mutex_;
  Condition job_added_;
  Condition idle_;
  std::vector<Job> jobs_ ROBOSYNC_GUARDED_BY(mutex_);
  std::size_t running_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  std::size_t sleeping_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  bool ending_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::base
