// What the report says of the machine, and what one should know about it before believing figures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/report/model.h"

namespace robosync::parity {

// A machine whose load average is above this share of its processors before a run is busy.
inline constexpr double kLoadShareMax = 0.5;

// `scratch` is an existing folder. What the system does not tell stays empty.
[[nodiscard]] Environment read_environment(const std::string& scratch);

// The one-minute load average; 0 where there is none.
[[nodiscard]] double load_average();

// The system's own part of read_environment(): host, os, kernel, cpu, processors, memory, file
// system of `scratch`; machine_class without the processors ("linux-x86_64").
void read_system(Environment& environment, const std::string& scratch);

// "now" as RFC 3339 in UTC, to the second.
[[nodiscard]] std::string utc_now();

// Of a robosync binary: "" when it is an optimised build as far as can be seen, else what it is.
[[nodiscard]] std::string build_doubt(const std::string& robosync);

// Sentences that say what is doubtful about a report and what to do about it.
[[nodiscard]] std::vector<std::string> warnings_of(const Report& report);

}  // namespace robosync::parity
