#include "engine/session/target_run.h"

#include <utility>

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::Result;
using plan::Step;

Result<void> TargetRun::open_target(TargetPlace& place, bool filled_privately) {
  if (!place.directory && !options_.only_looks()) {
    // Filled privately where settling gives it the source's mode; else as mkdir makes it.
    const std::uint32_t mode =
        filled_privately ? 0700 : 0777 & ~context_.file_system.privileges().umask;
    auto made = place.make.parent->make_directory(place.make.name, mode);
    // Two runs may begin at once.
    if (!made && made.error().kind != ErrorKind::kExists) return fail(std::move(made).error());
    ROBOSYNC_ASSIGN(place.directory, place.make.parent->open_directory(place.make.name));
  }
  if (!place.directory) return {};
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, place.directory->stat());
  context_.target_root = metadata.identity;
  context_.target_root_handle = place.directory;
  return {};
}

namespace {

// Whether there is anything at the target that mirroring an empty source would delete.
bool holds_entries(const TargetPlace& place, const std::string& single_name) {
  fs::DirectoryPtr directory = place.directory;
  if (directory && !single_name.empty()) {
    auto inner = directory->open_directory(single_name);
    directory = inner ? *inner : nullptr;
  }
  fs::Listing listing;
  return directory && directory->list({}, listing) && !listing.entries.empty();
}

}  // namespace

// A mirror must not empty its target because the source is not mounted or a filter is wrong.
bool TargetRun::source_guard_allows(const RunSource& source, const TargetPlace& place) {
  const auto selected = source.selected();
  if (!selected || *selected == Selected::kSome) return true;  // a fault is the run's to report
  const bool empty = *selected == Selected::kSourceEmpty;
  if (!empty) context_.ledger.warning("nothing in the source is selected by the filters");
  const bool protects = !empty && !options_.settings.delete_excluded;
  if (options_.allow_empty_source || protects || !holds_entries(place, source.single_name)) {
    return true;
  }
  context_.ledger.warning(
      (empty ? "the source is empty (not mounted?)" : "the filters leave nothing of the source") +
      std::string(": nothing is deleted; use --allow-empty-source if that is meant"));
  return false;
}

TaskPtr TargetRun::make_root(RunSource source, std::shared_ptr<const tree::FilterScope> filter,
                             bool made) {
  auto task = std::make_shared<DirectoryTask>();
  task->outer_filter = std::move(filter);
  task->source = std::move(source.root);
  task->target = std::make_unique<apply::TargetDirectory>(tree::RelPath(), "");
  task->planned.step = Step::kEnter;
  if (source.contents) {
    task->root_entry = std::move(source.contents);
    task->planned.source = &*task->root_entry;
  }
  if (made) task->planned.step = Step::kCreate;
  return task;
}

// What the flow works with.
Result<void> TargetRun::prepare(const TargetPlace& place) {
  ROBOSYNC_ASSIGN(context_.backup,
                  apply::Backup::open(options_.settings, context_.file_system, place.directory,
                                      context_.source_roots,
                                      options_.only_looks() ? apply::Backup::Making::kNothing
                                                            : apply::Backup::Making::kAllowed));
  context_.installer = std::make_unique<apply::Installer>(
      options_.settings, context_.copier, context_.backup.get(), context_.cancellation);
  context_.deletions = std::make_unique<apply::Deletions>(place.directory, context_.backup.get(),
                                                          context_.ledger, context_.cancellation);
  if (options_.scan.one_file_system) context_.deletions->leave_mounts_alone();
  if (context_.backup && context_.backup->identity()) {
    context_.deletions->protect(*context_.backup->identity());
  }
  for (const tree::Identity& own : options_.own_files) context_.deletions->protect(own);
  return {};
}

Result<RunEnd> TargetRun::run(RunSource source, TargetPlace place,
                              std::shared_ptr<const tree::FilterScope> filter) {
  RunEnd end;
  context_.source_roots = source.directories;
  for (tree::Problem& problem : source.problems) {
    context_.ledger.problem(problem.path, {ErrorKind::kIo, problem.error.code, "no such source"},
                            std::nullopt);
  }
  if (options_.goal == Goal::kMirror && !source_guard_allows(source, place)) {
    end.guarded = true;
    return end;
  }
  const bool made = !place.directory;
  ROBOSYNC_TRY(open_target(place, source.contents.has_value()));
  ROBOSYNC_TRY(prepare(place));
  TaskPtr root = make_root(std::move(source), std::move(filter), made);
  if (place.directory) {
    ROBOSYNC_TRY(root->target->adopt(place.directory, made));
    const tree::Metadata& there = root->target->spot().metadata;
    if (root->planned.source != nullptr) {
      root->planned.changes =
          plan::metadata_changes(root->planned.source->metadata, there, options_.settings.policy);
    }
  }
  flow_.start(std::move(root));
  context_.wait_idle();
  if (options_.goal == Goal::kMirror || options_.goal == Goal::kVerify) delete_extras(end);
  // What is moved stays for them, each a problem.
  if (options_.goal != Goal::kMove && context_.installer->left_streams_out()) {
    context_.ledger.warning(std::string(apply::kStreamsLeftOut));
  }
  return end;
}

bool TargetRun::guard_allows(const apply::Deletions::Count& count, RunEnd& end) {
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
bool TargetRun::may_delete(RunEnd& end) {
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
void TargetRun::delete_extras(RunEnd& end) {
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
