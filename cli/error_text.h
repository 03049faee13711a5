// Errors in one line for people: what, why, and what to do about it.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/tree/entry.h"

namespace robosync::cli {

// What a user can do about a fault of this kind; empty where there is no good advice.
[[nodiscard]] std::string_view advice_for(base::ErrorKind kind);

// "open data/a: Permission denied (advice)", printable.
[[nodiscard]] std::string error_text(const base::Error& error);

// The same for an entry, beginning with its path: "data/a: open: Permission denied (advice)".
[[nodiscard]] std::string problem_text(const tree::Problem& problem);

}  // namespace robosync::cli
