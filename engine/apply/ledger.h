// Ledger: the one place where a run writes down what it did, from all its threads.
//
// Counts, passes events and problems on to the Observer (one call at a time), keeps the progress.
// The counters are complete when the last destructive step is over; nothing else counts.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/apply/events.h"
#include "engine/apply/observer.h"
#include "engine/base/mutex.h"
#include "engine/tree/entry.h"

namespace robosync::apply {

inline constexpr std::size_t kKeptProblemsMax = 1000;

class Ledger {
 public:
  explicit Ledger(Observer& observer)
      : observer_(observer),
        wants_(observer.wants_events()),
        wants_progress_(observer.wants_progress()) {}

  // An entry of another kind that is left as it is counts as a change: nobody expects it.
  [[nodiscard]] bool wants(Action action, const plan::Changes& changes = {}) const {
    return wants_ == Observer::Wants::kEverything ||
           (wants_ == Observer::Wants::kChanges &&
            (changes.kind || (action != Action::kUnchanged && action != Action::kSkipped)));
  }
  [[nodiscard]] bool wants_progress() const { return wants_progress_; }

  // What happened to one entry: counts it and tells the observer.
  void record(const Event& event) ROBOSYNC_EXCLUDES(mutex_);
  // Counts many at once (no events).
  void add(const Counters& counters) ROBOSYNC_EXCLUDES(mutex_);
  // An entry that was counted as created turned out not to have arrived: it counts as failed.
  void take_back(const tree::Metadata& metadata) ROBOSYNC_EXCLUDES(mutex_);
  // A fault of one entry. The entry counts as failed when its kind is given.
  void problem(std::string path, base::Error error, std::optional<tree::Kind> failed)
      ROBOSYNC_EXCLUDES(mutex_);
  void warning(const std::string& text) ROBOSYNC_EXCLUDES(mutex_);
  // Ends the run: the first fatal error is kept, workers see aborted().
  void abort(base::Error error) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] bool aborted() const { return aborted_.load(std::memory_order_relaxed); }
  // These can change until the session is over: a connection may be lost at any time, and what
  // was being read for a peer that is gone is still counted.
  [[nodiscard]] std::optional<base::Error> fatal() const ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] Counters counters() const ROBOSYNC_EXCLUDES(mutex_);

  void progress(std::uint64_t entries, std::uint64_t bytes);
  void total(std::uint64_t entries, std::uint64_t bytes, bool known);

  // After the run. REQUIRES: no other thread records any more.
  [[nodiscard]] std::vector<tree::Problem>& problems() { return problems_; }
  [[nodiscard]] std::uint64_t problem_count() const { return problem_count_; }
  [[nodiscard]] bool only_vanished() const { return problem_count_ == vanished_count_; }
  // Asks the observer; see Observer::confirm_deletions.
  [[nodiscard]] bool confirm_deletions(const Observer::PlannedDeletions& planned)
      ROBOSYNC_EXCLUDES(mutex_);

 private:
  void tell_progress() ROBOSYNC_EXCLUDES(mutex_);

  Observer& observer_;
  const Observer::Wants wants_;
  const bool wants_progress_;
  std::atomic<bool> aborted_{false};
  std::atomic<std::uint64_t> entries_done_{0}, bytes_done_{0};
  std::atomic<std::uint64_t> entries_total_{0}, bytes_total_{0};
  std::atomic<bool> total_known_{false};
  std::atomic<std::int64_t> told_at_ns_{0};
  mutable base::Mutex mutex_;
  Counters counters_ ROBOSYNC_GUARDED_BY(mutex_);
  std::vector<tree::Problem> problems_;  // written under mutex_
  std::uint64_t problem_count_ = 0;      // written under mutex_
  std::uint64_t vanished_count_ = 0;     // written under mutex_
  std::optional<base::Error> fatal_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::apply
