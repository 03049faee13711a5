#include "cli/progress_tracker.h"

#include <algorithm>
#include <cmath>

namespace robosync::cli {
namespace {

using std::chrono::nanoseconds;

// Rates are taken over this much of the recent past ...
constexpr nanoseconds kWindow = std::chrono::seconds(8);
// ... in samples no closer than this.
constexpr nanoseconds kSampleInterval = std::chrono::milliseconds(200);
// A guess at the remaining time before this is noise.
constexpr nanoseconds kEstimateAfter = std::chrono::milliseconds(1500);
// What an entry costs besides its bytes, in bytes: creating a file takes about as long as copying
// this much, so that trees of small files and of large ones both move evenly.
constexpr double kEntryWorkBytes = 32 * 1024;

double seconds_of(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

void raise(std::uint64_t& value, std::uint64_t to) { value = std::max(value, to); }

}  // namespace

void ProgressTracker::update(const Progress& progress) {
  best_.total_known = best_.total_known || progress.total_known;
  raise(best_.entries_done, progress.entries_done);
  raise(best_.bytes_done, progress.bytes_done);
  // What is done is a part of the total, also when entries appear during the run.
  raise(best_.entries_total, std::max(progress.entries_total, best_.entries_done));
  raise(best_.bytes_total, std::max(progress.bytes_total, best_.bytes_done));
}

double ProgressTracker::work_done() const {
  return static_cast<double>(best_.bytes_done) +
         kEntryWorkBytes * static_cast<double>(best_.entries_done);
}

double ProgressTracker::work_total() const {
  return static_cast<double>(best_.bytes_total) +
         kEntryWorkBytes * static_cast<double>(best_.entries_total);
}

void ProgressTracker::sample(nanoseconds elapsed) {
  if (samples_.empty()) samples_.push_back({});
  if (elapsed - samples_.back().elapsed >= kSampleInterval) {
    samples_.push_back({.elapsed = elapsed, .work = work_done(), .bytes = best_.bytes_done});
  }
  while (samples_.size() > 2 && elapsed - samples_[1].elapsed >= kWindow) samples_.pop_front();
}

ProgressState ProgressTracker::at(nanoseconds elapsed) {
  sample(elapsed);
  const Sample& oldest = samples_.front();
  const double window = seconds_of(elapsed - oldest.elapsed);
  ProgressState state{.total_known = best_.total_known,
                      .entries_done = best_.entries_done,
                      .entries_total = best_.entries_total,
                      .bytes_done = best_.bytes_done,
                      .bytes_total = best_.bytes_total,
                      .elapsed = elapsed};
  if (window > 0) {
    state.bytes_per_second = static_cast<double>(best_.bytes_done - oldest.bytes) / window;
  }
  if (!best_.total_known) return state;
  const double total = work_total();
  const double left = total - work_done();
  const double now = left <= 0 ? 1.0 : work_done() / total;
  fraction_ = std::clamp(now, fraction_, 1.0);
  state.fraction = fraction_;
  // Half what the recent past says, half what the whole run says: neither nervous nor stubborn.
  const double recent = window > 0 ? (work_done() - oldest.work) / window : 0;
  const double overall = elapsed > nanoseconds(0) ? work_done() / seconds_of(elapsed) : 0;
  const double rate = (recent + overall) / 2;
  if (left > 0 && elapsed >= kEstimateAfter && rate > 0) {
    constexpr double kLongest = 100.0 * 86400;
    const double guess = std::min(std::ceil(left / rate), kLongest);
    state.remaining = std::chrono::seconds(static_cast<std::int64_t>(guess));
  }
  return state;
}

}  // namespace robosync::cli
