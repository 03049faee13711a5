// The words that stand for the enumerations of a report, in JSON, in policies and on pages. Pure
// functions; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "harness/report/model.h"

namespace robosync::parity {

// "valid", "invalid", "unavailable"
[[nodiscard]] std::string_view to_string(CellState state);
[[nodiscard]] std::optional<CellState> cell_state_of(std::string_view word);

// "pass", "fail", "differs", "unsupported", "not_run"
[[nodiscard]] std::string_view to_string(CheckOutcome outcome);
[[nodiscard]] std::optional<CheckOutcome> check_outcome_of(std::string_view word);

}  // namespace robosync::parity
