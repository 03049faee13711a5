// Options about what is shown.
#include "cli/option_table.h"

namespace robosync::cli {

std::vector<OptionSpec> output_options() {
  return {
      {"-v,--verbose", "", "list what is changed; twice: what is unchanged and skipped, too",
       kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         ++draft.output.verbosity;
         return {};
       }},
      {"-q,--quiet", "", "print errors only", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.output.quiet = true;
         return {};
       }},
      {"-i,--itemize,--itemize-changes", "",
       "list what is changed and in which respect, in rsync's notation", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         ++draft.output.itemize;
         return {};
       }},
      {"--progress", "", "show progress (the default on a terminal)", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.output.progress = Wish::kYes;
         return {};
       }},
      {"--no-progress", "", "show no progress", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.output.progress = Wish::kNo;
         return {};
       }},
      {"--stats", "", "end with all counters", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.output.stats = true;
         return {};
       }},
      {"--json", "", "print JSON, one document a line (docs/json.md)", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.output.json = true;
         return {};
       }},
      {"--log-file", "FILE", "append what is done to FILE", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         if (value.empty()) {
           return base::fail(base::make_error(base::ErrorKind::kUsage, "needs a file name"));
         }
         draft.output.log_file = value;
         return {};
       }},
  };
}

}  // namespace robosync::cli
