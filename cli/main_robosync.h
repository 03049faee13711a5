// The platform-neutral part of main: the one place where front end and engine meet.
//
// main_robosync_posix.cc and main_robosync_win32.cc turn what the system passes into words.
#pragma once

#include <string>
#include <vector>

namespace robosync::cli {

// Runs the program with the words after its name; returns the exit code. Called "robocopy", it is
// `robosync robocopy`.
[[nodiscard]] int main_robosync(const std::string& program, const std::vector<std::string>& words);

}  // namespace robosync::cli
