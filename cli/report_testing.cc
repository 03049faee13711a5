#include "cli/report_testing.h"

#include "cli/output_counters.h"

namespace robosync::cli {

Report busy_report() {
  Report report;
  std::uint64_t next = 1001;
  for (const KindCounter& counter : kind_counters()) {
    report.counters.*counter.field = {next, next + 1, next + 2, next + 3};
    next += 4;
  }
  for (const PlainCounter& counter : plain_counters()) {
    report.counters.*counter.field = counter.unit == CounterUnit::kBytes ? next * 1'000'000 : next;
    ++next;
  }
  report.problem_count = 3;
  report.outcome = Outcome::kPartial;
  report.elapsed = std::chrono::milliseconds(2500);
  return report;
}

Report idle_report() {
  Report report;
  report.counters.scanned = {3, 2, 1, 0};
  report.counters.unchanged = {3, 2, 1, 0};
  report.counters.source_bytes = 4096;
  report.elapsed = std::chrono::milliseconds(12);
  return report;
}

}  // namespace robosync::cli
