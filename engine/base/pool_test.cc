#include "engine/base/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/mutex.h"

namespace robosync::base {
namespace {

using testing::ElementsAre;

// Opens once; whoever comes before waits.
class Gate {
 public:
  void open() {
    {
      const MutexLock lock(mutex_);
      open_ = true;
    }
    opened_.notify_all();
  }
  void pass() {
    const MutexLock lock(mutex_);
    while (!open_) opened_.wait(mutex_);
  }

 private:
  Mutex mutex_;
  Condition opened_;
  bool open_ ROBOSYNC_GUARDED_BY(mutex_) = false;
};

TEST(Pool, RunsEveryJobOnce) {
  for (const unsigned threads : {1U, 2U, 5U}) {
    std::atomic<int> ran{0};
    Pool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int i = 0; i < 1000; ++i) pool.submit([&] { ++ran; });
    pool.wait_idle();
    EXPECT_EQ(ran, 1000);
  }
}

TEST(Pool, TakesTheNewestFirst) {
  std::vector<int> order;  // one thread: no lock needed
  Gate gate;
  Pool pool(1);
  Gate started;
  pool.submit([&] {
    started.open();
    gate.pass();
  });
  started.pass();
  for (int i = 0; i < 3; ++i) pool.submit([&order, i] { order.push_back(i); });
  std::vector<Pool::Job> many;
  for (int i = 3; i < 6; ++i) many.emplace_back([&order, i] { order.push_back(i); });
  pool.submit(std::move(many));
  gate.open();
  pool.wait_idle();
  EXPECT_THAT(order, ElementsAre(5, 4, 3, 2, 1, 0));
}

TEST(Pool, JobsMaySubmitJobs) {
  std::atomic<int> ran{0};
  for (const unsigned threads : {1U, 3U}) {
    ran = 0;
    Pool pool(threads);
    std::function<void(int)> grow = [&](int depth) {
      ++ran;
      if (depth == 0) return;
      for (int i = 0; i < 3; ++i) pool.submit([&grow, depth] { grow(depth - 1); });
    };
    pool.submit([&] { grow(6); });
    pool.wait_idle();
    EXPECT_EQ(ran, (3 * 3 * 3 * 3 * 3 * 3 * 3 - 1) / 2);
  }
}

TEST(Pool, WhoRunsAJobIsOneOfTheThreads) {
  const std::thread::id self = std::this_thread::get_id();
  Pool alone(1);
  int here = 0;
  alone.run([&] {
    EXPECT_EQ(std::this_thread::get_id(), self);
    for (int i = 0; i < 10; ++i) {
      alone.submit([&] { here += std::this_thread::get_id() == self ? 1 : 0; });
    }
  });
  EXPECT_EQ(here, 10) << "one thread is enough, and that is the caller";
  Pool pair(2);
  Gate gate;
  std::atomic<int> inside{0};
  std::atomic<bool> elsewhere{false};
  pair.run([&] {
    for (int i = 0; i < 2; ++i) {
      pair.submit([&] {
        if (std::this_thread::get_id() != self) elsewhere = true;
        if (++inside == 2) gate.open();
        gate.pass();
      });
    }
  });
  EXPECT_EQ(inside, 2) << "run() returns when nothing runs any more";
  EXPECT_TRUE(elsewhere);
  pair.submit([&] { inside = 7; });
  pair.wait_idle();
  EXPECT_EQ(inside, 7) << "and afterwards the pool works on";
}

TEST(Pool, WhoTakesPartWaitsForWhatOthersSubmit) {
  Pool pool(2);
  std::atomic<int> ran{0};
  Gate started;
  pool.run([&] {
    pool.submit([&] {
      started.open();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      for (int i = 0; i < 100; ++i) pool.submit([&] { ++ran; });
    });
    started.pass();  // the other thread has it, and nothing waits
  });
  EXPECT_EQ(ran, 100);
}

TEST(Pool, SeveralThreadsWork) {
  Pool pool(3);
  Gate gate;
  std::atomic<int> inside{0};
  // The last to arrive lets all go: with fewer threads at work, none would.
  for (int i = 0; i < 3; ++i) {
    pool.submit([&] {
      if (++inside == 3) gate.open();
      gate.pass();
    });
  }
  pool.wait_idle();
  EXPECT_EQ(inside, 3);
}

TEST(Pool, IdleMeansThatNothingRunsOrWaits) {
  Pool pool(2);
  pool.wait_idle();
  std::atomic<int> finished{0};
  Gate started;
  pool.submit([&] {
    started.open();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    pool.submit([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ++finished;
    });
    ++finished;
  });
  started.pass();  // from here on nothing waits, but something runs
  pool.wait_idle();
  EXPECT_EQ(finished, 2);
}

TEST(Pool, WhatAJobHeldIsReleasedBeforeThePoolIsIdle) {
  Pool pool(2);
  for (int i = 0; i < 200; ++i) {
    auto held = std::make_shared<int>(1);
    const std::weak_ptr<int> seen = held;
    pool.submit([held = std::move(held)] { EXPECT_EQ(*held, 1); });
    pool.wait_idle();
    ASSERT_TRUE(seen.expired());
  }
}

TEST(Pool, EndsAfterAllJobsHaveRun) {
  std::atomic<int> ran{0};
  {
    Pool pool(2);
    for (int i = 0; i < 100; ++i) pool.submit([&] { ++ran; });
  }
  EXPECT_EQ(ran, 100);
}

TEST(Pool, TakesJobsFromManyThreads) {
  std::atomic<int> ran{0};
  Pool pool(2);
  std::vector<std::thread> callers;
  callers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int j = 0; j < 250; ++j) pool.submit([&] { ++ran; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  pool.wait_idle();
  EXPECT_EQ(ran, 1000);
}

TEST(Mutex, AConditionGivesUpWaitingWhenItsTimeIsOver) {
  Mutex mutex;
  Condition condition;
  const MutexLock lock(mutex);
  const auto begin = std::chrono::steady_clock::now();
  condition.wait_for(mutex, std::chrono::milliseconds(20));
  // It may wake early, without a notification; it must not wait for one.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace robosync::base
