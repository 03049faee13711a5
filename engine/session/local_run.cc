#include "engine/session/local_run.h"

#include <algorithm>

#include "engine/session/survey.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using plan::Step;

// Trees that contain each other: a scan would reach the other root, or the deletions the source.
Result<void> LocalRun::check_nesting(const Roots& roots,
                                     const std::shared_ptr<const tree::FilterScope>& filter) const {
  const fs::DirectoryPtr& target = roots.target ? roots.target : roots.make.parent;
  ROBOSYNC_ASSIGN(const std::vector<tree::Identity> target_line,
                  context_.file_system.ancestry(target));
  const tree::Identity target_itself = target_line.front();
  const bool exists = roots.target != nullptr;
  for (const scan::Origin& origin : roots.origins) {
    ROBOSYNC_ASSIGN(const tree::Metadata here, origin.handle->stat());
    const bool renamed = !origin.target_name.empty() && origin.target_name != origin.names.front();
    if (exists && here.identity == target_itself && !renamed) {
      return fail(make_error(ErrorKind::kRefused, "source and target are the same"));
    }
    if (options_.goal != Goal::kMirror) continue;
    ROBOSYNC_ASSIGN(const std::vector<tree::Identity> source_line,
                    context_.file_system.ancestry(origin.handle));
    const bool inside =
        std::find(source_line.begin(), source_line.end(), target_itself) != source_line.end();
    if (exists && origin.names.empty() && inside) {
      return fail(make_error(ErrorKind::kRefused,
                             "the source lies inside the target: mirroring would delete it"));
    }
  }
  if (!reaches_target(roots, filter, target_line)) return {};
  return fail(make_error(ErrorKind::kRefused,
                         "the target lies inside the source: exclude it, or use --one-file-system "
                         "if it is on another one"));
}

// Whether the scan would come to the target: walks only along the line that leads to it.
bool LocalRun::reaches_target(const Roots& roots,
                              const std::shared_ptr<const tree::FilterScope>& filter,
                              const std::vector<tree::Identity>& target_line) const {
  auto at = std::make_shared<scan::SourceDirectory>(tree::RelPath(), roots.origins);
  std::shared_ptr<const tree::FilterScope> scope = filter;
  for (std::size_t depth = 0; depth <= target_line.size(); ++depth) {
    auto scan = at->scan(scope, options_.scan);
    if (!scan) return false;  // the run itself will say why
    scope = scan->filter;
    const scan::Origin& first = at->origins().front();
    const auto here = first.handle->stat();
    if (first.names.empty() && first.entered && here && here->identity == target_line.front()) {
      const bool selected = first.selection == nullptr || first.selection->whole;
      return roots.target || (selected && !scope->excludes_entry(at->path(), roots.make.name, true,
                                                                 tree::FilterSide::kSource));
    }
    const auto leads_on = [&](const tree::Entry& entry) {
      return entry.metadata.is_directory() &&
             std::find(target_line.begin(), target_line.end(), entry.metadata.identity) !=
                 target_line.end();
    };
    const std::vector<tree::Entry>& entries = scan->snapshot.entries;
    const auto next = std::find_if(entries.begin(), entries.end(), leads_on);
    if (next == entries.end()) return false;
    auto opened = at->open_directory(*next, options_.scan);
    if (!opened) return false;
    at = std::move(*opened);
  }
  return false;
}

Result<void> LocalRun::open_target(Roots& roots) {
  if (!roots.target && !options_.only_looks()) {
    // Filled privately where settling gives it the source's mode; else as mkdir makes it.
    const std::uint32_t mode =
        roots.contents ? 0700 : 0777 & ~context_.file_system.privileges().umask;
    auto made = roots.make.parent->make_directory(roots.make.name, mode);
    // Two runs may begin at once.
    if (!made && made.error().kind != ErrorKind::kExists) return fail(std::move(made).error());
    ROBOSYNC_ASSIGN(roots.target, roots.make.parent->open_directory(roots.make.name));
  }
  if (!roots.target) return {};
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, roots.target->stat());
  context_.target_root = metadata.identity;
  context_.target_root_handle = roots.target;
  return {};
}

