// Options about what is looked at: filters, lists, sizes, ages, mount points, symbolic links.
#include "cli/option_table.h"
#include "cli/option_values.h"

namespace robosync::cli {
namespace {

using Form = tree::FilterArgument::Form;

base::Result<void> add_rule(Draft& draft, Form form, const std::string& text) {
  draft.request.filters.push_back({.form = form, .text = text});
  return {};
}

// The rules stand where the option stands; their text is read when all options are known.
base::Result<void> add_rule_file(Draft& draft, Form form, const std::string& path) {
  draft.filter_files.push_back({.index = draft.request.filters.size(), .path = path});
  return add_rule(draft, form, "");
}

base::Result<void> set_links(Draft& draft, LinkPolicy policy) {
  draft.request.links = policy;
  return {};
}

std::vector<OptionSpec> filter_options() {
  return {
      {"--exclude", "PATTERN", "leave out what matches (rsync's patterns, first match decides)",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) {
         return add_rule(draft, Form::kExclude, value);
       }},
      {"--include", "PATTERN", "do not leave out what matches", kAllVerbs, "",
       [](Draft& draft, const std::string& value) {
         return add_rule(draft, Form::kInclude, value);
       }},
      {"--exclude-from", "FILE", "patterns to leave out, one a line; - is standard input",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) {
         return add_rule_file(draft, Form::kExcludeFile, value);
       }},
      {"--include-from", "FILE", "patterns not to leave out, one a line; - is standard input",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) {
         return add_rule_file(draft, Form::kIncludeFile, value);
       }},
      {"-f,--filter", "RULE", "a whole filter rule, such as '- *.o' or 'dir-merge .gitignore'",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) { return add_rule(draft, Form::kRule, value); }},
      {"--files-from", "FILE", "look only at the names in FILE, one a line; - is standard input",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         draft.files_from = value;
         return {};
       }},
      {"-0,--from0", "", "names and rules in files end in NUL instead of a new line", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.nul_separated = true;
         return {};
       }},
  };
}

std::vector<OptionSpec> bound_options() {
  return {
      {"--min-size", "SIZE", "leave out files smaller than SIZE", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(draft.request.size_min, parse_size(value));
         return {};
       }},
      {"--max-size", "SIZE", "leave out files larger than SIZE", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(draft.request.size_max, parse_size(value));
         return {};
       }},
      {"--min-age", "AGE", "leave out files changed less than AGE ago (90s, 5m, 2h, 3d, 1w)",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(draft.request.age_min, parse_age(value));
         return {};
       }},
      {"--max-age", "AGE", "leave out files changed more than AGE ago", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(draft.request.age_max, parse_age(value));
         return {};
       }},
      {"-x,--one-file-system", "", "do not enter other file systems", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.request.one_file_system = true;
         return {};
       }},
      {"-m,--prune-empty-dirs", "", "leave out directories that hold no file", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.request.prune_empty_directories = true;
         return {};
       }},
  };
}

}  // namespace

std::vector<OptionSpec> selection_options() {
  std::vector<OptionSpec> options = filter_options();
  for (const OptionSpec& bound : bound_options()) options.push_back(bound);
  return options;
}

std::vector<OptionSpec> link_options() {
  return {
      {"-l,--links", "", "copy links as links (the default)", kAllVerbs, "",
       [](Draft& draft, const std::string&) { return set_links(draft, LinkPolicy::kKeep); }},
      {"-L,--copy-links", "", "copy what a link leads to instead of the link", kAllVerbs, "",
       [](Draft& draft, const std::string&) { return set_links(draft, LinkPolicy::kFollow); }},
      {"--safe-links", "", "leave out links that lead out of the source", kAllVerbs, "",
       [](Draft& draft, const std::string&) { return set_links(draft, LinkPolicy::kKeepSafe); }},
      {"--copy-unsafe-links", "", "copy what a link leads to when that is outside the source",
       kAllVerbs, "",
       [](Draft& draft, const std::string&) {
         return set_links(draft, LinkPolicy::kFollowUnsafe);
       }},
      {"--skip-links", "", "leave out all links", kAllVerbs, "",
       [](Draft& draft, const std::string&) { return set_links(draft, LinkPolicy::kSkip); }},
      {"--junctions", "keep|follow|skip", "of Windows: what becomes of junctions (keep)", kAllVerbs,
       "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         draft.request.junctions = value == "follow" ? JunctionPolicy::kFollow
                                   : value == "skip" ? JunctionPolicy::kSkip
                                                     : JunctionPolicy::kKeep;
         return {};
       }},
      {"--links-fallback", "skip|copy",
       "where the target can have no links: leave them out (skip), or copy what they lead to",
       kWritingVerbs, "verify makes no links",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         draft.request.links_fallback =
             value == "copy" ? LinksFallback::kCopy : LinksFallback::kSkip;
         return {};
       }},
  };
}

}  // namespace robosync::cli
