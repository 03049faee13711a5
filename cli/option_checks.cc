#include "cli/option_checks.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/session/location.h"

namespace robosync::cli {
namespace {

base::Error usage(std::string message) {
  return base::make_error(base::ErrorKind::kUsage, std::move(message));
}

// Refuses two different options of one group.
base::Result<void> at_most_one(const Draft& draft, std::initializer_list<std::string_view> group) {
  std::string_view first;
  for (const std::string_view id : group) {
    if (!draft.was_given(id)) continue;
    if (!first.empty()) {
      return base::fail(usage(fmt::format("{} and {} exclude each other", first, id)));
    }
    first = id;
  }
  return {};
}

base::Result<void> check_in_place(const Draft& draft) {
  if (!draft.request.in_place) return {};
  if (draft.request.keep_partial) {
    return base::fail(
        usage("--inplace and --partial exclude each other: what is written in place "
              "stays there anyway"));
  }
  if (draft.request.backup) {
    return base::fail(
        usage("--inplace and --backup exclude each other: the old content is "
              "overwritten"));
  }
  return {};
}

base::Result<void> check_backup(const Draft& draft) {
  if (!draft.was_given("--suffix")) return {};
  if (!draft.request.backup) {
    return base::fail(usage("--suffix: has no effect without --backup"));
  }
  if (draft.request.backup_suffix.empty() && draft.request.backup_dir.empty()) {
    return base::fail(
        usage("--suffix: may be empty only with --backup-dir, or the backup would "
              "have the name of the original"));
  }
  return {};
}

base::Result<void> check_inputs(const Draft& draft) {
  if (draft.nul_separated && !draft.files_from && draft.filter_files.empty()) {
    return base::fail(
        usage("--from0: has no effect without --files-from, --exclude-from or --include-from"));
  }
  std::size_t from_stdin = draft.files_from == "-" ? 1 : 0;
  for (const FilterFile& file : draft.filter_files) {
    if (file.path == "-") ++from_stdin;
  }
  if (from_stdin > 1) {
    return base::fail(usage("standard input (-) can be read only once, for one option"));
  }
  return {};
}

base::Result<void> check_bounds(const Request& request) {
  if (request.size_min && request.size_max && *request.size_min > *request.size_max) {
    return base::fail(usage("--min-size is larger than --max-size: no file can be both"));
  }
  if (request.age_min && request.age_max && *request.age_min > *request.age_max) {
    return base::fail(usage("--min-age is longer than --max-age: no file can be both"));
  }
  if (request.reflink == Reflink::kAlways && !request.fast_paths.clone) {
    return base::fail(usage("--reflink always and --no-fast-path clone exclude each other"));
  }
  return {};
}

// Options about a connection, and over which carriers they mean something.
struct Reach {
  std::string_view option;
  bool tls;
  bool tcp;
  bool ssh;
  std::string_view where;
};
constexpr auto kReaches = std::to_array<Reach>({
    {"--token-file", true, false, false, "robosync://"},
    {"--tls-ca", true, false, false, "robosync://"},
    {"--tls-fingerprint", true, false, false, "robosync://"},
    {"--tls-certificate", true, false, false, "robosync://"},
    {"--tls-key", true, false, false, "robosync://"},
    {"--known-hosts", true, false, false, "robosync://"},
    {"--connections", true, true, false, "robosync:// or robosync+tcp://"},
    {"--contimeout", true, true, false, "robosync:// or robosync+tcp://"},
    {"--rsh", false, false, true, "HOST:PATH"},
    {"--remote-program", false, false, true, "HOST:PATH"},
    {"--timeout", true, true, true, "a server"},
    {"--no-compress", true, true, true, "a server"},
});

// What is said about a connection that there is none of is a mistake: of the option, or of a name.
base::Result<void> check_reach(const Draft& draft) {
  using Carrier = session::Location::Carrier;
  std::vector<std::string> names = draft.request.sources;
  names.push_back(draft.request.target);
  bool tls = false;
  bool tcp = false;
  bool ssh = false;
  for (const std::string& name : names) {
    ROBOSYNC_ASSIGN(const session::Location location, session::parse_location(name));
    tls = tls || location.carrier == Carrier::kTls;
    tcp = tcp || location.carrier == Carrier::kTcp;
    ssh = ssh || location.carrier == Carrier::kSsh;
  }
  for (const Reach& reach : kReaches) {
    const bool reaches = (reach.tls && tls) || (reach.tcp && tcp) || (reach.ssh && ssh);
    if (reaches || !draft.was_given(reach.option)) continue;
    return base::fail(
        usage(fmt::format("{}: has no effect: no name is one at {}", reach.option, reach.where)));
  }
  if (draft.was_given("--tls-certificate") != draft.was_given("--tls-key")) {
    return base::fail(usage("--tls-certificate and --tls-key go together"));
  }
  return {};
}

constexpr auto kAdvice = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"--delete", "mirror deletes what the source does not have"},
    {"--del", "mirror deletes what the source does not have"},
    {"--delete-before", "mirror deletes, and always last"},
    {"--delete-during", "mirror deletes, and always last"},
    {"--delete-delay", "mirror deletes, and always last"},
    {"--delete-after", "mirror deletes, and always last"},
    {"--remove-source-files", "move removes from the source what has landed"},
    {"-z", "a connection compresses where that pays, see --no-compress"},
    {"--compress", "a connection compresses where that pays, see --no-compress"},
    {"-P", "say --partial --progress"},
    {"-p", "permissions are kept by default, see --no-perms"},
    {"--perms", "permissions are kept by default, see --no-perms"},
    {"-t", "times are kept by default, see --no-times"},
    {"--times", "times are kept by default, see --no-times"},
    {"-o", "owners are kept by default, see --no-owner"},
    {"--owner", "owners are kept by default, see --no-owner"},
    {"-g", "groups are kept by default, see --no-group"},
    {"--group", "groups are kept by default, see --no-group"},
    {"-D", "devices are kept by default, see --no-devices"},
    {"-j", "say --threads N"},
});

}  // namespace