// What there is at the top of the source, before and after filtering.
Result<LocalRun::Selected> LocalRun::what_is_selected(
    const Roots& roots, const std::shared_ptr<const tree::FilterScope>& filter) const {
  auto directory = std::make_shared<scan::SourceDirectory>(tree::RelPath(), roots.origins);
  std::shared_ptr<const tree::FilterScope> scope = filter;
  if (!roots.lists_everything) {
    // A source named without a slash: what matters is what is in it.
    ROBOSYNC_ASSIGN(const scan::Scan above, directory->scan(filter, options_.scan));
    const std::vector<tree::Entry>& entries = above.snapshot.entries;
    if (entries.size() != 1 || !entries.front().metadata.is_directory()) return Selected::kSome;
    scope = above.filter;
    ROBOSYNC_ASSIGN(directory, directory->open_directory(entries.front(), options_.scan));
  }
  ROBOSYNC_ASSIGN(const scan::Scan scan, directory->scan(scope, options_.scan));
  if (!scan.snapshot.entries.empty() || !scan.snapshot.problems.empty()) return Selected::kSome;
  fs::Listing all;
  ROBOSYNC_TRY(directory->origins().front().handle->list({}, all));
  return all.entries.empty() ? Selected::kSourceEmpty : Selected::kNone;
}

// A mirror must not empty its target because the source is not mounted or a filter is wrong.
bool LocalRun::source_guard_allows(const Roots& roots,
                                   const std::shared_ptr<const tree::FilterScope>& filter) {
  const auto selected = what_is_selected(roots, filter);
  if (!selected || *selected == Selected::kSome) return true;  // a fault is the run's to report
  const bool empty = *selected == Selected::kSourceEmpty;
  if (!empty) context_.ledger.warning("nothing in the source is selected by the filters");
  const bool protects = !empty && !options_.settings.delete_excluded;
  if (options_.allow_empty_source || protects || !target_holds_entries(roots)) return true;
  context_.ledger.warning(
      (empty ? "the source is empty (not mounted?)" : "the filters leave nothing of the source") +
      std::string(": nothing is deleted; use --allow-empty-source if that is meant"));
  return false;
}

// Whether there is anything at the target that mirroring an empty source would delete.
bool LocalRun::target_holds_entries(const Roots& roots) const {
  fs::DirectoryPtr directory = roots.target;
  const std::vector<std::string>& names = roots.origins.front().names;
  if (directory && !names.empty()) {
    auto inner = directory->open_directory(names.front());
    directory = inner ? *inner : nullptr;
  }
  fs::Listing listing;
  return directory && directory->list({}, listing) && !listing.entries.empty();
}

TaskPtr LocalRun::make_root(Roots roots, std::shared_ptr<const tree::FilterScope> filter,
                            bool made) {
  auto task = std::make_shared<DirectoryTask>();
  task->outer_filter = std::move(filter);
  task->source = std::make_shared<scan::SourceDirectory>(tree::RelPath(), std::move(roots.origins));
  task->target = std::make_unique<apply::TargetDirectory>(tree::RelPath(), "");
  task->planned.step = Step::kEnter;
  if (roots.contents) {
    task->root_entry = std::move(roots.contents);
    task->planned.source = &*task->root_entry;
  }
  if (made) task->planned.step = Step::kCreate;
  return task;
}

