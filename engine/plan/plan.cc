#include "engine/plan/plan.h"

#include "engine/tree/windows_name.h"

namespace robosync::plan {
namespace {

using tree::Entry;
using tree::Kind;
using tree::Metadata;

bool is_device(Kind kind) { return kind == Kind::kCharDevice || kind == Kind::kBlockDevice; }

PlannedEntry skip(PlannedEntry entry, SkipReason reason) {
  entry.step = Step::kSkip;
  entry.reason = reason;
  return entry;
}

// Regular files of both sides: does the content have to be written?
Step step_for_files(const Metadata& source, const Metadata& target, const Policy& policy,
                    Changes& changes) {
  changes.size = source.size != target.size;
  if (changes.size) {
    changes.time = !policy.same_time(source.mtime, target.mtime);
    return Step::kReplace;
  }
  switch (policy.comparison) {
    case Comparison::kSizeOnly:
      break;
    case Comparison::kDigest:
      return Step::kCompare;
    case Comparison::kAlways:
      return Step::kReplace;
    case Comparison::kQuick:
      if (!policy.same_time(source.mtime, target.mtime)) {
        changes.time = true;
        return Step::kReplace;
      }
      break;
  }
  return changes.metadata() ? Step::kMetadata : Step::kNothing;
}

Step step_for_same_kind(const Entry& source, const Entry& target, const Policy& policy,
                        Changes& changes) {
  changes = metadata_changes(source.metadata, target.metadata, policy);
  switch (source.metadata.kind) {
    case Kind::kRegular:
      return step_for_files(source.metadata, target.metadata, policy, changes);
    case Kind::kDirectory:
      return Step::kEnter;
    case Kind::kSymlink:
      changes.content = source.link_target != target.link_target;
      break;
    case Kind::kCharDevice:
    case Kind::kBlockDevice:
      changes.content = source.metadata.device_number != target.metadata.device_number;
      break;
    default:
      break;
  }
  if (changes.content) return Step::kReplace;
  return changes.metadata() ? Step::kMetadata : Step::kNothing;
}

// Regular files of both sides: whether the policy leaves the target's alone, and why.
SkipReason left_alone(const Metadata& source, const Metadata& target, const Policy& policy) {
  if (policy.same_time(source.mtime, target.mtime)) {
    const bool changed = policy.leave_changed && source.size != target.size;
    return changed ? SkipReason::kTargetChanged : SkipReason::kNone;
  }
  if (source.mtime < target.mtime) {
    return policy.update_only_newer ? SkipReason::kTargetNewer : SkipReason::kNone;
  }
  return policy.leave_older ? SkipReason::kTargetOlder : SkipReason::kNone;
}

// A backslash separates names there: what would be made is another link, and read back as one.
bool is_illegal_link(const Entry& source, const Policy& policy) {
  return policy.windows_names && source.metadata.is_symlink() && source.link_target.contains('\\');
}

PlannedEntry plan_new(const Entry& source, const Policy& policy) {
  PlannedEntry planned{.source = &source};
  if (policy.existing_only) return skip(planned, SkipReason::kNotExisting);
  if (policy.windows_names && !tree::validate_windows_name(source.name)) {
    return skip(planned, SkipReason::kIllegalName);
  }
  if (is_illegal_link(source, policy)) return skip(planned, SkipReason::kIllegalLink);
  if (is_device(source.metadata.kind) && !policy.make_devices) {
    return skip(planned, SkipReason::kNeedsPrivileges);
  }
  planned.step = Step::kCreate;
  return planned;
}

PlannedEntry plan_pair(const Entry& source, const Entry& target, const Policy& policy) {
  PlannedEntry planned{.source = &source, .target = &target};
  const Metadata& from = source.metadata;
  const Metadata& to = target.metadata;
  if (is_device(from.kind) && !policy.make_devices) {
    return skip(planned, SkipReason::kNeedsPrivileges);
  }
  if (is_illegal_link(source, policy)) return skip(planned, SkipReason::kIllegalLink);
  if (from.kind != to.kind && policy.leave_mismatched) {
    planned.changes.kind = true;
    return skip(planned, SkipReason::kMismatched);
  }
  // Directories are gone into all the same; whatever else stands there is left as it is.
  const bool both_directories = from.is_directory() && to.is_directory();
  if (policy.ignore_existing && !both_directories) return skip(planned, SkipReason::kExisting);
  if (from.is_regular() && to.is_regular()) {
    const SkipReason reason = left_alone(from, to, policy);
    planned.changes.content = reason == SkipReason::kTargetChanged;
    if (reason != SkipReason::kNone) return skip(planned, reason);
  }
  if (from.kind == to.kind) {
    planned.step = step_for_same_kind(source, target, policy, planned.changes);
    return planned;
  }
  planned.changes.kind = true;
  planned.step = to.is_directory() ? Step::kReplaceDirectory : Step::kReplaceKind;
  return planned;
}

}  // namespace

Changes metadata_changes(const Metadata& source, const Metadata& target, const Policy& policy) {
  Changes changes;
  changes.time = policy.keeps_time(source.kind) && !policy.same_time(source.mtime, target.mtime);
  // A symbolic link has no permissions of its own.
  changes.permissions = !source.is_symlink() && policy.wanted_mode(source, &target) != target.mode;
  if (!policy.source_has_modes) return changes;
  changes.owner = policy.set_owner && source.uid != target.uid;
  changes.group = policy.sets_group(source) && source.gid != target.gid;
  return changes;
}

DirectoryPlan plan_directory(const std::vector<Entry>& source, const std::vector<Entry>& target,
                             const Policy& policy) {
  DirectoryPlan plan;
  plan.entries.reserve(source.size());
  auto s = source.begin();
  auto t = target.begin();
  while (s != source.end() || t != target.end()) {
    const int order = s == source.end() ? 1 : t == target.end() ? -1 : s->name.compare(t->name);
    if (order < 0) {
      plan.entries.push_back(plan_new(*s++, policy));
    } else if (order > 0) {
      plan.extras.push_back(&*t++);
    } else {
      plan.entries.push_back(plan_pair(*s++, *t++, policy));
    }
  }
  return plan;
}

}  // namespace robosync::plan
