#include "cli/completions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "cli/option_spec.h"

namespace robosync::cli {
namespace {

constexpr std::string_view kOtherCommands = "completions help ls robocopy";

std::vector<OptionSpec> options_of(Verb verb) {
  std::vector<OptionSpec> options;
  for (const OptionSpec& spec : option_table()) {
    if (spec.verbs.contains(verb)) options.push_back(spec);
  }
  return options;
}

std::string verb_words() {
  std::vector<std::string_view> names;
  names.reserve(kVerbs.size());
  for (const Verb verb : kVerbs) names.push_back(to_string(verb));
  return fmt::format("{}", fmt::join(names, " "));
}

std::string shell_words() {
  std::vector<std::string_view> names;
  names.reserve(kShells.size());
  for (const Shell shell : kShells) names.push_back(to_string(shell));
  return fmt::format("{}", fmt::join(names, " "));
}

bool takes_path(const OptionSpec& spec) { return spec.value == "FILE" || spec.value == "DIR"; }

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string result;
  while (!text.empty()) {
    if (text.starts_with(what)) {
      result += with;
      text.remove_prefix(what.size());
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

// ---- bash ----

std::string bash_verb(Verb verb) {
  std::string cases;
  std::string words = "-h --help";
  for (const OptionSpec& spec : options_of(verb)) {
    const std::vector<std::string> names = spec.all_names();
    words += fmt::format(" {}", fmt::join(names, " "));
    if (spec.value.empty() || takes_path(spec)) continue;  // paths are what bash completes anyway
    cases += fmt::format("        {}) words='{}'; value=1 ;;\n", fmt::join(names, "|"),
                         fmt::join(spec.choices(), " "));
  }
  return fmt::format(
      "    {})\n      case \"$previous\" in\n{}      esac\n"
      "      [[ -z $value && $current == -* ]] && words='{}'\n      ;;\n",
      to_string(verb), cases, words);
}

std::string bash_script() {
  std::string verbs;
  for (const Verb verb : kVerbs) verbs += bash_verb(verb);
  return fmt::format(R"(# bash completion of robosync; made by: robosync completions bash
_robosync() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local words='' value=''
  # bash takes --name=value for three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' && $COMP_CWORD -ge 2 ]]; then
    previous=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '{0} {1} --help --version' -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
    completions) words='{2}' ;;
    help) words='{0}' ;;
{3}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o bashdefault -o default -F _robosync robosync
)",
                     verb_words(), kOtherCommands, shell_words(), verbs);
}

// ---- zsh ----

// Text inside '...[text]': no quote, bracket or colon may end it early.
std::string zsh_text(std::string_view text) {
  std::string safe = replaced(text, "'", "'\\''");
  for (const std::string_view special : {"[", "]", ":"}) {
    safe = replaced(safe, special, "\\" + std::string(special));
  }
  return safe;
}

std::string zsh_option(const OptionSpec& spec) {
  std::string action;
  if (!spec.value.empty()) {
    const std::vector<std::string> choices = spec.choices();
    action = fmt::format(":{}:", zsh_text(spec.value));
    if (takes_path(spec)) action += "_files";
    if (!choices.empty()) action += fmt::format("({})", fmt::join(choices, " "));
    if (action.ends_with(':')) action += ' ';
  }
  std::string lines;
  for (const std::string& name : spec.all_names()) {
    std::string_view link;  // how a value follows: --name=value, -nvalue
    if (!spec.value.empty()) link = name.starts_with("--") ? "=" : "+";
    lines += fmt::format("        '*{}{}[{}]{}' \\\n", name, link, zsh_text(spec.help), action);
  }
  return lines;
}

std::string zsh_script() {
  std::string names;
  std::string cases;
  for (const Verb verb : kVerbs) {
    names += fmt::format("    '{}:{}'\n", to_string(verb), zsh_text(description_of(verb)));
    std::string options;
    for (const OptionSpec& spec : options_of(verb)) options += zsh_option(spec);
    cases += fmt::format(
        "    {})\n      _arguments -s -S \\\n{}        '(- *)'{{-h,--help}}"
        "'[show this]' \\\n        '*:file:_files'\n      ;;\n",
        to_string(verb), options);
  }
  return fmt::format(R"(#compdef robosync
# zsh completion of robosync; made by: robosync completions zsh
_robosync() {{
  local -a commands
  commands=(
{0}    'completions:Print a script for the shell.'
    'help:Explain a command and its options.'
    'robocopy:Copy with the switches of robocopy.'
    '--version:Print the version.'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
{1}    completions) _values shell {2} ;;
    help) _values command {3} ;;
  esac
}}
if [[ $funcstack[1] == _robosync ]]; then
  _robosync "$@"
else
  compdef _robosync robosync
fi
)",
                     names, cases, shell_words(), verb_words());
}

