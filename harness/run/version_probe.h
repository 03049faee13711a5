// What the adapters' probes have in common: find the program, ask it for its version.
#pragma once

#include <string>

#include "harness/report/model.h"
#include "harness/run/process.h"

namespace robosync::parity {

// Fills in path, version and availability of `tool`: it is available when `program` is found and
// answers `version_word` with exit code 0.
void probe_version(Tool& tool, Executor& executor, const std::string& program,
                   const std::string& version_word);

// The first line of a text, without the line feed.
[[nodiscard]] std::string first_line(const std::string& text);

}  // namespace robosync::parity
