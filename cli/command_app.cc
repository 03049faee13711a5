#include "cli/command_app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

namespace robosync::cli {
namespace {

// CLI11 takes "--name=" for a --name whose value is the next word. Words that could be misread are
// marked before and unmarked afterwards; a word that ends in the mark by itself gets a second one.
constexpr char kMark = '\x01';

std::string marked(std::string word) {
  const bool empty_value = word.starts_with("--") && word.ends_with('=');
  if (empty_value || word.ends_with(kMark)) word += kMark;
  return word;
}

std::string unmarked(std::string word) {
  if (word.ends_with(kMark)) word.pop_back();
  return word;
}

base::Error usage(std::string message) {
  return base::make_error(base::ErrorKind::kUsage, std::move(message));
}

// CLI11 reports a flag with a value as "verbose was given ...", a missing value as "--name: ...".
base::Error explain(const CLI::ArgumentMismatch& mismatch) {
  const std::string text = mismatch.what();
  if (!text.starts_with('-')) {
    return usage(fmt::format("--{}: takes no value", text.substr(0, text.find(' '))));
  }
  return usage(fmt::format("{}: needs a value", text.substr(0, text.find(':'))));
}

// What is left after the options: operands, "--", and words that look like options.
void sort_rest(const std::vector<std::string>& rest, ParsedWords& words) {
  bool operands_only = false;
  for (const std::string& word : rest) {
    if (!operands_only && word == "--") {
      operands_only = true;
    } else if (!operands_only && word.size() > 1 && word.starts_with('-')) {
      words.unknown.push_back(unmarked(word));
    } else {
      words.operands.push_back(unmarked(word));
    }
  }
}

bool may_name(const std::string& word, const std::string& name) {
  if (name.starts_with("--")) return std::string_view(word).substr(0, word.find('=')) == name;
  return word.size() > 1 && word[0] == '-' && word[1] != '-' && word.find(name[1]) != word.npos;
}

// CLI11 compares every option that it is given with every other one, which takes as long as a small
// copy: it is given those that the words can mean.
std::vector<const OptionSpec*> options_in(const std::vector<std::string>& words) {
  std::vector<const OptionSpec*> found;
  for (const OptionSpec& spec : option_table()) {
    const std::vector<std::string> names = spec.all_names();
    const bool named = std::ranges::any_of(words, [&](const std::string& word) {
      return std::ranges::any_of(names, [&](const auto& name) { return may_name(word, name); });
    });
    if (named) found.push_back(&spec);
  }
  return found;
}

std::shared_ptr<CLI::App> app_with(Verb verb, const std::vector<const OptionSpec*>& specs) {
  auto app = std::make_shared<CLI::App>(std::string(description_of(verb)),
                                        "robosync " + std::string(to_string(verb)));
  app->allow_windows_style_options(false);  // "/data" is a path
  app->allow_extras();                      // operands, see sort_rest()
  app->set_help_flag("-h,--help", "show this");
  for (const OptionSpec* const each : specs) {
    const OptionSpec& spec = *each;
    const std::string names(spec.names);
    const std::string help(spec.help);
    CLI::Option* option = nullptr;
    if (spec.value.empty()) {
      option = app->add_flag(names, help)->disable_flag_override();
    } else {
      // Without allow_extra_args(false) CLI11 would take "[abc]" for a list.
      option = app->add_option(names, CLI::callback_t(), help)
                   ->type_name(std::string(spec.value))
                   ->expected(1)
                   ->allow_extra_args(false)
                   ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
    option->group(spec.verbs.contains(verb) ? std::string(title_of(spec.section)) : "");
  }
  return app;
}

}  // namespace

std::shared_ptr<CLI::App> make_app(Verb verb) {
  std::vector<const OptionSpec*> specs;
  for (const OptionSpec& spec : option_table()) specs.push_back(&spec);
  return app_with(verb, specs);
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

base::Result<ParsedWords> sort_words(Verb verb, const std::vector<std::string>& words) {
  ParsedWords parsed;
  const std::vector<const OptionSpec*> named = options_in(words);
  const std::shared_ptr<CLI::App> app = app_with(verb, named);
  std::map<const CLI::Option*, const OptionSpec*> specs;
  for (const OptionSpec* const spec : named) specs[app->get_option(spec->id())] = spec;
  std::vector<std::string> reversed;  // as CLI11 wants them
  for (auto word = words.rbegin(); word != words.rend(); ++word) reversed.push_back(marked(*word));
  try {
    app->parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    parsed.help = true;
    return parsed;
  } catch (const CLI::ArgumentMismatch& mismatch) {
    return base::fail(explain(mismatch));
  } catch (const CLI::Error& error) {
    return base::fail(usage(error.what()));
  }
  std::map<const CLI::Option*, std::size_t> seen;
  for (const CLI::Option* option : app->parse_order()) {
    const std::size_t index = seen[option]++;
    const auto spec = specs.find(option);
    if (spec == specs.end()) continue;
    parsed.options.emplace_back(spec->second, unmarked(option->results().at(index)));
  }
  sort_rest(app->remaining(), parsed);
  return parsed;
}

}  // namespace robosync::cli
