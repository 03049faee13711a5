// Reporter: the Observer of a run. Hands every event to all sinks and asks before large deletions.
//
// The engine's calls and tick() may come from different threads; one lock keeps the sinks to one
// call at a time. on_progress() only notes the numbers, tick() shows them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/output_sink.h"
#include "cli/progress_tracker.h"
#include "engine/base/mutex.h"
#include "engine/sync.h"

namespace robosync::cli {

class Reporter final : public Observer {
 public:
  // Time since the run began.
  using Stopwatch = std::function<std::chrono::nanoseconds()>;
  // Puts a question to the user, true for yes. Null: nobody is there to ask, go ahead.
  using Ask = std::function<bool(const PlannedDeletions&)>;

  Reporter(std::vector<std::unique_ptr<Sink>> sinks, Stopwatch stopwatch, Ask ask);

  [[nodiscard]] Wants wants_events() const override;
  [[nodiscard]] bool wants_progress() const override;
  void on_event(const Event& event) override;
  void on_problem(const tree::Problem& problem) override;
  void on_warning(const std::string& message) override;
  void on_progress(const Progress& progress) override;
  [[nodiscard]] bool confirm_deletions(const PlannedDeletions& planned) override;

  // Whether there is anything to show before the end but trouble, which is shown at once.
  [[nodiscard]] bool wants_ticks() const;
  // Shows progress and hands on what is buffered; to be called about ten times per second where
  // wanted.
  void tick();

  // The last call.
  void finish(const Request& request, const base::Result<Report>& result, int exit_code);

 private:
  void show_trouble_at_once() ROBOSYNC_REQUIRES(mutex_);
  [[nodiscard]] bool has_something_to_show() const ROBOSYNC_REQUIRES(mutex_);

  mutable base::Mutex mutex_;
  std::vector<std::unique_ptr<Sink>> sinks_ ROBOSYNC_GUARDED_BY(mutex_);
  ProgressTracker tracker_ ROBOSYNC_GUARDED_BY(mutex_);
  bool declined_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  const Stopwatch stopwatch_;
  const Ask ask_;
};

}  // namespace robosync::cli
