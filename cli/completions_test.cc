#include "cli/completions.h"

#include <gtest/gtest.h>

#include <string>

#include "cli/command_app.h"

namespace robosync::cli {
namespace {

bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::string_view delimiters = " \n'|[)=+*{,";
    const bool begins = at == 0 || delimiters.find(text[at - 1]) != std::string_view::npos;
    const std::size_t end = at + word.size();
    const bool ends = end == text.size() || delimiters.find(text[end]) != std::string_view::npos ||
                      text[end] == '}';
    if (begins && ends) return true;
  }
  return false;
}

// The part of a script about one verb: its case (bash, zsh) or its lines (fish).
std::string part_about(Shell shell, Verb verb) {
  const std::string script = completion_script(shell);
  const std::string name(to_string(verb));
  if (shell != Shell::kFish) {
    // Past the first line of the case, which has options of zsh's own.
    const std::size_t start =
        script.find('\n', script.find("    " + name + ")\n") + 9 + name.size());
    return script.substr(start, script.find("\n      ;;\n", start) - start);
  }
  std::string lines;
  std::size_t start = 0;
  while (start < script.size()) {
    const std::size_t end = script.find('\n', start);
    const std::string line = script.substr(start, end - start);
    const bool about = line.find("'__fish_seen_subcommand_from " + name + "'") != std::string::npos;
    if (about || line.find(" -n ") == std::string::npos) lines += line + "\n";
    start = end + 1;
  }
  return lines;
}

TEST(Completions, HoldEachOptionOfTheVerbAndNoOther) {
  for (const Shell shell : kShells) {
    for (const Verb verb : kVerbs) {
      const std::string text = part_about(shell, verb);
      const auto listed = [&](const std::string& name) {
        if (shell != Shell::kFish) return has_word(text, name);
        const bool is_long = name.starts_with("--");
        return has_word(text, (is_long ? "-l " : "-s ") + name.substr(is_long ? 2 : 1));
      };
      for (const OptionSpec& spec : option_table()) {
        for (const std::string& name : spec.all_names()) {
          SCOPED_TRACE(std::string(to_string(shell)) + " " + std::string(to_string(verb)) + " " +
                       name);
          EXPECT_EQ(listed(name), spec.verbs.contains(verb));
        }
      }
      EXPECT_TRUE(listed("--help"));
    }
  }
}

TEST(Completions, HoldNothingThatTheParserDoesNotKnow) {
  // Each option registered with the parser is in the table, and so in the scripts.
  const std::string script = completion_script(Shell::kBash);
  for (const Verb verb : kVerbs) {
    for (const std::string& name : option_names(*make_app(verb))) {
      EXPECT_TRUE(has_word(script, name)) << name;
    }
  }
}

TEST(Completions, OfferTheValuesOfChoices) {
  EXPECT_NE(completion_script(Shell::kBash).find("--reflink) words='auto always never'"),
            std::string::npos);
  EXPECT_NE(completion_script(Shell::kZsh).find(":auto|always|never:(auto always never)"),
            std::string::npos);
  EXPECT_NE(completion_script(Shell::kFish).find("-l reflink -x -a 'auto always never'"),
            std::string::npos);
}

TEST(Completions, NameTheVerbs) {
  for (const Shell shell : kShells) {
    const std::string script = completion_script(shell);
    for (const Verb verb : kVerbs) {
      EXPECT_TRUE(has_word(script, std::string(to_string(verb))) ||
                  script.find("'" + std::string(to_string(verb)) + ":") != std::string::npos);
    }
    EXPECT_NE(script.find("completions"), std::string::npos);
    EXPECT_EQ(shell_of(to_string(shell)), shell);
  }
  EXPECT_FALSE(shell_of("tcsh"));
}

}  // namespace
}  // namespace robosync::cli
