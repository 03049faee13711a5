#include "engine/base/pool.h"

#include <iterator>
#include <system_error>
#include <utility>

#include "engine/base/check.h"

namespace robosync::base {

Pool::Pool(unsigned threads) : limit_(threads) {
  ROBOSYNC_CHECK(threads >= 1);
  const MutexLock lock(mutex_);
  threads_.reserve(threads);
  threads_.emplace_back([this] { work(); });
}

Pool::~Pool() {
  wait_idle();
  std::vector<std::thread> threads;
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    threads = std::move(threads_);
  }
  job_added_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

void Pool::start_threads_for_waiting_jobs() {
  try {
    while (threads_.size() < limit_ && jobs_.size() > threads_.size() - running_)
      threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    return;  // the system gives no more threads: those there are do the work
  }
}

void Pool::submit(Job job) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    jobs_.push_back(std::move(job));
    start_threads_for_waiting_jobs();
    wake = sleeping_ > 0;
  }
  if (wake) job_added_.notify_one();
}

void Pool::submit(std::vector<Job> jobs) {
  {
    const MutexLock lock(mutex_);
    jobs_.insert(jobs_.end(), std::make_move_iterator(jobs.begin()),
                 std::make_move_iterator(jobs.end()));
    start_threads_for_waiting_jobs();
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
