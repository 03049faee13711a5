// The sections of a report's page, each "" where the report has nothing for it. Pure functions; any
// thread.
#pragma once

#include <string>

#include "harness/report/gate.h"
#include "harness/report/model.h"

namespace robosync::parity {

// The tiles: verdict, how many cells and checks are won and lost.
[[nodiscard]] std::string summary_html(const Report& report, const Verdict* verdict);
// What the gate found, failures in view and notes folded.
[[nodiscard]] std::string findings_html(const Verdict& verdict);
// Checks by tool.
[[nodiscard]] std::string checks_html(const Report& report);
// Ratios to each peer, a chart per link and route.
[[nodiscard]] std::string ratios_html(const Report& report);
// Seconds, throughput and cost per file of every cell, with those that do not score.
[[nodiscard]] std::string cells_html(const Report& report);
// Seconds against files, over the datasets small-10k, small-100k, small-1m.
[[nodiscard]] std::string scaling_html(const Report& report);
// Machine, tools, links, datasets, micro benchmarks.
[[nodiscard]] std::string setup_html(const Report& report);

}  // namespace robosync::parity
