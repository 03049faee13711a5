#include "engine/base/workers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace robosync::base {
namespace {

constexpr unsigned kThreads = 2;

// Jobs that say how many of them run at once, and end when they are let.
class Held {
 public:
  ~Held() { workers_.stop(); }

  void submit(unsigned count) {
    for (unsigned i = 0; i < count; ++i) workers_.submit([this] { run(); });
  }
  void wait_until_running(unsigned count) {
    const MutexLock lock(mutex_);
    while (running_ < count) changed_.wait(mutex_);
  }
  void let_end(unsigned count) {
    const MutexLock lock(mutex_);
    may_end_ += count;
    changed_.notify_all();
    while (may_end_ > 0) changed_.wait(mutex_);
  }
  [[nodiscard]] unsigned most_at_once() {
    const MutexLock lock(mutex_);
    return most_;
  }
  void forget_most() {
    const MutexLock lock(mutex_);
    most_ = running_;
  }
  [[nodiscard]] Workers& workers() { return workers_; }

 private:
  void run() {
    const MutexLock lock(mutex_);
    most_ = std::max(most_, ++running_);
    changed_.notify_all();
    while (may_end_ == 0) changed_.wait(mutex_);
    --may_end_;
    --running_;
    changed_.notify_all();
  }

  Mutex mutex_;
  Condition changed_;
  unsigned running_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  unsigned most_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  unsigned may_end_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  Workers workers_{kThreads};
};

TEST(WorkersTest, NoMoreRunThanThereMay) {
  Held held;
  held.submit(6);
  held.wait_until_running(kThreads);
  for (unsigned i = 0; i < 4; ++i) {
    held.let_end(1);
    held.wait_until_running(kThreads);
  }
  held.let_end(kThreads);
  EXPECT_EQ(held.most_at_once(), kThreads);
}

TEST(WorkersTest, WhileAJobWaitsOneMoreMayRun) {
  Held held;
  held.submit(8);
  held.wait_until_running(kThreads);
  std::optional<Workers::Wait> waits(held.workers());
  held.wait_until_running(kThreads + 1);
  EXPECT_EQ(held.most_at_once(), kThreads + 1);
  waits.reset();
  // The one too many ends with its job, or another does.
  held.let_end(1);
  held.forget_most();
  for (unsigned i = 0; i < 5; ++i) {
    held.wait_until_running(kThreads);
    held.let_end(1);
  }
  EXPECT_EQ(held.most_at_once(), kThreads);
  held.let_end(kThreads);
}

TEST(WorkersTest, JobsThatWaitAreDroppedAtTheEnd) {
  Held held;
  held.submit(3);
  held.wait_until_running(kThreads);
  held.let_end(kThreads);
  held.wait_until_running(1);
  held.let_end(1);
  held.workers().stop();
  bool ran = false;
  held.workers().submit([&] { ran = true; });
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace robosync::base