Result<RunEnd> LocalRun::run(Roots roots, std::shared_ptr<const tree::FilterScope> filter) {
  RunEnd end;
  context_.source_roots = roots.source_directories;
  for (tree::Problem& problem : roots.problems) {
    context_.ledger.problem(problem.path, {ErrorKind::kIo, problem.error.code, "no such source"},
                            std::nullopt);
  }
  ROBOSYNC_TRY(check_nesting(roots, filter));
  if (options_.goal == Goal::kMirror && !source_guard_allows(roots, filter)) {
    end.guarded = true;
    return end;
  }
  const bool made = !roots.target;
  ROBOSYNC_TRY(open_target(roots));
  ROBOSYNC_ASSIGN(context_.backup,
                  apply::Backup::open(options_.settings, context_.file_system, roots.target,
                                      context_.source_roots,
                                      options_.only_looks() ? apply::Backup::Making::kNothing
                                                            : apply::Backup::Making::kAllowed));
  context_.installer = std::make_unique<apply::Installer>(
      options_.settings, context_.copier, context_.backup.get(), context_.cancellation);
  context_.deletions = std::make_unique<apply::Deletions>(roots.target, context_.backup.get(),
                                                          context_.ledger, context_.cancellation);
  if (options_.scan.one_file_system) context_.deletions->leave_mounts_alone();
  if (context_.backup && context_.backup->identity()) {
    context_.deletions->protect(*context_.backup->identity());
  }
  std::optional<Survey> survey;
  if (context_.ledger.wants_progress()) survey.emplace(context_, roots.origins, filter);

  const fs::DirectoryPtr target = roots.target;
  TaskPtr root = make_root(std::move(roots), std::move(filter), made);
  if (target) {
    ROBOSYNC_TRY(root->target->adopt(target, made));
    const tree::Metadata& there = root->target->spot().metadata;
    if (root->planned.source != nullptr) {
      root->planned.changes =
          plan::metadata_changes(root->planned.source->metadata, there, options_.settings.policy);
    }
  }
  flow_.start(std::move(root));
  context_.pool.wait_idle();
  if (options_.goal == Goal::kMirror || options_.goal == Goal::kVerify) delete_extras(end);
  return end;
}

bool LocalRun::guard_allows(const apply::Deletions::Count& count, RunEnd& end) {
  const apply::DeleteLimit& limit = options_.settings.delete_limit;
  const std::uint64_t entries = count.entries;
  const std::uint64_t all = context_.target_entries.load() + count.inside;
  const bool too_many = (limit.count && entries > *limit.count) ||
                        (limit.percent && static_cast<double>(entries) * 100.0 >
                                              *limit.percent * static_cast<double>(all));
  if (count.unknown && (limit.count || limit.percent)) {
    end.guarded = true;
    context_.ledger.warning(
        "--max-delete: a directory to be deleted cannot be read, so what is in it cannot be "
        "counted; nothing was deleted");
    return false;
  }
  if (too_many) {
    end.guarded = true;
    context_.ledger.warning("--max-delete: " + std::to_string(entries) + " of " +
                            std::to_string(all) + " entries would be deleted; nothing was deleted");
    return false;
  }
  if (options_.dry_run || context_.ledger.confirm_deletions({entries, all})) return true;
  end.guarded = true;
  return false;
}

// Whether the run may delete; tells why not.
bool LocalRun::may_delete(RunEnd& end) {
  if (context_.scan_incomplete) {
    end.deletions_withheld = true;
    context_.ledger.warning("something of the source could not be read: nothing was deleted");
    return false;
  }
  auto count = context_.deletions->count(
      context_.source_roots,
      options_.dry_run ? apply::Deletions::Look::kOnly : apply::Deletions::Look::kOpensUp);
  if (!count) {
    context_.ledger.abort(std::move(count).error());
    return false;
  }
  return count->entries == 0 || guard_allows(*count, end);
}

// Last of all, and only on the strength of a complete scan.
void LocalRun::delete_extras(RunEnd& end) {
  if (context_.stopping()) return;
  using apply::Deletions;
  using Replacing = DirectoryFlow::Replacing;
  if (options_.goal == Goal::kVerify) {
    context_.deletions->run(Deletions::Mode::kTell, apply::Action::kOnlyTarget);
    return;
  }
  const bool allowed = context_.deletions->empty() || may_delete(end);
  flow_.replace_directories(allowed ? Replacing::kAllowed : Replacing::kWithheld);
  if (!allowed || context_.stopping()) return;
  context_.deletions->run(options_.dry_run ? Deletions::Mode::kTell : Deletions::Mode::kDelete,
                          apply::Action::kDeleted);
}

}  // namespace robosync::session
