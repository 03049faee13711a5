#include "engine/session/report.h"

#include <utility>

#include "engine/session/target_run.h"

namespace robosync::session {
namespace {

Outcome outcome_of(const apply::Ledger& ledger, const Report& so_far, const RunEnd& end,
                   bool cancelled) {
  const Counters& counters = so_far.counters;
  if (so_far.fatal) return Outcome::kAborted;
  if (cancelled) return Outcome::kCancelled;
  if (ledger.problem_count() > 0) {
    return ledger.only_vanished() ? Outcome::kVanished : Outcome::kPartial;
  }
  if (end.guarded) return Outcome::kGuarded;
  if (counters.differences() > 0) return Outcome::kDifferent;
  return Outcome::kOk;
}

}  // namespace

Report make_report(apply::Ledger& ledger, const RunEnd& end, bool cancelled,
                   std::chrono::steady_clock::time_point started) {
  Report report;
  report.fatal = ledger.fatal();
  report.counters = ledger.counters();
  report.outcome = outcome_of(ledger, report, end, cancelled);
  report.problems = std::move(ledger.problems());
  report.problem_count = ledger.problem_count();
  report.deletions_withheld = end.deletions_withheld;
  report.elapsed = std::chrono::steady_clock::now() - started;
  return report;
}

}  // namespace robosync::session
