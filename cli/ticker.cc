#include "cli/ticker.h"

#include <utility>

namespace robosync::cli {

Ticker::Ticker(std::chrono::milliseconds interval, std::function<void()> function)
    : interval_(interval), function_(std::move(function)), thread_([this] { run(); }) {}

Ticker::~Ticker() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

void Ticker::run() {
  auto due = std::chrono::steady_clock::now() + interval_;
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      for (auto now = std::chrono::steady_clock::now(); !stopping_ && now < due;
           now = std::chrono::steady_clock::now()) {
        stop_.wait_for(mutex_, std::chrono::ceil<std::chrono::milliseconds>(due - now));
      }
      if (stopping_) return;
    }
    function_();
    due = std::chrono::steady_clock::now() + interval_;
  }
}

}  // namespace robosync::cli
