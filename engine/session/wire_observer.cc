#include "engine/session/wire_observer.h"

#include <utility>

#include "engine/session/limits.h"
#include "engine/session/report_codec.h"
#include "engine/wire/message.h"

namespace robosync::session {

using wire::Type;

namespace {

constexpr std::size_t kEventsPerBatch = 512;
constexpr std::size_t kBatchBytes = 64 * 1024;

}  // namespace

void WireObserver::on_event(const apply::Event& event) {
  const base::MutexLock lock(batch_mutex_);
  events_.push_back(event);
  bytes_ += event.path.size() + event.link_target.size() + event.reason.size();
  if (events_.size() >= kEventsPerBatch || bytes_ >= kBatchBytes) flush_batch();
}

void WireObserver::flush() {
  const base::MutexLock lock(batch_mutex_);
  flush_batch();
}

void WireObserver::flush_batch() {
  if (events_.empty()) return;
  (void)channel_.send(Type::kEvents, encode_events(events_));
  events_.clear();
  bytes_ = 0;
}

void WireObserver::on_problem(const tree::Problem& problem) {
  flush();
  (void)channel_.send(Type::kProblem, encode_problem(problem));
}

void WireObserver::on_warning(const std::string& text) {
  flush();
  (void)channel_.send(Type::kWarning, text.substr(0, wire::kTextBytesMax));
}

void WireObserver::on_progress(const apply::Progress& progress) {
  flush();
  channel_.post(Type::kProgress, encode_progress(progress));
}

bool WireObserver::confirm_deletions(const PlannedDeletions& planned) {
  flush();
  {
    const base::MutexLock lock(mutex_);
    asked_ = true;
  }
  if (!channel_.send(Type::kConfirm, encode_deletions(planned))) return false;
  const base::MutexLock lock(mutex_);
  while (!answer_ && !cancellation_.requested() && !channel_.fault()) {
    answered_.wait_for(mutex_, kPoll);
  }
  return answer_.value_or(false);
}

base::Result<void> WireObserver::confirmed(bool yes) {
  const base::MutexLock lock(mutex_);
  if (!asked_ || answer_) {
    return base::fail(base::make_error(base::ErrorKind::kProtocol, "an answer to no question"));
  }
  answer_ = yes;
  answered_.notify_all();
  return {};
}

}  // namespace robosync::session
