#include "engine/apply/ledger.h"

#include <algorithm>

namespace robosync::apply {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(50);

void count(Counters& counters, const Event& event) {
  const tree::Kind kind = event.kind;
  switch (event.action) {
    case Action::kCreated:
      ++counters.created.of(kind);
      break;
    case Action::kUpdated:
      ++counters.updated.of(kind);
      break;
    case Action::kMetadata:
      ++counters.metadata_updated.of(kind);
      break;
    case Action::kUnchanged:
      ++counters.unchanged.of(kind);
      break;
    case Action::kLinked:
      ++counters.linked.of(kind);
      break;
    case Action::kDeleted:
      ++counters.deleted.of(kind);
      break;
    case Action::kSkipped:
      ++counters.skipped.of(kind);
      break;
    case Action::kRemovedFromSource:
      ++counters.removed_from_source;
      break;
    case Action::kDifferent:
      ++counters.different;
      break;
    case Action::kOnlySource:
      ++counters.only_source;
      break;
    case Action::kOnlyTarget:
      ++counters.only_target;
      break;
  }
  const bool content = event.action == Action::kCreated || event.action == Action::kUpdated;
  if (content && kind == tree::Kind::kRegular) counters.transferred_bytes += event.bytes;
}

}  // namespace

void Ledger::record(const Event& event) {
  const base::MutexLock lock(mutex_);
  count(counters_, event);
  if (wants(event.action, event.changes)) observer_.on_event(event);
}

void Ledger::add(const Counters& counters) {
  const base::MutexLock lock(mutex_);
  counters_ += counters;
}

void Ledger::take_back(const tree::Metadata& metadata) {
  const base::MutexLock lock(mutex_);
  --counters_.created.of(metadata.kind);
  ++counters_.failed.of(metadata.kind);
  if (metadata.is_regular()) counters_.transferred_bytes -= metadata.size;
}

void Ledger::problem(std::string path, base::Error error, std::optional<tree::Kind> failed) {
  const base::MutexLock lock(mutex_);
  if (failed) ++counters_.failed.of(*failed);
  ++problem_count_;
  if (error.kind == base::ErrorKind::kNotFound) ++vanished_count_;
  tree::Problem problem{std::move(path), std::move(error)};
  observer_.on_problem(problem);
  if (problems_.size() < kKeptProblemsMax) problems_.push_back(std::move(problem));
}

void Ledger::warning(const std::string& text) {
  const base::MutexLock lock(mutex_);
  observer_.on_warning(text);
}

void Ledger::abort(base::Error error) {
  const base::MutexLock lock(mutex_);
  if (!fatal_) fatal_ = std::move(error);
  aborted_ = true;
}

std::optional<base::Error> Ledger::fatal() const {
  const base::MutexLock lock(mutex_);
  return fatal_;
}

Counters Ledger::counters() const {
  const base::MutexLock lock(mutex_);
  return counters_;
}

void Ledger::progress(std::uint64_t entries, std::uint64_t bytes) {
  if (!wants_progress_) return;
  entries_done_ += entries;
  bytes_done_ += bytes;
  tell_progress();
}

void Ledger::total(std::uint64_t entries, std::uint64_t bytes, bool known) {
  if (!wants_progress_) return;
  entries_total_ += entries;
  bytes_total_ += bytes;
  if (known) total_known_ = true;
  tell_progress();
}

void Ledger::tell_progress() {
  const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
  const std::int64_t interval = std::chrono::nanoseconds(kProgressInterval).count();
  std::int64_t last = told_at_ns_.load(std::memory_order_relaxed);
  if (now - last < interval || !told_at_ns_.compare_exchange_strong(last, now)) return;
  Progress progress;
  progress.total_known = total_known_;
  progress.entries_done = entries_done_;
  progress.bytes_done = bytes_done_;
  // What is done is part of the whole, also while the whole is still being counted.
  progress.entries_total = std::max<std::uint64_t>(entries_total_, progress.entries_done);
  progress.bytes_total = std::max<std::uint64_t>(bytes_total_, progress.bytes_done);
  const base::MutexLock lock(mutex_);
  observer_.on_progress(progress);
}

bool Ledger::confirm_deletions(const Observer::PlannedDeletions& planned) {
  const base::MutexLock lock(mutex_);
  return observer_.confirm_deletions(planned);
}

}  // namespace robosync::apply
