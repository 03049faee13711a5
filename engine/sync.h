// The facade of the engine: one Request in, one Report out.
//
// sync() runs a whole copy, mirror, move or verify and calls the Observer while it goes. Front ends
// (cli/) do nothing but build a Request and show a Report. Nothing here depends on a platform.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

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

// Runs the request. Fails, having changed nothing, when the run could not begin: kUsage, kRefused
// (nested trees, empty source: see Error::context), kNotFound (no source), kPermission. A fault
// that ends a run that has begun (volume full, read-only, gone) is Report::fatal; faults of single
// entries are Report::problems. Blocks until the run is over; several runs may go on at once.
[[nodiscard]] base::Result<Report> sync(const Request& request, Observer& observer,
                                        const Cancellation& cancellation);

// The same on any file system (tests use one in memory).
[[nodiscard]] base::Result<Report> sync_on(fs::FileSystem& file_system, const Request& request,
                                           Observer& observer, const Cancellation& cancellation);

}  // namespace robosync
