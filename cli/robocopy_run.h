// `robosync robocopy`: runs the engine and shows what it does as robocopy does.
#pragma once

#include <string>
#include <vector>

#include "cli/program.h"

namespace robosync::cli {

// Runs with the words after `robocopy`; returns robocopy's exit code (docs/robocopy.md).
[[nodiscard]] int run_robocopy(const std::vector<std::string>& words, const Host& host);

}  // namespace robosync::cli
