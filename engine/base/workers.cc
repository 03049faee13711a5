#include "engine/base/workers.h"

#include <utility>

namespace robosync::base {

void Workers::submit(Job job) {
  const MutexLock lock(mutex_);
  if (ending_) return;
  jobs_.push_back(std::move(job));
  if (jobs_.size() > idle_ && threads_.size() < limit_) {
    threads_.emplace_back([this] { work(); });
  }
  job_added_.notify_one();
}

void Workers::stop() {
  std::vector<std::thread> threads;
  std::deque<Job> dropped;  // destroyed without the lock: a job may own what submits
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    dropped.swap(jobs_);
    threads.swap(threads_);
    job_added_.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
}

void Workers::work() {
  for (;;) {
    Job job;
    {
      const MutexLock lock(mutex_);
      ++idle_;
      while (jobs_.empty() && !ending_) job_added_.wait(mutex_);
      --idle_;
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace robosync::base
