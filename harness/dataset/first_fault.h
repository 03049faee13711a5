// FirstFault: what parallel jobs report their errors to. Any thread.
#pragma once

#include <atomic>
#include <optional>
#include <utility>

#include "engine/base/mutex.h"
#include "engine/base/result.h"

namespace robosync::parity {

class FirstFault {
 public:
  // Keeps the error of `result`, if it has one and is the first.
  void note(base::Result<void> result) ROBOSYNC_EXCLUDES(mutex_) {
    if (result) return;
    const base::MutexLock lock(mutex_);
    if (!error_) error_ = std::move(result).error();
    met_ = true;
  }
  // Cheap; true once something was noted.
  [[nodiscard]] bool met() const { return met_; }
  [[nodiscard]] base::Result<void> result() ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    if (error_) return base::fail(*error_);
    return {};
  }

 private:
  std::atomic<bool> met_ = false;
  base::Mutex mutex_;
  std::optional<base::Error> error_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::parity