base::Result<void> check_options(const Draft& draft) {
  ROBOSYNC_TRY(at_most_one(draft, {"--quick", "--checksum", "--size-only", "--ignore-times"}));
  ROBOSYNC_TRY(at_most_one(
      draft, {"--links", "--copy-links", "--safe-links", "--copy-unsafe-links", "--skip-links"}));
  for (const std::string_view loud :
       {"--verbose", "--itemize", "--stats", "--progress", "--json"}) {
    ROBOSYNC_TRY(at_most_one(draft, {"--quiet", loud}));
  }
  ROBOSYNC_TRY(at_most_one(draft, {"--sparse", "--preallocate"}));
  ROBOSYNC_TRY(check_in_place(draft));
  ROBOSYNC_TRY(check_backup(draft));
  ROBOSYNC_TRY(check_inputs(draft));
  ROBOSYNC_TRY(at_most_one(draft, {"--tls-ca", "--tls-fingerprint", "--known-hosts"}));
  ROBOSYNC_TRY(check_reach(draft));
  return check_bounds(draft.request);
}

base::Result<void> set_operands(const std::vector<std::string>& operands, Request& request) {
  const std::string_view verb = to_string(request.verb);
  const bool one_source = request.verb == Verb::kMirror || request.verb == Verb::kVerify;
  if (operands.size() < 2) {
    return base::fail(usage(fmt::format(
        "{}: needs {}; see robosync help {}", verb,
        operands.empty() ? "a SOURCE and a TARGET" : "a TARGET after the SOURCE", verb)));
  }
  if (one_source && operands.size() > 2) {
    return base::fail(
        usage(fmt::format("{}: needs one SOURCE and one TARGET, but there are {} names; put a name "
                          "that has blanks in quotes",
                          verb, operands.size())));
  }
  for (const std::string& operand : operands) {
    if (operand.empty()) {
      return base::fail(usage(fmt::format("{}: a SOURCE or TARGET is an empty name", verb)));
    }
  }
  request.sources.assign(operands.begin(), operands.end() - 1);
  request.target = operands.back();
  return {};
}

base::Error unknown_option(Verb verb, const std::string& word) {
  const bool is_long = word.starts_with("--");
  const std::string name = is_long ? word.substr(0, word.find('=')) : word.substr(0, 2);
  for (const auto& [option, advice] : kAdvice) {
    if (option == name) return usage(fmt::format("{}: no such option; {}", name, advice));
  }
  return usage(
      fmt::format("{}: no such option; see robosync help {}, and put -- before a name "
                  "that begins with -",
                  is_long ? name : word, to_string(verb)));
}

}  // namespace robosync::cli
