#include "cli/help.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/option_spec.h"

namespace robosync::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kHelpColumn = 30;

// "  -n, --dry-run", with four blanks where there is no short name.
std::string names_column(const OptionSpec& spec) {
  std::string text;
  for (const std::string& name : spec.all_names()) {
    if (text.empty()) {
      text = name.starts_with("--") ? "      " + name : "  " + name;
    } else {
      text += ", " + name;
    }
  }
  if (!spec.value.empty()) text += " " + std::string(spec.value);
  return text;
}

// Appends `words` from column kHelpColumn on, broken between words.
void append_wrapped(std::string& text, std::string_view words) {
  const std::string indent = "\n" + std::string(kHelpColumn, ' ');
  std::size_t column = kHelpColumn;
  bool first = true;
  while (!words.empty()) {
    const std::size_t length = std::min(words.find(' '), words.size());
    if (!first && column + 1 + length > kWidth) {
      text += indent;
      column = kHelpColumn;
      first = true;
    }
    if (!first) {
      text += ' ';
      ++column;
    }
    text += words.substr(0, length);
    column += length;
    first = false;
    words.remove_prefix(std::min(length + 1, words.size()));
  }
}

std::string option_lines(std::string names, std::string_view help) {
  if (names.size() + 2 > kHelpColumn) {
    names += "\n" + std::string(kHelpColumn, ' ');
  } else {
    names.resize(kHelpColumn, ' ');
  }
  append_wrapped(names, help);
  return names + "\n";
}

}  // namespace

std::string overview_text() {
  std::string text =
      "robosync copies, mirrors, moves and verifies directory trees.\n"
      "\n"
      "Usage:\n";
  for (const Verb verb : kVerbs) {
    text += fmt::format("  robosync {} [options] {}\n      {}\n", to_string(verb),
                        operands_of(verb), description_of(verb));
  }
  text +=
      "  robosync ls [-l|--json] PATH|URL\n"
      "      List a folder, here or at a server.\n"
      "  robosync robocopy SOURCE TARGET [FILE...] [switches]\n"
      "      Copy with the switches, output and exit codes of robocopy.\n"
      "  robosync help [copy|mirror|move|verify|robocopy]\n"
      "      Explain a command and its options.\n"
      "  robosync completions bash|zsh|fish\n"
      "      Print a completion script for the shell.\n"
      "  robosync --version\n"
      "\n"
      "A SOURCE that ends in / stands for what is in it, without / for itself:\n"
      "  robosync copy photos  backup    makes backup/photos\n"
      "  robosync copy photos/ backup    makes backup like photos\n"
      "Either may be at a server: robosync://HOST/MODULE/PATH (robosyncd, with TLS),\n"
      "robosync+tcp://HOST/MODULE/PATH (without), or [USER@]HOST:PATH (over ssh).\n";
  return text;
}

std::string help_text(Verb verb) {
  std::string text = fmt::format("Usage: robosync {} [options] {}\n\n{}\n", to_string(verb),
                                 operands_of(verb), description_of(verb));
  std::string_view title;
  for (const OptionSpec& spec : option_table()) {
    if (!spec.verbs.contains(verb)) continue;
    if (title != title_of(spec.section)) {
      title = title_of(spec.section);
      text += fmt::format("\n{}:\n", title);
    }
    text += option_lines(names_column(spec), spec.help);
  }
  text += "\n" + option_lines("  -h, --help", "show this");
  return text;
}

}  // namespace robosync::cli
