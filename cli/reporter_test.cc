#include "cli/reporter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "cli/report_testing.h"
#include "cli/ticker.h"

namespace robosync::cli {
namespace {

using namespace std::chrono_literals;

// Notes what it is told, and that it is told one thing at a time.
class NotingSink final : public Sink {
 public:
  NotingSink(std::string& notes, Observer::Wants wants, bool progress)
      : notes_(notes), wants_(wants), progress_(progress) {}

  [[nodiscard]] Observer::Wants wants_events() const override { return wants_; }
  [[nodiscard]] bool wants_progress() const override { return progress_; }
  void event(const Event& event) override { note("event " + event.path); }
  void problem(const tree::Problem& problem) override { note("problem " + problem.path); }
  void warning(const std::string& message) override { note("warning " + message); }
  void progress(const ProgressState& state) override {
    note("progress " + std::to_string(state.bytes_done));
  }
  void suspend() override { note("suspend"); }
  void flush() override { note("flush"); }
  void finish(const RunEnd& end) override {
    note("finish " + std::to_string(end.exit_code) + (end.declined ? " declined" : ""));
  }

 private:
  void note(const std::string& what) {
    EXPECT_FALSE(busy_.exchange(true)) << "two calls at once";
    notes_ += what + "\n";
    busy_ = false;
  }

  std::string& notes_;
  Observer::Wants wants_;
  bool progress_;
  std::atomic<bool> busy_{false};
};

class Reporting : public testing::Test {
 protected:
  Reporter reporter(Reporter::Ask ask = {}, Observer::Wants wants = Observer::Wants::kChanges,
                    bool progress = true) {
    std::vector<std::unique_ptr<Sink>> sinks;
    sinks.push_back(std::make_unique<NotingSink>(notes_, wants, progress));
    return {std::move(sinks), [] { return 1s; }, std::move(ask)};
  }

  std::string notes_;
};

TEST_F(Reporting, EverySinkIsTold) {
  std::string second;
  std::vector<std::unique_ptr<Sink>> sinks;
  sinks.push_back(std::make_unique<NotingSink>(notes_, Observer::Wants::kNothing, false));
  sinks.push_back(std::make_unique<NotingSink>(second, Observer::Wants::kEverything, true));
  Reporter both(std::move(sinks), [] { return 1s; }, {});
  EXPECT_EQ(both.wants_events(), Observer::Wants::kEverything);
  EXPECT_TRUE(both.wants_progress());
  both.on_event({.path = "a"});
  both.on_problem({"b", {}});
  both.on_warning("w");
  both.on_progress({.bytes_done = 7});
  both.tick();
  const base::Result<Report> result = idle_report();
  both.finish({}, result, 3);
  EXPECT_EQ(notes_, "event a\nproblem b\nwarning w\nflush\nfinish 3\n");
  EXPECT_EQ(second, "event a\nproblem b\nwarning w\nprogress 7\nflush\nfinish 3\n");
}

TEST_F(Reporting, WithNothingToShowTroubleIsShownAtOnce) {
  Reporter quiet = reporter({}, Observer::Wants::kNothing, false);
  EXPECT_FALSE(quiet.wants_ticks());
  quiet.on_problem({"b", {}});
  quiet.on_warning("w");
  EXPECT_EQ(notes_, "problem b\nflush\nwarning w\nflush\n");
  EXPECT_TRUE(reporter({}, Observer::Wants::kNothing, true).wants_ticks());
  EXPECT_TRUE(reporter({}, Observer::Wants::kChanges, false).wants_ticks());
}

TEST_F(Reporting, AsksOnlyWhereItLooksLikeAMistake) {
  int questions = 0;
  Reporter asking = reporter([&](const Observer::PlannedDeletions& planned) {
    ++questions;
    EXPECT_EQ(planned.entries, 20U);
    return true;
  });
  EXPECT_TRUE(asking.confirm_deletions({.entries = 5, .target_entries = 5}));
  EXPECT_EQ(questions, 0);
  EXPECT_TRUE(asking.confirm_deletions({.entries = 20, .target_entries = 25}));
  EXPECT_EQ(questions, 1);
  EXPECT_EQ(notes_, "suspend\nflush\n") << "the terminal is clean before the question";
}

TEST_F(Reporting, ADeclinedQuestionIsRemembered) {
  Reporter asking = reporter([](const Observer::PlannedDeletions&) { return false; });
  EXPECT_FALSE(asking.confirm_deletions({.entries = 20, .target_entries = 25}));
  const base::Result<Report> result = idle_report();
  asking.finish({}, result, 25);
  EXPECT_EQ(notes_, "suspend\nflush\nfinish 25 declined\n");
}

TEST_F(Reporting, NobodyToAskMeansGoAhead) {
  Reporter silent = reporter();
  EXPECT_TRUE(silent.confirm_deletions({.entries = 20, .target_entries = 20}));
  EXPECT_EQ(notes_, "");
}

TEST_F(Reporting, TicksAndEventsFromSeveralThreads) {
  Reporter busy = reporter();
  {
    const Ticker ticker(1ms, [&] { busy.tick(); });
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (std::uint64_t k = 0; k < 2000; ++k) {
          busy.on_event({.path = "x"});
          busy.on_progress({.bytes_done = k});
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_GE(notes_.size(), 6000 * std::string("event x\n").size());
}

TEST(Ticker, TicksUntilItIsDestroyed) {
  std::atomic<int> ticks{0};
  {
    const Ticker ticker(1ms, [&] { ++ticks; });
    while (ticks < 3) std::this_thread::yield();
  }
  const int then = ticks;
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(ticks, then);
}

TEST(Ticker, EndsAtOnceWhateverTheInterval) {
  const auto start = std::chrono::steady_clock::now();
  {
    const Ticker ticker(1h, [] { ADD_FAILURE() << "an hour is not over"; });
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

}  // namespace
}  // namespace robosync::cli
