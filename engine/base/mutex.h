// Mutex, MutexLock, Condition: std's, with the annotations that clang's -Wthread-safety checks.
//
// Fields are marked ROBOSYNC_GUARDED_BY(mutex_); functions that need the lock held are marked
// ROBOSYNC_REQUIRES(mutex_).
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define ROBOSYNC_ATTRIBUTE(x) __attribute__((x))
#else
#define ROBOSYNC_ATTRIBUTE(x)
#endif

#define ROBOSYNC_GUARDED_BY(x) ROBOSYNC_ATTRIBUTE(guarded_by(x))
#define ROBOSYNC_REQUIRES(...) ROBOSYNC_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ROBOSYNC_EXCLUDES(...) ROBOSYNC_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace robosync::base {

class ROBOSYNC_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() ROBOSYNC_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() ROBOSYNC_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

class ROBOSYNC_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ROBOSYNC_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() ROBOSYNC_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class Condition {
 public:
  // Waits for a notification; may wake without one.
  void wait(Mutex& mutex) ROBOSYNC_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  void wait_for(Mutex& mutex, std::chrono::milliseconds time) ROBOSYNC_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_for(lock, time);
    lock.release();
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace robosync::base
