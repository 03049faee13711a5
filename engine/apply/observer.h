// Observer: who is told what happens during a run.
#pragma once

#include <cstdint>
#include <string>

#include "engine/apply/events.h"
#include "engine/tree/entry.h"

namespace robosync::apply {

// Receives what happens. Calls come from several threads, one at a time (the engine serialises
// them); they must return quickly and must not call back into the engine.
class Observer {
 public:
  virtual ~Observer() = default;
  // Asked once, before the run: whether each event is wanted, unchanged entries included or not.
  enum class Wants : std::uint8_t { kNothing, kChanges, kEverything };
  [[nodiscard]] virtual Wants wants_events() const { return Wants::kNothing; }
  // Whether on_progress should be called (costs a second listing of the source for the total).
  [[nodiscard]] virtual bool wants_progress() const { return false; }
  virtual void on_event(const Event&) {}
  virtual void on_problem(const tree::Problem&) {}
  virtual void on_warning(const std::string&) {}
  virtual void on_progress(const Progress&) {}
  // Asked once, after the scan is known to be complete and before the first deletion; false
  // withholds all deletions (Outcome::kGuarded). Not asked in a dry run.
  struct PlannedDeletions {
    std::uint64_t entries = 0;         // what is about to be deleted, subtrees included
    std::uint64_t target_entries = 0;  // everything the target held when it was listed
  };
  [[nodiscard]] virtual bool confirm_deletions(const PlannedDeletions&) { return true; }
};

}  // namespace robosync::apply
