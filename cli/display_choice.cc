#include "cli/display_choice.h"

namespace robosync::cli {
namespace {

bool is_capable(const TerminalFacts& terminal, const DisplayEnvironment& environment) {
  return terminal.errors && terminal.escapes && environment.term != "dumb";
}

}  // namespace

ProgressDisplay choose_progress(const OutputSettings& settings, const TerminalFacts& terminal,
                                const DisplayEnvironment& environment) {
  if (settings.quiet || settings.json || settings.progress == Wish::kNo) {
    return ProgressDisplay::kNone;
  }
  const bool capable = is_capable(terminal, environment);
  if (settings.progress == Wish::kYes) {
    return capable ? ProgressDisplay::kBar : ProgressDisplay::kLines;
  }
  // With output in a pipe a pager may own the terminal: no bar unless asked for.
  return capable && terminal.output ? ProgressDisplay::kBar : ProgressDisplay::kNone;
}

Colour choose_colour(const TerminalFacts& terminal, const DisplayEnvironment& environment) {
  const bool unwanted = environment.no_colour && !environment.no_colour->empty();
  return is_capable(terminal, environment) && !unwanted ? Colour::kYes : Colour::kNo;
}

}  // namespace robosync::cli
