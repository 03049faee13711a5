#include "cli/confirmation.h"

#include <fmt/format.h>

#include "cli/output_counters.h"
#include "cli/output_names.h"
#include "cli/output_units.h"

namespace robosync::cli {

bool looks_like_a_mistake(const Observer::PlannedDeletions& planned) {
  return planned.entries >= kConfirmEntriesMin && planned.entries > planned.target_entries / 2;
}

std::string confirmation_question(const Observer::PlannedDeletions& planned,
                                  const std::string& target) {
  return fmt::format("robosync: this deletes {} of the {} in {}. Go ahead? [y/N] ",
                     human_count(planned.entries),
                     counted(planned.target_entries, "entry", "entries"), printable(target));
}

bool is_yes(const std::string& answer) {
  std::string word;
  for (const char c : answer) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return word == "y" || word == "yes";
}

}  // namespace robosync::cli
