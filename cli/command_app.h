// The CLI11 application of one verb, made from option_table().
//
// One application per verb and no subcommands: CLI11 would take a SOURCE called "mirror" for one.
// Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/option_spec.h"
#include "engine/base/result.h"

namespace CLI {
class App;
}  // namespace CLI

namespace robosync::cli {

// Options that belong to other verbs are registered as well, so that they can be refused by name.
[[nodiscard]] std::shared_ptr<CLI::App> make_app(Verb verb);

// All names registered in `app`, "-n" and "--dry-run" each for itself, help included.
[[nodiscard]] std::vector<std::string> option_names(const CLI::App& app);

// What the words of a command line are.
struct ParsedWords {
  bool help = false;
  std::vector<std::pair<const OptionSpec*, std::string>> options;  // in command line order
  std::vector<std::string> operands;
  std::vector<std::string> unknown;  // words that look like options and are none
};

// Sorts the words after the verb. Fails with kUsage when an option lacks its value or a flag has
// one. Words are kept byte for byte.
[[nodiscard]] base::Result<ParsedWords> sort_words(Verb verb,
                                                   const std::vector<std::string>& words);

}  // namespace robosync::cli
