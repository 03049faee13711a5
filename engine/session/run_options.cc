#include "engine/session/run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

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
  policy.modify_window_ns = std::max(request.modify_window_ns, privileges.time_granularity_ns - 1);
  policy.keeps_modes = privileges.keeps_modes;
  policy.ignore_one_hour = request.ignore_one_hour;
  policy.update_only_newer = request.update_only_newer;
  policy.leave_older = request.leave_older;
  policy.leave_changed = request.leave_changed;
  policy.leave_mismatched = request.leave_mismatched;
  policy.existing_only = request.existing_only;
  policy.ignore_existing = request.ignore_existing || request.empty_files;
  policy.windows_names = privileges.windows_names;
  policy.replace_directories = request.verb == Verb::kMirror;
  policy.keep_permissions = request.keep_permissions;
  policy.keep_times = request.keep_times;
  policy.keep_directory_times = request.keep_directory_times;
  policy.set_owner = request.keep_owner && privileges.owns_everything;
  policy.keep_group = request.keep_group;
  policy.any_group = privileges.owns_everything;
  policy.own_groups = privileges.groups;
  policy.own_groups.push_back(privileges.gid);
  policy.make_devices =
      request.keep_devices && (privileges.owns_everything || request.verb == Verb::kVerify);
  policy.chmod = request.chmod;
  policy.umask = privileges.umask;
  return policy;
}

}  // namespace

RunOptions run_options(const Request& request, const fs::Privileges& privileges) {
  RunOptions run;
  run.goal = static_cast<Goal>(request.verb);
  run.dry_run = request.dry_run;
  run.prune_empty_directories = request.prune_empty_directories;
  run.delete_pruned = request.delete_pruned;
  run.allow_empty_source = request.allow_empty_source;
  run.threads = thread_count(request.threads);
  run.scan.links = request.links;
  run.scan.links_asked = request.links;
  const bool compares = request.verb == Verb::kVerify;
  run.scan.passed_over = compares ? scan::PassedOver::kProblem : scan::PassedOver::kOmission;
  run.scan.links_left_out = request.links_left_out;
  run.scan.junctions = request.junctions;
  run.scan.link_counts = request.keep_hard_links;
  run.scan.one_file_system = request.one_file_system;
  run.scan.size_min = request.size_min;
  run.scan.size_max = request.size_max;
  run.scan.attributes_any = request.attributes_any;
  run.scan.attributes_none = request.attributes_none;
  run.reset_archive = request.reset_archive;
  if (request.age_min) run.scan.newest = now_less(*request.age_min);
  if (request.age_max) run.scan.oldest = now_less(*request.age_max);
  apply::Settings& settings = run.settings;
  settings.policy = policy_of(request, privileges);
  settings.transfer.reflink = request.reflink;
  settings.transfer.sparse = request.sparse;
  settings.transfer.preallocate = request.preallocate;
  settings.transfer.fast_paths = request.fast_paths;
  if (!privileges.renames_directories_in_use) {
    settings.transfer.fast_paths.staged_directories = false;
  }
  settings.digest = request.digest;
  settings.empty_files = request.empty_files;
  settings.keep_hard_links = request.keep_hard_links;
  settings.keep_xattrs = request.keep_xattrs;
  settings.keep_native_attributes = privileges.has_native_attributes;
  settings.keep_streams = request.keep_streams;
  settings.attributes_set = request.attributes_set;
  settings.attributes_cleared = request.attributes_cleared;
  settings.all_xattrs = privileges.owns_everything;
  settings.keep_acls = request.keep_acls;
  settings.illegal_names = request.illegal_names;
  settings.source_is_windows = privileges.has_native_attributes;
  settings.in_place = request.in_place;
  settings.keep_partial = request.keep_partial ? apply::KeepPartial::kYes : apply::KeepPartial::kNo;
  // What is removed from the source has to be safe at the target.
  settings.fsync = request.fsync || (request.verb == Verb::kMove && !privileges.syncs_volumes);
  settings.verify_after = request.verify_after;
  settings.delete_excluded = request.delete_excluded;
  settings.delete_limit = request.delete_limit;
  settings.backup = request.backup;
  settings.backup_dir = request.backup_dir;
  const bool default_suffix = request.backup_suffix.empty() && request.backup_dir.empty();
  settings.backup_suffix = default_suffix ? "~" : request.backup_suffix;
  settings.retries = request.retries;
  settings.retry_wait = request.retry_wait;
  settings.retry_wait_doubles = request.retry_wait_doubles;
  run.whole_files = request.whole_files;
  return run;
}

