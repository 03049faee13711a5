// Options about the run as a whole, and which files count as changed.
#include <chrono>

#include "cli/option_table.h"
#include "cli/option_values.h"

namespace robosync::cli {
namespace {

constexpr std::string_view kNothingWritten = "verify only compares, it writes nothing";
constexpr std::string_view kAllCompared = "verify compares everything that is selected";

base::Result<void> set_comparison(Draft& draft, Comparison comparison) {
  draft.request.comparison = comparison;
  return {};
}

base::Result<void> switch_off(FastPaths& paths, const std::string& name) {
  if (name == "clone" || name == "all") paths.clone = false;
  if (name == "copy-range" || name == "all") paths.copy_range = false;
  if (name == "parallel" || name == "all") paths.parallel_ranges = false;
  if (name == "staged-dirs" || name == "all") paths.staged_directories = false;
  if (name == "holes" || name == "all") paths.holes = false;
  return {};
}

}  // namespace

std::vector<OptionSpec> run_options() {
  return {
      {"-n,--dry-run", "", "change nothing, list what would be done", kWritingVerbs,
       kNothingWritten,
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.request.dry_run = true;
         return {};
       }},
      {"-a,--archive", "", "accepted for rsync's sake: what it stands for is the default",
       kAllVerbs, "", [](Draft&, const std::string&) -> base::Result<void> { return {}; }},
      {"-r,--recursive", "", "accepted for rsync's sake: it is the default", kAllVerbs, "",
       [](Draft&, const std::string&) -> base::Result<void> { return {}; }},
      {"--threads", "N", "how many threads work; 0, the default, suits the machine", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(const std::uint64_t count, parse_count(value, kThreadsMax));
         draft.request.threads = static_cast<unsigned>(count);
         return {};
       }},
      {"--retries", "N",
       "try a busy or changing file, or a lost connection, up to N times more (2)", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(const std::uint64_t count, parse_count(value, kRetriesMax));
         draft.request.retries = static_cast<unsigned>(count);
         return {};
       }},
      {"--retry-wait", "SECONDS", "wait before the first retry, doubled each time (0.2)", kAllVerbs,
       "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(const std::chrono::nanoseconds wait, parse_seconds(value));
         if (wait > kRetryWaitMax) {
           return base::fail(
               base::make_error(base::ErrorKind::kUsage, "'" + value + "' is more than a day"));
         }
         draft.request.retry_wait = std::chrono::duration_cast<std::chrono::milliseconds>(wait);
         return {};
       }},
      {"--no-fast-path", "clone|copy-range|parallel|staged-dirs|holes|all",
       "do without a shortcut, for tests and trouble-shooting; may be repeated", kWritingVerbs,
       kNothingWritten,
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         return switch_off(draft.request.fast_paths, value);
       }},
  };
}

std::vector<OptionSpec> comparison_options() {
  return {
      {"--quick", "",
       "a file has changed when its size or time differs (the default, except of verify)",
       kAllVerbs, "",
       [](Draft& draft, const std::string&) { return set_comparison(draft, Comparison::kQuick); }},
      {"-c,--checksum", "", "compare content by digest, not by time (the default of verify)",
       kAllVerbs, "",
       [](Draft& draft, const std::string&) { return set_comparison(draft, Comparison::kDigest); }},
      {"--size-only", "", "a file has changed when its size differs", kAllVerbs, "",
       [](Draft& draft, const std::string&) {
         return set_comparison(draft, Comparison::kSizeOnly);
       }},
      {"-I,--ignore-times", "", "every file counts as changed", kWritingVerbs, kAllCompared,
       [](Draft& draft, const std::string&) { return set_comparison(draft, Comparison::kAlways); }},
      {"--digest", "xxh3|sha256", "the digest that content is compared by (xxh3)", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         draft.request.digest = value == "sha256" ? DigestKind::kSha256 : DigestKind::kXxh3_128;
         return {};
       }},
      {"-@,--modify-window", "SECONDS", "times that differ by no more count as equal (0)",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(const std::chrono::nanoseconds window, parse_seconds(value));
         draft.request.modify_window_ns = window.count();
         return {};
       }},
      {"-u,--update", "", "leave alone what is newer on the target", kWritingVerbs, kAllCompared,
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.request.update_only_newer = true;
         return {};
       }},
      {"--existing", "", "create nothing new on the target", kWritingVerbs, kAllCompared,
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.request.existing_only = true;
         return {};
       }},
      {"--ignore-existing", "", "update nothing that is on the target", kWritingVerbs, kAllCompared,
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.request.ignore_existing = true;
         return {};
       }},
  };
}

}  // namespace robosync::cli
