// Reports for tests: small ones built cell by cell, and one that looks like a full run on a real
// machine, for the formats and the pages. Values only; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/report/model.h"

namespace robosync::parity {

// A valid cell of 1000 files and 4096000 bytes with these wall times, on localhost, route local.
[[nodiscard]] Cell timed_cell(std::string_view tool, std::string_view dataset,
                              std::string_view phase, const std::vector<double>& wall_s);

[[nodiscard]] CheckResult check_result(std::string_view check, std::string_view tool,
                                       CheckOutcome outcome, std::string_view detail = "");

// Every kind of content there can be: tools and links that are missing, invalid and unavailable
// cells, all check outcomes, texts that are not UTF-8 and texts that would be markup.
[[nodiscard]] Report sample_report();

// sample_report() as a later run would have it: another commit and date, with robosync's wall times
// multiplied by `factor`.
[[nodiscard]] Report sample_report_at(std::string_view started_at, std::string_view commit,
                                      double factor);

}  // namespace robosync::parity
