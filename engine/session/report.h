// Report: what a run came to.
//
// Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/apply/events.h"
#include "engine/apply/ledger.h"
#include "engine/base/error.h"
#include "engine/session/request.h"
#include "engine/tree/entry.h"

namespace robosync {

// How the run ended; decides the exit code.
enum class Outcome : std::uint8_t {
  kOk,
  kDifferent,  // kVerify found differences
  kPartial,    // some entries failed
  kVanished,   // the only trouble: entries vanished from the source while it was read
  kGuarded,    // a delete guard stopped the deletions
  kCancelled,
  kAborted,  // a volume fault or a refusal ended the run: see Report::fatal
};

struct Report {
  std::optional<base::Error> fatal;  // Outcome::kAborted: why
  Outcome outcome = Outcome::kOk;
  Counters counters;
  std::vector<tree::Problem> problems;  // the first kReportedProblemsMax
  std::uint64_t problem_count = 0;
  bool deletions_withheld = false;  // the scan was incomplete, nothing was deleted
  std::chrono::nanoseconds elapsed{0};
};

inline constexpr std::size_t kReportedProblemsMax = 1000;

namespace session {

struct RunEnd;

// Of a run that is over. `cancelled`: the user wanted it to stop.
[[nodiscard]] Report make_report(apply::Ledger& ledger, const RunEnd& end, bool cancelled,
                                 std::chrono::steady_clock::time_point started);

}  // namespace session
}  // namespace robosync
