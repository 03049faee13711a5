#include "engine/base/pool.h"

#include <iterator>
#include <utility>

#include "engine/base/check.h"

namespace robosync::base {

Pool::Pool(unsigned threads) {
  ROBOSYNC_CHECK(threads >= 1);
  threads_.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Pool::~Pool() {
  wait_idle();
  {
    const MutexLock lock(mutex_);
    ending_ = true;
  }
  job_added_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::submit(Job job) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    jobs_.push_back(std::move(job));
    wake = sleeping_ > 0;
  }
  if (wake) job_added_.notify_one();
}

void Pool::submit(std::vector<Job> jobs) {
  {
    const MutexLock lock(mutex_);
    jobs_.insert(jobs_.end(), std::make_move_iterator(jobs.begin()),
                 std::make_move_iterator(jobs.end()));
  }
  job_added_.notify_all();
}

void Pool::wait_idle() {
  const MutexLock lock(mutex_);
  while (running_ > 0 || !jobs_.empty()) idle_.wait(mutex_);
}

void Pool::work() {
  for (;;) {
    Job job;
    {
      const MutexLock lock(mutex_);
      while (jobs_.empty() && !ending_) {
        ++sleeping_;
        job_added_.wait(mutex_);
        --sleeping_;
      }
      if (jobs_.empty()) return;
      job = std::move(jobs_.back());
      jobs_.pop_back();
      ++running_;
    }
    job();
    job = nullptr;  // what it held is released before the pool counts as idle
    const MutexLock lock(mutex_);
    --running_;
    if (running_ == 0 && jobs_.empty()) idle_.notify_all();
  }
}

}  // namespace robosync::base
