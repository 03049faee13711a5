#include "engine/sync.h"

#include <algorithm>
#include <thread>

#include "engine/fs/fs.h"
#include "engine/session/local_run.h"

namespace robosync {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

constexpr unsigned kThreadsMin = 2;
// More do not help: a single target directory takes one change at a time.
constexpr unsigned kThreadsMax = 16;

unsigned thread_count(unsigned wanted) {
  if (wanted != 0) return wanted;
  return std::clamp(std::thread::hardware_concurrency(), kThreadsMin, kThreadsMax);
}

tree::Time now_less(std::chrono::nanoseconds age) {
  const auto at = std::chrono::system_clock::now().time_since_epoch() - age;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return {seconds.count(),
          static_cast<std::uint32_t>(
              std::chrono::duration_cast<std::chrono::nanoseconds>(at - seconds).count())};
}

plan::Policy policy_of(const Request& request, const fs::Privileges& privileges) {
  plan::Policy policy;
  policy.comparison = request.comparison;
  policy.modify_window_ns = request.modify_window_ns;
  policy.update_only_newer = request.update_only_newer;
  policy.existing_only = request.existing_only;
  policy.ignore_existing = request.ignore_existing;
  policy.replace_directories = request.verb == Verb::kMirror;
  policy.keep_permissions = request.keep_permissions;
  policy.keep_times = request.keep_times;
  policy.set_owner = request.keep_owner && privileges.owns_everything;
  policy.keep_group = request.keep_group;
  policy.any_group = privileges.owns_everything;
  policy.own_groups = privileges.groups;
  policy.own_groups.push_back(privileges.gid);
  policy.make_devices = request.keep_devices && privileges.owns_everything;
  policy.chmod = request.chmod;
  policy.umask = privileges.umask;
  return policy;
}

session::RunOptions run_options(const Request& request, const fs::Privileges& privileges) {
  session::RunOptions run;
  run.goal = static_cast<session::Goal>(request.verb);
  run.dry_run = request.dry_run;
  run.prune_empty_directories = request.prune_empty_directories;
  run.allow_empty_source = request.allow_empty_source;
  run.threads = thread_count(request.threads);
  run.scan.links = request.links;
  run.scan.one_file_system = request.one_file_system;
  run.scan.size_min = request.size_min;
  run.scan.size_max = request.size_max;
  if (request.age_min) run.scan.newest = now_less(*request.age_min);
  if (request.age_max) run.scan.oldest = now_less(*request.age_max);
  apply::Settings& settings = run.settings;
  settings.policy = policy_of(request, privileges);
  settings.transfer.reflink = request.reflink;
  settings.transfer.sparse = request.sparse;
  settings.transfer.preallocate = request.preallocate;
  settings.transfer.fast_paths = request.fast_paths;
  settings.digest = request.digest;
  settings.keep_hard_links = request.keep_hard_links;
  settings.keep_xattrs = request.keep_xattrs;
  settings.all_xattrs = privileges.owns_everything;
  settings.keep_acls = request.keep_acls;
  settings.in_place = request.in_place;
  settings.keep_partial = request.keep_partial;
  settings.fsync = request.fsync;
  settings.verify_after = request.verify_after;
  settings.delete_excluded = request.delete_excluded;
  settings.delete_limit = request.delete_limit;
  settings.backup = request.backup;
  settings.backup_dir = request.backup_dir;
  const bool default_suffix = request.backup_suffix.empty() && request.backup_dir.empty();
  settings.backup_suffix = default_suffix ? "~" : request.backup_suffix;
  settings.retries = request.retries;
  settings.retry_wait = request.retry_wait;
  return run;
}

Result<void> check(const Request& request) {
  const auto usage = [](const char* text) { return fail(make_error(ErrorKind::kUsage, text)); };
  if (request.verb == Verb::kMirror && request.sources.size() != 1) {
    return usage("mirror takes exactly one source");
  }
  if (request.verb == Verb::kVerify && request.sources.size() != 1) {
    return usage("verify takes exactly one source");
  }
  if (request.in_place && request.backup) return usage("--inplace keeps no --backup");
  if (request.in_place && request.keep_partial) return usage("--inplace has no partial files");
  if (request.backup_suffix.find('/') != std::string::npos) {
    return usage("--suffix must not contain '/'");
  }
  if (request.update_only_newer && request.verb == Verb::kVerify) {
    return usage("verify compares; --update does not go with it");
  }
  return {};
}

// A file of rules that the user names.
Result<std::string> read_rules(const fs::FileSystem& file_system, const std::string& path) {
  ROBOSYNC_ASSIGN(const fs::Located located, file_system.locate(path));
  ROBOSYNC_ASSIGN(std::optional<std::string> content,
                  fs::read_if_there(*located.parent, located.name, tree::kFilterFileBytesMax));
  if (!content) return fail(make_error(ErrorKind::kNotFound, "no such file: " + path));
  return std::move(*content);
}

Outcome outcome_of(const apply::Ledger& ledger, const session::RunEnd& end, bool cancelled) {
  const Counters& counters = ledger.counters();
  if (ledger.fatal()) return Outcome::kAborted;
  if (cancelled) return Outcome::kCancelled;
  if (ledger.problem_count() > 0) {
    return ledger.only_vanished() ? Outcome::kVanished : Outcome::kPartial;
  }
  if (end.guarded) return Outcome::kGuarded;
  if (counters.different + counters.only_source + counters.only_target > 0) {
    return Outcome::kDifferent;
  }
  return Outcome::kOk;
}

}  // namespace

Result<Report> sync(const Request& request, Observer& observer, const Cancellation& cancellation) {
  return sync_on(fs::native_file_system(), request, observer, cancellation);
}

Result<Report> sync_on(fs::FileSystem& file_system, const Request& request, Observer& observer,
                       const Cancellation& cancellation) {
  const auto started = std::chrono::steady_clock::now();
  ROBOSYNC_TRY(check(request));
  tree::FilterOptions filter_options;
  filter_options.delete_excluded = request.delete_excluded;
  ROBOSYNC_ASSIGN(
      const std::shared_ptr<const tree::FilterScope> filter,
      tree::FilterScope::compile(
          request.filters, [&](const std::string& path) { return read_rules(file_system, path); },
          filter_options));
  if (filter->has_xattr_rules()) {
    return fail(make_error(ErrorKind::kUnsupported,
                           "filter rules about extended attributes (x) are not supported"));
  }
  ROBOSYNC_ASSIGN(
      session::Roots roots,
      session::open_roots(file_system, request.sources, request.target, request.files_from.get()));
  const session::RunOptions options = run_options(request, file_system.privileges());
  apply::Ledger ledger(observer);
  session::RunEnd end;
  {
    session::LocalRun run(options, file_system, ledger, cancellation, request.bytes_per_second_max);
    ROBOSYNC_ASSIGN(end, run.run(std::move(roots), filter));
  }
  for (const std::string& rule : filter->unmatched_rules()) {
    ledger.warning("filter rule matched nothing: " + rule);
  }
  Report report;
  report.fatal = ledger.fatal();
  report.outcome = outcome_of(ledger, end, cancellation.requested());
  report.counters = ledger.counters();
  report.problems = std::move(ledger.problems());
  report.problem_count = ledger.problem_count();
  report.deletions_withheld = end.deletions_withheld;
  report.elapsed = std::chrono::steady_clock::now() - started;
  return report;
}

}  // namespace robosync
