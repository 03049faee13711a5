// Progress as text: a bar that fits a terminal, or a plain line for a log.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "cli/progress_tracker.h"

namespace robosync::cli {

// "[=====>    ]  43%  1.21 GiB/2.80 GiB ...", ASCII, with room to spare for an echoed ^C. What does
// not fit is left out, the least important first.
// "scanning" until the total is known.
[[nodiscard]] std::string progress_bar(const ProgressState& state, std::size_t columns);

// "progress: 43%, 1.21 GiB of 2.80 GiB, ...", without line end.
[[nodiscard]] std::string progress_line(const ProgressState& state);

// 0..100, never rounded up to 100.
[[nodiscard]] int percent_of(const ProgressState& state);

}  // namespace robosync::cli
