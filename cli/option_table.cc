#include "cli/option_table.h"

#include <algorithm>

namespace robosync::cli {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<OptionSpec> whole_table() {
  std::vector<OptionSpec> table;
  const auto add = [&](Section section, std::vector<OptionSpec> part) {
    for (OptionSpec& spec : part) {
      spec.section = section;
      table.push_back(spec);
    }
  };
  add(Section::kRun, run_options());
  add(Section::kComparison, comparison_options());
  add(Section::kSelection, selection_options());
  add(Section::kLinks, link_options());
  add(Section::kAttributes, attribute_options());
  add(Section::kWriting, writing_options());
  add(Section::kBackup, backup_options());
  add(Section::kDeletion, deletion_options());
  add(Section::kConnection, connection_options());
  add(Section::kOutput, output_options());
  return table;
}

}  // namespace

bool Draft::was_given(std::string_view id) const {
  return std::ranges::find(given, id) != given.end();
}

std::string_view title_of(Section section) {
  switch (section) {
    case Section::kRun:
      return "The run";
    case Section::kComparison:
      return "Which files count as changed";
    case Section::kSelection:
      return "What is looked at";
    case Section::kLinks:
      return "Symbolic links";
    case Section::kAttributes:
      return "What is kept besides content";
    case Section::kWriting:
      return "How bytes are written";
    case Section::kBackup:
      return "Backups of what is replaced or deleted";
    case Section::kDeletion:
      return "Deletion";
    case Section::kConnection:
      return "Connections to a server";
    case Section::kOutput:
      return "Output";
  }
  return "";
}

std::vector<std::string> OptionSpec::all_names() const { return split(names, ','); }

std::string OptionSpec::id() const {
  for (const std::string& name : all_names()) {
    if (name.starts_with("--")) return name;
  }
  return std::string(names);
}

std::vector<std::string> OptionSpec::choices() const {
  if (value.find('|') == std::string_view::npos) return {};
  std::vector<std::string> words = split(value, '|');
  // "N|P%": capitals are placeholders, not words to type.
  const bool placeholders = std::ranges::any_of(
      words, [](const std::string& word) { return word.front() >= 'A' && word.front() <= 'Z'; });
  if (placeholders) words.clear();
  return words;
}

const std::vector<OptionSpec>& option_table() {
  static const std::vector<OptionSpec> kTable = whole_table();
  return kTable;
}

}  // namespace robosync::cli
