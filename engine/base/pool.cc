#include "engine/base/pool.h"

#include <iterator>
#include <system_error>
#include <utility>

#include "engine/base/check.h"

namespace robosync::base {

Pool::Pool(unsigned threads) : limit_(threads) { ROBOSYNC_CHECK(threads >= 1); }

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
    while (threads_.size() + guests_ < limit_ &&
           jobs_.size() + running_ > threads_.size() + guests_) {
      threads_.emplace_back([this] { work(); });
    }
  } catch (const std::system_error&) {
    // The system gives no more threads: those there are do the work.
    if (threads_.empty() && guests_ == 0) throw;
  }
}

void Pool::submit(Job job) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    jobs_.push_back(std::move(job));
    try {
      start_threads_for_waiting_jobs();
    } catch (...) {
      jobs_.pop_back();
      throw;
    }
    wake = sleeping_ > 0;
  }
  if (wake) job_added_.notify_one();
}

void Pool::submit(std::vector<Job> jobs) {
  {
    const MutexLock lock(mutex_);
    const auto before = static_cast<std::ptrdiff_t>(jobs_.size());
    jobs_.insert(jobs_.end(), std::make_move_iterator(jobs.begin()),
                 std::make_move_iterator(jobs.end()));
    try {
      start_threads_for_waiting_jobs();
    } catch (...) {
      jobs_.erase(jobs_.begin() + before, jobs_.end());
      throw;
    }
  }
  job_added_.notify_all();
}

void Pool::wait_idle() {
  const MutexLock lock(mutex_);
  while (!idle()) idle_.wait(mutex_);
}

void Pool::run(Job job) noexcept {
  {
    const MutexLock lock(mutex_);
    ++guests_;
    ++running_;
  }
  for (;;) {
    finish(job);
    const MutexLock lock(mutex_);
    while (jobs_.empty() && running_ > 0) {
      ++sleeping_;
      job_added_.wait(mutex_);
      --sleeping_;
    }
    if (jobs_.empty()) {
      --guests_;
      return;
    }
    job = take();
  }
}

Pool::Job Pool::take() {
  Job job = std::move(jobs_.back());
  jobs_.pop_back();
  ++running_;
  return job;
}

void Pool::finish(Job& job) {
  job();
  job = nullptr;  // what it held is released before the pool counts as idle
  const MutexLock lock(mutex_);
  --running_;
  if (!idle()) return;
  idle_.notify_all();
  if (guests_ > 0) job_added_.notify_all();
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
      job = take();
    }
    finish(job);
  }
}

}  // namespace robosync::base
