// Ticker: calls a function again and again on a thread of its own, until it is destroyed.
//
// What is shown has to move even when the engine is busy with one large file and says nothing.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "engine/base/mutex.h"

namespace robosync::cli {

class Ticker {
 public:
  // The first call comes after one interval. REQUIRES: function does not throw.
  Ticker(std::chrono::milliseconds interval, std::function<void()> function);
  // Waits for a call that is going on; none comes afterwards.
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void run();

  const std::chrono::milliseconds interval_;
  const std::function<void()> function_;
  base::Mutex mutex_;
  base::Condition stop_;
  bool stopping_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace robosync::cli
