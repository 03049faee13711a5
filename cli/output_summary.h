// The end of a run for people: a summary and, where there was trouble, what it was.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/output_sink.h"

namespace robosync::cli {

enum class Detail : std::uint8_t { kShort, kAll };

// Several lines, each ended. REQUIRES: the run began.
[[nodiscard]] std::string summary_text(const RunEnd& end, Detail detail);

// What the user has to know about an end that is not a success; no line ends.
[[nodiscard]] std::vector<std::string> trouble_lines(const RunEnd& end);

// Bytes per second of what the verb is about: copied, or for verify read.
[[nodiscard]] double rate_of(Verb verb, const Report& report);

}  // namespace robosync::cli
