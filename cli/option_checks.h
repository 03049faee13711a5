// What must hold between options and operands, whatever each of them is by itself.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "cli/option_spec.h"
#include "engine/base/result.h"

namespace robosync::cli {

// Refuses options that exclude each other, or have no effect without another or between these
// operands. Fails with kUsage. REQUIRES: the operands are in the request.
[[nodiscard]] base::Result<void> check_options(const Draft& draft);

// Puts the operands into the request. Fails with kUsage: too few, too many, an empty one.
[[nodiscard]] base::Result<void> set_operands(const std::vector<std::string>& operands,
                                              Request& request);

// The message for a word that looks like an option and is none, with advice where rsync's users
// are used to it.
[[nodiscard]] base::Error unknown_option(Verb verb, const std::string& word);

}  // namespace robosync::cli
