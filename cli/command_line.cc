#include "cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "cli/command_app.h"
#include "cli/option_checks.h"
#include "cli/option_values.h"

namespace robosync::cli {
namespace {

base::Error usage(std::string message) {
  return base::make_error(base::ErrorKind::kUsage, std::move(message));
}

base::Error named(std::string_view name, base::Error error) {
  error.context = fmt::format("{}: {}", name, error.context);
  return error;
}

base::Result<void> apply_option(Draft& draft, const OptionSpec& spec, const std::string& value) {
  const Verb verb = draft.request.verb;
  if (!spec.verbs.contains(verb)) {
    return base::fail(
        usage(fmt::format("{}: not for {}: {}", spec.id(), to_string(verb), spec.refusal)));
  }
  const std::vector<std::string> choices = spec.choices();
  if (!choices.empty() && std::ranges::find(choices, value) == choices.end()) {
    return base::fail(usage(
        fmt::format("{}: '{}' is not one of {}", spec.id(), value, fmt::join(choices, ", "))));
  }
  if (auto applied = spec.apply(draft, value); !applied) {
    return base::fail(named(spec.id(), std::move(applied).error()));
  }
  draft.given.push_back(spec.id());
  return {};
}

// Defaults that depend on which other options were given.
void set_dependent_defaults(Draft& draft) {
  Request& request = draft.request;
  const bool compared_by_choice = draft.was_given("--quick") || draft.was_given("--checksum") ||
                                  draft.was_given("--size-only") ||
                                  draft.was_given("--ignore-times");
  if (request.verb == Verb::kVerify && !compared_by_choice) {
    request.comparison = Comparison::kDigest;
  }
}

base::Result<void> apply_environment(Draft& draft, const CommandLineContext& context) {
  if (const auto text = context.variable("ROBOSYNC_THREADS");
      text && !text->empty() && !draft.was_given("--threads")) {
    const auto count = parse_count(*text, kThreadsMax);
    if (!count) return base::fail(named("ROBOSYNC_THREADS", count.error()));
    draft.request.threads = static_cast<unsigned>(*count);
  }
  if (const auto file = context.variable("ROBOSYNC_TOKEN_FILE");
      file && !file->empty() && !draft.was_given("--token-file")) {
    draft.request.remote.token_file = *file;
  }
  if (const auto text = context.variable("ROBOSYNC_BWLIMIT"); text && !text->empty() &&
                                                              !draft.was_given("--bwlimit") &&
                                                              draft.request.verb != Verb::kVerify) {
    const auto rate = parse_rate(*text);
    if (!rate) return base::fail(named("ROBOSYNC_BWLIMIT", rate.error()));
    draft.request.bytes_per_second_max = *rate;
  }
  return {};
}

base::Result<void> read_files(Draft& draft, const CommandLineContext& context) {
  for (const FilterFile& file : draft.filter_files) {
    tree::FilterArgument& argument = draft.request.filters.at(file.index);
    ROBOSYNC_ASSIGN(argument.text, context.read_file(file.path, tree::kFilterFileBytesMax));
    argument.nul_separated = draft.nul_separated;
  }
  if (!draft.files_from) return {};
  ROBOSYNC_ASSIGN(const std::string names, context.read_file(*draft.files_from, kFileListBytesMax));
  auto list =
      tree::FileList::parse(names, draft.nul_separated ? tree::FileList::Separator::kNul
                                                       : tree::FileList::Separator::kNewline);
  if (!list) return base::fail(named("--files-from " + *draft.files_from, list.error()));
  draft.request.files_from = std::make_shared<const tree::FileList>(std::move(*list));
  return {};
}

}  // namespace

base::Result<Invocation> parse_command_line(Verb verb, const std::vector<std::string>& words,
                                            const CommandLineContext& context) {
  Invocation invocation;
  ROBOSYNC_ASSIGN(const ParsedWords parsed, sort_words(verb, words));
  invocation.help = parsed.help;
  if (parsed.help) return invocation;
  if (!parsed.unknown.empty()) {
    return base::fail(unknown_option(verb, parsed.unknown.front()));
  }
  Draft draft;
  draft.request.verb = verb;
  for (const auto& [spec, value] : parsed.options) {
    ROBOSYNC_TRY(apply_option(draft, *spec, value));
  }
  ROBOSYNC_TRY(set_operands(parsed.operands, draft.request));
  ROBOSYNC_TRY(check_options(draft));
  set_dependent_defaults(draft);
  ROBOSYNC_TRY(apply_environment(draft, context));
  ROBOSYNC_TRY(read_files(draft, context));
  invocation.request = std::move(draft.request);
  invocation.output = std::move(draft.output);
  return invocation;
}

}  // namespace robosync::cli