// ---- fish ----

std::string fish_text(std::string_view text) {
  return replaced(replaced(text, "\\", "\\\\"), "'", "\\'");
}

std::string fish_option(Verb verb, const OptionSpec& spec) {
  std::string line =
      fmt::format("complete -c robosync -n '__fish_seen_subcommand_from {}'", to_string(verb));
  for (const std::string& name : spec.all_names()) {
    const bool is_long = name.starts_with("--");
    line += fmt::format(" {} {}", is_long ? "-l" : "-s", name.substr(is_long ? 2 : 1));
  }
  if (!spec.value.empty()) {
    const std::vector<std::string> choices = spec.choices();
    line += takes_path(spec) ? " -r -F" : " -x";
    if (!choices.empty()) line += fmt::format(" -a '{}'", fmt::join(choices, " "));
  }
  return line + fmt::format(" -d '{}'\n", fish_text(spec.help));
}

std::string fish_script() {
  std::string script = "# fish completion of robosync; made by: robosync completions fish\n";
  const std::string none =
      fmt::format("-n 'not __fish_seen_subcommand_from {} {}'", verb_words(), kOtherCommands);
  for (const Verb verb : kVerbs) {
    script += fmt::format("complete -c robosync {} -f -a {} -d '{}'\n", none, to_string(verb),
                          fish_text(description_of(verb)));
  }
  script += fmt::format("complete -c robosync {} -f -a completions -d 'Print a script'\n", none);
  script += fmt::format("complete -c robosync {} -f -a help -d 'Explain a command'\n", none);
  script += fmt::format("complete -c robosync {} -f -a robocopy -d 'Copy as robocopy'\n", none);
  script += fmt::format("complete -c robosync {} -l version -d 'Print the version'\n", none);
  script += "complete -c robosync -s h -l help -d 'show this'\n";
  script +=
      fmt::format("complete -c robosync -n '__fish_seen_subcommand_from completions' -f -a '{}'\n",
                  shell_words());
  script += fmt::format("complete -c robosync -n '__fish_seen_subcommand_from help' -f -a '{}'\n",
                        verb_words());
  for (const Verb verb : kVerbs) {
    for (const OptionSpec& spec : options_of(verb)) script += fish_option(verb, spec);
  }
  return script;
}

}  // namespace

std::string_view to_string(Shell shell) {
  switch (shell) {
    case Shell::kBash:
      return "bash";
    case Shell::kZsh:
      return "zsh";
    case Shell::kFish:
      return "fish";
  }
  return "unknown";
}

std::optional<Shell> shell_of(std::string_view name) {
  for (const Shell shell : kShells) {
    if (to_string(shell) == name) return shell;
  }
  return std::nullopt;
}

std::string completion_script(Shell shell) {
  switch (shell) {
    case Shell::kBash:
      return bash_script();
    case Shell::kZsh:
      return zsh_script();
    case Shell::kFish:
      return fish_script();
  }
  return {};
}

}  // namespace robosync::cli
