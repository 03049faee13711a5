#include "cli/reporter.h"

#include <algorithm>

#include "cli/confirmation.h"

namespace robosync::cli {

Reporter::Reporter(std::vector<std::unique_ptr<Sink>> sinks, Stopwatch stopwatch, Ask ask)
    : sinks_(std::move(sinks)), stopwatch_(std::move(stopwatch)), ask_(std::move(ask)) {}

Observer::Wants Reporter::wants_events() const {
  const base::MutexLock lock(mutex_);
  Wants most = Wants::kNothing;
  for (const auto& sink : sinks_) most = std::max(most, sink->wants_events());
  return most;
}

bool Reporter::wants_progress() const {
  const base::MutexLock lock(mutex_);
  return std::ranges::any_of(sinks_, [](const auto& sink) { return sink->wants_progress(); });
}

void Reporter::on_event(const Event& event) {
  const base::MutexLock lock(mutex_);
  for (const auto& sink : sinks_) sink->event(event);
}

void Reporter::on_problem(const tree::Problem& problem) {
  const base::MutexLock lock(mutex_);
  for (const auto& sink : sinks_) sink->problem(problem);
  show_trouble_at_once();
}

void Reporter::on_warning(const std::string& message) {
  const base::MutexLock lock(mutex_);
  for (const auto& sink : sinks_) sink->warning(message);
  show_trouble_at_once();
}

void Reporter::on_progress(const Progress& progress) {
  const base::MutexLock lock(mutex_);
  tracker_.update(progress);
}

bool Reporter::confirm_deletions(const PlannedDeletions& planned) {
  // The lock is kept while the user thinks: a bar must not be drawn over the question.
  const base::MutexLock lock(mutex_);
  if (!ask_ || !looks_like_a_mistake(planned)) return true;
  for (const auto& sink : sinks_) {
    sink->suspend();
    sink->flush();
  }
  const bool go_ahead = ask_(planned);
  declined_ = !go_ahead;
  return go_ahead;
}

bool Reporter::has_something_to_show() const {
  return std::ranges::any_of(sinks_, [](const auto& sink) {
    return sink->wants_progress() || sink->wants_events() != Wants::kNothing;
  });
}

void Reporter::show_trouble_at_once() {
  if (has_something_to_show()) return;  // the next tick does
  for (const auto& sink : sinks_) sink->flush();
}

bool Reporter::wants_ticks() const {
  const base::MutexLock lock(mutex_);
  return has_something_to_show();
}

void Reporter::tick() {
  const base::MutexLock lock(mutex_);
  const ProgressState state = tracker_.at(stopwatch_());
  for (const auto& sink : sinks_) {
    if (sink->wants_progress()) sink->progress(state);
    sink->flush();
  }
}

void Reporter::finish(const Request& request, const base::Result<Report>& result, int exit_code) {
  const base::MutexLock lock(mutex_);
  const RunEnd end{
      .request = request, .result = result, .exit_code = exit_code, .declined = declined_};
  for (const auto& sink : sinks_) sink->finish(end);
}

}  // namespace robosync::cli
