// run_robosyncd(): the program robosyncd, without its main().
#pragma once

#include <string>
#include <vector>

namespace robosync::cli {

// Runs the program with the words after its name; returns the exit code (docs/exit-codes.md).
[[nodiscard]] int run_robosyncd(const std::vector<std::string>& words);

}  // namespace robosync::cli
