#include <fmt/format.h>

#include "cli/robocopy_command.h"

namespace robosync::cli {
namespace {

constexpr std::size_t kHelpColumn = 24;

std::string names_column(const RobocopySwitch& row) {
  std::string text = "  " + std::string(row.name);
  switch (row.takes) {
    case SwitchValue::kNone:
      break;
    case SwitchValue::kOptional:
      text += fmt::format("[:{}]", row.value);
      break;
    case SwitchValue::kNeeded:
      text += fmt::format(":{}", row.value);
      break;
    case SwitchValue::kList:
      text += fmt::format(" {}", row.value);
      break;
  }
  return text;
}

std::string line(const RobocopySwitch& row) {
  const std::string names = names_column(row);
  if (names.size() + 2 > kHelpColumn) {
    return fmt::format("{}\n{:{}}{}\n", names, "", kHelpColumn, row.help);
  }
  return fmt::format("{:<{}}{}\n", names, kHelpColumn, row.help);
}

}  // namespace

std::string robocopy_help_text() {
  std::string text =
      "Usage: robosync robocopy SOURCE TARGET [FILE...] [switches]\n"
      "\n"
      "Copies what is in SOURCE as robocopy does, with RoboSync's engine. FILE are names\n"
      "or patterns of * and ?. Without /S, /E or /MIR only the top directory is copied.\n"
      "\n"
      "Switches begin with / or -, in any case. A word that begins with / is a switch\n"
      "when it is one of those below; otherwise it is a path when there is another / in\n"
      "it or when it exists. After -- all words are names. A list (/XF, /XD) goes on to\n"
      "the next switch.\n"
      "\n"
      "Switches:\n";
  for (const RobocopySwitch& row : robocopy_switches()) {
    if (row.refusal.empty()) text += line(row);
  }
  text += "\nRefused, each with its reason:\n";
  std::string names = " ";
  for (const RobocopySwitch& row : robocopy_switches()) {
    if (row.refusal.empty()) continue;
    if (names.size() + row.name.size() + 1 > 80) {
      text += names + "\n";
      names = " ";
    }
    names += fmt::format(" {}", row.name);
  }
  return text + names +
         "\n\nThe exit code is a sum: 1 files were copied, 2 entries only the target has were\n"
         "deleted, 4 something of another kind stood there, 8 some entries failed, 16 the\n"
         "run did not begin or was broken off.\n";
}

}  // namespace robosync::cli
