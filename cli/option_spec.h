// OptionSpec: one option of the command line as data, and Draft: what options are applied to.
//
// The tables (options_*.cc) are the only place that names an option. The parser, the help text, the
// shell completions, the refusals and the tests are all derived from them. Adding an option means
// adding a row, a line in docs/cli.md and a row in option_table_test.cc.
//
// Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.h"
#include "engine/base/result.h"
#include "engine/sync.h"

namespace robosync::cli {

enum class Wish : std::uint8_t { kAutomatic, kYes, kNo };

// How the run is shown; nothing of it reaches the engine.
struct OutputSettings {
  bool json = false;
  bool quiet = false;
  bool stats = false;
  bool assume_yes = false;
  unsigned verbosity = 0;
  unsigned itemize = 0;
  Wish progress = Wish::kAutomatic;
  std::string log_file;
};

// A filter file named on the command line: its content goes into request.filters[index].
struct FilterFile {
  std::size_t index = 0;
  std::string path;
};

// A command line half way to a Request: options applied in order, files not read yet.
struct Draft {
  Request request;
  OutputSettings output;
  bool nul_separated = false;
  std::vector<FilterFile> filter_files;
  std::optional<std::string> files_from;
  std::vector<std::string> given;  // options used, by OptionSpec::id()

  [[nodiscard]] bool was_given(std::string_view id) const;
};

enum class Section : std::uint8_t {
  kRun,
  kComparison,
  kSelection,
  kLinks,
  kAttributes,
  kWriting,
  kBackup,
  kDeletion,
  kConnection,
  kOutput,
};

[[nodiscard]] std::string_view title_of(Section section);

struct OptionSpec {
  using Apply = base::Result<void> (*)(Draft& draft, const std::string& value);

  std::string_view names;    // "-n,--dry-run"
  std::string_view value;    // what follows it ("FILE", "auto|always|never"); empty: nothing does
  std::string_view help;     // a phrase without a full stop
  VerbSet verbs;             // where it makes sense
  std::string_view refusal;  // why it makes no sense elsewhere
  Apply apply;               // fails with kUsage: a value that is not valid
  Section section = Section::kRun;

  // The first long name, "--dry-run".
  [[nodiscard]] std::string id() const;
  // All names, in the order written.
  [[nodiscard]] std::vector<std::string> all_names() const;
  // The words that `value` allows, when it is a choice.
  [[nodiscard]] std::vector<std::string> choices() const;
};

// Every option of every verb, in the order in which help shows them.
[[nodiscard]] const std::vector<OptionSpec>& option_table();

}  // namespace robosync::cli
