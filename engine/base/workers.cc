#include "engine/base/workers.h"

#include <utility>

namespace robosync::base {

void Workers::submit(Job job) {
  const MutexLock lock(mutex_);
  if (ending_) return;
  jobs_.push_back(std::move(job));
  start_if_due();
  job_added_.notify_one();
}

void Workers::start_if_due() {
  if (ending_ || jobs_.size() <= idle_ || running_ >= limit_) return;
  threads_.emplace_back([this] { work(); });
  ++running_;
}

Workers::Wait::Wait(Workers& workers) : workers_(workers) {
  const MutexLock lock(workers_.mutex_);
  ++workers_.limit_;
  workers_.start_if_due();
}

Workers::Wait::~Wait() {
  const MutexLock lock(workers_.mutex_);
  --workers_.limit_;
  // Whoever is one too many and idle ends.
  workers_.job_added_.notify_all();
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
      while (jobs_.empty() && !ending_ && running_ <= limit_) job_added_.wait(mutex_);
      --idle_;
      if (jobs_.empty() || running_ > limit_) {
        --running_;
        if (!jobs_.empty()) job_added_.notify_one();  // it may have been meant for another
        return;
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace robosync::base
