// The platform-neutral part of robosync-parity's main; main_parity_posix.cc and
// main_parity_win32.cc turn what the system passes into words.
#pragma once

#include <string>
#include <vector>

namespace robosync::parity {

// `self` is the program's own name as it was called; `words` are those after it. Returns the exit
// code.
[[nodiscard]] int main_parity(const std::string& self, const std::vector<std::string>& words);

}  // namespace robosync::parity