void allow_for_file_system(const TargetPlace& target, RunOptions& options) {
  const fs::DirectoryPtr& there = target.directory ? target.directory : target.make.parent;
  const std::int64_t granularity_ns = there->time_granularity_ns();
  plan::Policy& policy = options.settings.policy;
  policy.modify_window_ns = std::max(policy.modify_window_ns, granularity_ns - 1);
  policy.fat_times = there->has_fat_times();
  options.settings.file_bytes_max = there->file_bytes_max();
}

std::string allow_for_source(bool is_windows, RunOptions& options) {
  constexpr std::int64_t kWindowsTimeStepNs = 100;
  apply::Settings& settings = options.settings;
  plan::Policy& policy = settings.policy;
  const bool to_windows = settings.keep_native_attributes;
  if (is_windows == to_windows) return {};
  std::vector<std::string_view> lost;
  if (policy.keep_permissions) lost.emplace_back("permissions other than read-only");
  if (policy.keep_group) lost.emplace_back("owners and groups");
  if (std::exchange(settings.keep_xattrs, false)) lost.emplace_back("extended attributes");
  if (is_windows) {
    policy.source_has_modes = false;
    policy.modify_window_ns = std::max(policy.modify_window_ns, kWindowsTimeStepNs - 1);
  }
  if (is_windows || lost.empty()) return {};
  return fmt::format("the target is Windows: {} are not {}", fmt::join(lost, ", "),
                     options.goal == Goal::kVerify ? "compared" : "kept");
}

Result<void> check_request(const Request& request) {
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
  if (request.links_fallback == LinksFallback::kCopy) {
    if (request.links == LinkPolicy::kKeepSafe) {
      return usage(
          "--links-fallback=copy would follow what --safe-links keeps from being followed");
    }
    if (request.links == LinkPolicy::kFollow || request.links == LinkPolicy::kSkip) {
      return usage("--links-fallback: no links are made with --copy-links or --skip-links");
    }
    if (request.verb == Verb::kVerify) return usage("verify makes no links (--links-fallback)");
  }
  const bool leaves_some = request.update_only_newer || request.leave_older ||
                           request.leave_changed || request.leave_mismatched;
  if (leaves_some && request.verb == Verb::kVerify) {
    return usage("verify compares; --update does not go with it");
  }
  const bool proves = request.verb == Verb::kMove || request.verb == Verb::kVerify;
  if (request.empty_files && (proves || request.keep_partial)) {
    return usage("files without content are made by copy and mirror only, without --partial");
  }
  if (request.empty_files && request.reset_archive) {
    return usage("what arrives without content keeps its archive attribute at the source");
  }
  return {};
}

namespace {

Result<void> check_acls(const Request& request, const fs::Privileges& privileges, const char* end) {
  if (!request.keep_acls || privileges.has_acls) return {};
  return fail(make_error(ErrorKind::kUnsupported, std::string("the ") + end +
                                                      "'s system has no access lists that could "
                                                      "be kept (-A, --acls)"));
}

}  // namespace

Result<void> check_source(const Request& request, const fs::Privileges& privileges) {
  ROBOSYNC_TRY(check_acls(request, privileges, "source"));
  if (privileges.has_native_attributes) return {};
  // Whether a file is read-only can be told everywhere; that it has none of the others, too.
  const bool none_would_do =
      request.attributes_any != 0 && (request.attributes_any & tree::kAttributeReadOnly) == 0;
  if (none_would_do || request.reset_archive) {
    return fail(make_error(ErrorKind::kUnsupported,
                           "the source's files have no Windows attributes to be selected by: "
                           "nothing would be copied"));
  }
  return {};
}

Result<void> check_target(const Request& request, const fs::Privileges& privileges) {
  ROBOSYNC_TRY(check_acls(request, privileges, "target"));
  if (privileges.has_native_attributes || request.attributes_set == 0) return {};
  return fail(make_error(ErrorKind::kUnsupported,
                         "the target's files have no Windows attributes that could be set"));
}

}  // namespace robosync::session
