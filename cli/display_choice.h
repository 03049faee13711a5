// Which progress display and whether colour, from options, terminal and environment.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "cli/option_spec.h"
#include "cli/output_human.h"
#include "cli/terminal.h"

namespace robosync::cli {

// Variables of the environment that terminals and users set.
struct DisplayEnvironment {
  std::optional<std::string> term;       // TERM
  std::optional<std::string> no_colour;  // NO_COLOR: any text switches colour off
};

// For people: a bar where standard error is a capable terminal and either output goes to one, too,
// or --progress asks for it; lines where only --progress asks.
[[nodiscard]] ProgressDisplay choose_progress(const OutputSettings& settings,
                                              const TerminalFacts& terminal,
                                              const DisplayEnvironment& environment);

[[nodiscard]] Colour choose_colour(const TerminalFacts& terminal,
                                   const DisplayEnvironment& environment);

}  // namespace robosync::cli
