// Help texts, made from option_table().
//
// Pure; any thread.
#pragma once

#include <string>

#include "cli/verb.h"

namespace robosync::cli {

// What there is: the verbs and how to learn more.
[[nodiscard]] std::string overview_text();

// One verb: usage and the options that belong to it, at most 80 characters a line.
[[nodiscard]] std::string help_text(Verb verb);

}  // namespace robosync::cli
