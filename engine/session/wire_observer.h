// WireObserver: tells the client at the other end what happens here. Private to session/.
//
// Events travel in batches. Calls come one at a time (the ledger sees to that).
#pragma once

#include <optional>
#include <vector>

#include "engine/apply/observer.h"
#include "engine/base/cancellation.h"
#include "engine/base/mutex.h"
#include "engine/session/channel.h"

namespace robosync::session {

class WireObserver final : public apply::Observer {
 public:
  // All references must outlive the observer.
  WireObserver(Channel& channel, Wants wants, bool wants_progress,
               const base::Cancellation& cancellation)
      : channel_(channel),
        wants_(wants),
        wants_progress_(wants_progress),
        cancellation_(cancellation) {}

  Wants wants_events() const override { return wants_; }
  bool wants_progress() const override { return wants_progress_; }
  void on_event(const apply::Event& event) override ROBOSYNC_EXCLUDES(batch_mutex_);
  void on_problem(const tree::Problem& problem) override;
  void on_warning(const std::string& text) override;
  void on_progress(const apply::Progress& progress) override;
  bool confirm_deletions(const PlannedDeletions& planned) override ROBOSYNC_EXCLUDES(mutex_);

  // The client's answer, from the receiving thread. kProtocol when there is no question.
  [[nodiscard]] base::Result<void> confirmed(bool yes) ROBOSYNC_EXCLUDES(mutex_);
  // What is still in hand. Any thread.
  void flush() ROBOSYNC_EXCLUDES(batch_mutex_);

 private:
  void flush_batch() ROBOSYNC_REQUIRES(batch_mutex_);

  Channel& channel_;
  const Wants wants_;
  const bool wants_progress_;
  const base::Cancellation& cancellation_;

  // The end of a run flushes while the thread that receives may still tell of progress.
  base::Mutex batch_mutex_;
  std::vector<apply::Event> events_ ROBOSYNC_GUARDED_BY(batch_mutex_);
  std::size_t bytes_ ROBOSYNC_GUARDED_BY(batch_mutex_) = 0;

  base::Mutex mutex_;
  base::Condition answered_;
  bool asked_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::optional<bool> answer_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::session
