#include "engine/session/directory_flow.h"

#include <algorithm>

#include "engine/apply/staging.h"
#include "engine/tree/staging_name.h"

namespace robosync::session {

using apply::Action;
using base::ErrorKind;
using base::Result;
using plan::PlannedEntry;
using plan::Step;
using tree::Completeness;

namespace {

// One job's worth of small files.
constexpr std::size_t kFilesPerBatch = 64;
// How much a killed run may have to do again for one directory: larger ones are not staged whole.
constexpr std::uint64_t kStagedBytesMax = 256ULL * 1024 * 1024;
// Deeper trees are refused: each level costs an open handle while its subtree is on its way.
constexpr std::size_t kDepthMax = 4096;

}  // namespace

void DirectoryFlow::start(TaskPtr root) {
  context_.pool.submit([this, root = std::move(root)] { process(root); });
}

void DirectoryFlow::process(const TaskPtr& task) {
  if (context_.stopping()) return;
  if (!scan_source(task)) return;
  if (auto opened = open_target(*task); !opened) return fail(task, std::move(opened).error());
  task->plan = plan::plan_directory(task->scan.snapshot.entries, task->target_listing.entries,
                                    context_.options.settings.policy);
  sort_out(*task);
  collect_extras(*task);
  if (auto ready = prepare_target(task); !ready) return fail(task, std::move(ready).error());
  run_files(task);
}

Result<void> DirectoryFlow::open_source(const TaskPtr& task) {
  if (task->depth > kDepthMax) {
    return base::fail(base::make_error(ErrorKind::kLimit, "more than 4096 levels of directories"));
  }
  if (!task->source) {
    ROBOSYNC_ASSIGN(task->source, task->parent->source->open_directory(*task->planned.source,
                                                                       context_.options.scan));
  }
  const scan::Origin& first = task->source->origins().front();
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, first.handle->stat());
  if (first.names.empty()) task->identity = metadata.identity;
  task->content = std::make_unique<LocalSource>(task->source);
  if (!task->identity) return {};
  if (context_.target_root == task->identity && task->parent) {
    base::Error error = base::make_error(
        ErrorKind::kRefused, "the target lies inside the source at " + task->path().str() +
                                 "; exclude it or use --one-file-system");
    context_.ledger.abort(error);
    return base::fail(std::move(error));
  }
  for (const DirectoryTask* up = task->parent.get(); up != nullptr; up = up->parent.get()) {
    if (up->identity == task->identity) {
      return base::fail(base::make_error(
          ErrorKind::kRefused, "the same directory as " +
                                   (up->path().is_root() ? "the root" : up->path().str()) +
                                   " above it"));
    }
  }
  return {};
}

bool DirectoryFlow::scan_source(const TaskPtr& task) {
  if (auto opened = open_source(task); !opened) {
    scan_failed(task, std::move(opened).error());
    return false;
  }
  auto scan = task->source->scan(task->outer_filter, context_.options.scan);
  if (!scan) {
    scan_failed(task, std::move(scan).error());
    return false;
  }
  task->scan = std::move(*scan);
  note_scan(*task);
  return true;
}

// Counts what was found and passes on what could not be read or was left out.
void DirectoryFlow::note_scan(DirectoryTask& task) {
  const tree::Snapshot& snapshot = task.scan.snapshot;
  apply::Counters found;
  for (const tree::Entry& entry : snapshot.entries) {
    ++found.scanned.of(entry.metadata.kind);
    if (entry.metadata.is_regular()) found.source_bytes += entry.metadata.size;
  }
  for (const scan::Omission& omission : task.scan.omissions) {
    ++found.scanned.of(omission.kind);
    context_.ledger.record({.action = Action::kSkipped,
                            .kind = omission.kind,
                            .path = task.path().child(omission.name).str(),
                            .reason = omission.reason});
  }
  context_.ledger.add(found);
  for (const tree::Problem& problem : snapshot.problems) {
    context_.ledger.problem(problem.path, problem.error, tree::Kind::kUnknown);
  }
  if (snapshot.completeness == Completeness::kErrors) context_.scan_incomplete = true;
  if (context_.options.goal == Goal::kMove) {
    task.in_place = std::vector<std::atomic<bool>>(snapshot.entries.size());
  }
}

void DirectoryFlow::scan_failed(const TaskPtr& task, base::Error error) {
  // A directory that is gone by now takes its counterpart's deletion with it, and only that: the
  // name is still in the parent's list.
  if (error.kind != ErrorKind::kNotFound) context_.scan_incomplete = true;
  fail(task, std::move(error));
}

// Opens and lists what stands at the target.
Result<void> DirectoryFlow::open_target(DirectoryTask& task) {
  const bool exists = task.planned.step == Step::kEnter;
  if (!task.target) {  // all but the root
    fs::DirectoryPtr parent;
    if (task.parent->target) parent = task.parent->target->spot().directory;
    task.target =
        std::make_unique<apply::TargetDirectory>(parent, task.path(), task.planned.source->name);
    if (!exists) return {};
    const fs::Privileges* privileges =
        context_.options.only_looks() ? nullptr : &context_.file_system.privileges();
    ROBOSYNC_TRY(task.target->open_existing(task.planned.target->metadata, privileges));
  }
  if (!task.target->is_open()) return {};
  const tree::Identity identity = task.target->spot().metadata.identity;
  const bool is_source =
      task.identity == identity ||
      (task.parent && std::find(context_.source_roots.begin(), context_.source_roots.end(),
                                identity) != context_.source_roots.end());
  if (is_source) {
    base::Error error =
        base::make_error(ErrorKind::kRefused,
                         "source and target are the same directory at '" + task.path().str() + "'");
    context_.ledger.abort(error);
    return base::fail(std::move(error));
  }
  return list_target(task);
}

Result<void> DirectoryFlow::list_target(DirectoryTask& task) {
  const std::vector<tree::Entry>& wanted = task.scan.snapshot.entries;
  // Only a mirror and a verify care about names that the source does not have.
  const bool all = context_.options.goal == Goal::kMirror || context_.options.goal == Goal::kVerify;
  const auto filter = [&](std::string_view name, tree::Kind) {
    return tree::find_entry(wanted, name) != nullptr ||
           (name.front() == '.' && tree::is_staging_name(name));
  };
  fs::Listing& listing = task.target_listing;
  ROBOSYNC_TRY(task.target->spot().directory->list(all ? fs::NameFilter() : filter, listing));
  context_.target_entries += listing.entries.size();
  for (const tree::Problem& problem : listing.problems) {
    if (problem.error.kind == ErrorKind::kNotFound) continue;
    context_.ledger.problem(task.path().child(problem.path).str(), problem.error, std::nullopt);
  }
  tree::sort_entries(listing.entries);
  sweep_leftovers(task);
  return {};
}

// Staging entries of other runs are no part of the tree: removed if their run is dead.
void DirectoryFlow::sweep_leftovers(DirectoryTask& task) {
  std::vector<tree::Entry>& entries = task.target_listing.entries;
  const auto is_leftover = [](const tree::Entry& entry) {
    return tree::is_staging_name(entry.name);
  };
  if (std::none_of(entries.begin(), entries.end(), is_leftover)) return;
  const bool may_resume = context_.options.settings.keep_partial;
  const auto resumable = [&](const std::string& name) {
    return may_resume &&
           std::any_of(
               task.scan.snapshot.entries.begin(), task.scan.snapshot.entries.end(),
               [&](const tree::Entry& entry) { return tree::partial_name(entry.name) == name; });
  };
  fs::Directory& directory = *task.target->spot().directory;
  std::erase_if(entries, [&](const tree::Entry& entry) {
    if (!is_leftover(entry)) return false;
    if (context_.options.only_looks() || resumable(entry.name)) return true;
    auto removed = apply::remove_leftover(directory, entry);
    if (!removed) {
      context_.ledger.problem(task.path().child(entry.name).str(), std::move(removed).error(),
                              std::nullopt);
      return true;
    }
    if (*removed == apply::Leftover::kRemoved) {
      task.target->mark_touched();
      context_.ledger.add({.leftovers_removed = 1});
    }
    // What a mirror was about to delete when it was killed is deleted by the next mirror.
    return *removed != apply::Leftover::kNotSimple;
  });
}

// Splits the plan by what has to be done, and settles what needs nothing.
void DirectoryFlow::sort_out(DirectoryTask& task) {
  const RunOptions& options = context_.options;
  const bool look_at_each = options.settings.keep_hard_links ||
                            options.settings.keeps_attributes() || options.goal == Goal::kMove ||
                            context_.ledger.wants(Action::kUnchanged);
  apply::Counters unchanged;
  std::uint64_t unchanged_bytes = 0;
  for (const PlannedEntry& planned : task.plan.entries) {
    const tree::Metadata& metadata = planned.source->metadata;
    if (metadata.is_directory()) {
      task.children.push_back(&planned);
      continue;
    }
    task.has_content = true;
    if (planned.step == Step::kNothing && !look_at_each) {
      ++unchanged.unchanged.of(metadata.kind);
      if (metadata.is_regular()) unchanged_bytes += metadata.size;
    } else if (planned.step == Step::kReplaceDirectory &&
               options.settings.policy.replace_directories && !options.only_looks()) {
      task.deferred.push_back(&planned);
    } else {
      task.work.push_back(&planned);
    }
  }
  context_.ledger.add(unchanged);
  context_.ledger.progress(unchanged.unchanged.total(), unchanged_bytes);
}

void DirectoryFlow::collect_extras(DirectoryTask& task) {
  const RunOptions& options = context_.options;
  if (options.goal != Goal::kMirror && options.goal != Goal::kVerify) return;
  if (!task.target->is_open() || task.scan.snapshot.completeness != Completeness::kComplete) {
    return;
  }
  apply::Deletions::InDirectory in;
  const std::vector<std::string>& kept = task.scan.snapshot.protected_names;
  for (const tree::Entry* extra : task.plan.extras) {
    if (std::binary_search(kept.begin(), kept.end(), extra->name)) continue;
    in.extras.push_back({.name = extra->name, .kind = extra->metadata.kind});
  }
  for (const PlannedEntry& planned : task.plan.entries) {
    if (planned.step != Step::kReplaceDirectory || !options.settings.policy.replace_directories)
      continue;
    in.extras.push_back(
        {.name = planned.target->name, .kind = tree::Kind::kDirectory, .gives_way = true});
  }
  if (in.extras.empty()) return;
  in.path = task.path();
  in.identity = task.target->spot().metadata.identity;
  in.filter = task.scan.filter;
  const tree::Metadata* source = task.planned.source ? &task.planned.source->metadata : nullptr;
  if (source != nullptr && options.settings.policy.keep_times) in.mtime = source->mtime;
  const tree::Metadata& now = task.target->spot().metadata;
  if ((now.mode & 0700U) != 0700U || (source != nullptr && (source->mode & 0700U) != 0700U)) {
    in.mode = source != nullptr ? options.settings.policy.wanted_mode(*source, &now) : now.mode;
  }
  context_.deletions->collect(std::move(in));
}

bool DirectoryFlow::worth_staging(const DirectoryTask& task) const {
  const RunOptions& options = context_.options;
  if (!options.settings.transfer.fast_paths.staged_directories || options.goal == Goal::kMove ||
      options.settings.in_place || options.settings.keep_partial ||
      options.prune_empty_directories || task.work.empty()) {
    return false;
  }
  std::uint64_t bytes = 0;
  for (const PlannedEntry* planned : task.work) bytes += planned->source->metadata.size;
  return bytes <= kStagedBytesMax;
}

// Makes the directory, or makes it accessible.
Result<void> DirectoryFlow::prepare_target(const TaskPtr& task) {
  const RunOptions& options = context_.options;
  if (options.only_looks()) return {};
  if (task->target->is_open()) {
    const bool changes =
        !task->work.empty() || !task->deferred.empty() ||
        std::any_of(task->children.begin(), task->children.end(),
                    [](const PlannedEntry* child) { return child->step != Step::kEnter; });
    return changes ? task->target->make_writable(context_.file_system.privileges())
                   : Result<void>();
  }
  if (options.prune_empty_directories) {
    return task->work.empty() ? Result<void>() : ensure_made(*task);
  }
  const bool staged = worth_staging(*task);
  if (staged) context_.ledger.add({.staged_directories = 1});
  if (task->parent && task->parent->target) task->parent->target->mark_touched();
  return task->target->create(
      staged ? apply::TargetDirectory::Make::kStaged : apply::TargetDirectory::Make::kAtOnce,
      task->planned.target, context_.backup.get());
}

// Makes a directory and those above it, once something is to be put into it.
Result<void> DirectoryFlow::ensure_made(DirectoryTask& task) {
  const base::MutexLock lock(making_);
  std::vector<DirectoryTask*> missing;
  for (DirectoryTask* at = &task; !at->target->is_open(); at = at->parent.get())
    missing.push_back(at);
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    DirectoryTask& child = **at;
    const fs::DirectoryPtr parent = child.parent->target->spot().directory;
    auto made =
        std::make_unique<apply::TargetDirectory>(parent, child.path(), child.planned.source->name);
    child.parent->target->mark_touched();
    ROBOSYNC_TRY(made->create(apply::TargetDirectory::Make::kAtOnce, child.planned.target,
                              context_.backup.get()));
    child.target = std::move(made);
  }
  return {};
}

void DirectoryFlow::run_files(const TaskPtr& task) {
  const std::size_t count = task->work.size();
  const std::size_t batches = (count + kFilesPerBatch - 1) / kFilesPerBatch;
  task->files_pending = batches + 1;
  std::vector<base::Pool::Job> jobs;
  for (std::size_t i = 1; i < batches; ++i) {
    const std::size_t begin = i * kFilesPerBatch;
    const std::size_t end = std::min(begin + kFilesPerBatch, count);
    jobs.emplace_back([this, task, begin, end] { run_batch(task, begin, end); });
  }
  if (!jobs.empty()) context_.pool.submit(std::move(jobs));
  if (batches > 0) run_batch(task, 0, std::min(kFilesPerBatch, count));
  file_done(task);
}

void DirectoryFlow::run_batch(const TaskPtr& task, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end && !context_.stopping(); ++i) {
    files_.run(task, *task->work[i]);
  }
  file_done(task);
}

void DirectoryFlow::file_done(const TaskPtr& task) {
  if (--task->files_pending == 0) land(task);
}

void DirectoryFlow::report_directory(const DirectoryTask& task) {
  if (task.planned.source == nullptr) return;
  const bool verify = context_.options.goal == Goal::kVerify;
  Action action = Action::kCreated;
  if (task.planned.step == Step::kEnter) {
    action = task.planned.changes.metadata() ? Action::kMetadata : Action::kUnchanged;
    if (verify && action == Action::kMetadata) action = Action::kDifferent;
  } else if (verify) {
    action = task.planned.target ? Action::kDifferent : Action::kOnlySource;
  }
  apply::Event event{.action = action, .kind = tree::Kind::kDirectory};
  if (context_.ledger.wants(action)) {
    event.path = task.path().str();
    event.changes = task.planned.changes;
  }
  context_.ledger.record(std::move(event));
  if (task.parent) context_.ledger.progress(1, 0);
}

// All its own files are done: the directory gets its final name, its subdirectories begin.
void DirectoryFlow::land(const TaskPtr& task) {
  if (context_.stopping()) return;
  if (!context_.options.only_looks() && task->target->is_open()) {
    if (auto landed = task->target->land(context_.backup.get()); !landed) {
      return fail(task, std::move(landed).error());
    }
  }
  if (context_.options.goal == Goal::kMove) remove_moved(task);
  if (!task->deferred.empty()) {
    const base::MutexLock lock(deferred_mutex_);
    deferred_.push_back(task);
  }
  if (task->parent && !context_.options.prune_empty_directories) child_landed(task->parent);
  start_children(task);
}

void DirectoryFlow::start_children(const TaskPtr& task) {
  std::vector<TaskPtr> started;
  for (const PlannedEntry* child : task->children) {
    if (child->step == Step::kSkip) {
      files_.report(*task, Action::kSkipped, *child, "not at the target");
      continue;
    }
    auto next = std::make_shared<DirectoryTask>();
    next->parent = task;
    next->depth = task->depth + 1;
    next->planned = *child;
    next->source_path = task->path().child(child->source->name);
    next->outer_filter = task->scan.filter;
    started.push_back(std::move(next));
  }
  task->children_unlanded = started.size() + 1;
  task->children_incomplete = started.size() + 1;
  std::vector<base::Pool::Job> jobs;
  jobs.reserve(started.size());
  // The pool takes the newest first: the first in manifest order goes in last.
  for (auto next = started.rbegin(); next != started.rend(); ++next) {
    jobs.emplace_back([this, child = std::move(*next)] { process(child); });
  }
  if (!jobs.empty()) context_.pool.submit(std::move(jobs));
  child_landed(task);
  complete(task);
}

void DirectoryFlow::child_landed(const TaskPtr& task) {
  if (--task->children_unlanded == 0) settle(task);
}

// No entry of this directory changes any more: its own metadata is set.
void DirectoryFlow::settle(const TaskPtr& task) {
  if (context_.stopping()) return;
  const tree::Entry* source = task->planned.source;
  if (!context_.options.only_looks() && source != nullptr && task->target->is_open()) {
    const fs::Directory* handle = task->source->origins().front().handle.get();
    auto settled = task->target->settle(*context_.installer, context_.options.settings,
                                        source->metadata, handle);
    if (!settled) {
      context_.ledger.problem(task->path().str(), std::move(settled).error(),
                              tree::Kind::kDirectory);
      task->failed = true;
      return;
    }
  }
  const bool pruned =
      context_.options.prune_empty_directories && !task->has_content && task->parent;
  if (!task->failed && !pruned) report_directory(*task);
}

// Walks up as long as the last subdirectory is complete; a loop, for trees are deep.
void DirectoryFlow::complete(TaskPtr task) {
  while (task && --task->children_incomplete == 0) {
    if (context_.stopping()) return;
    if (context_.options.prune_empty_directories && task->parent) {
      if (task->has_content) {
        task->parent->has_content = true;
      } else {
        prune(*task);
      }
      child_landed(task->parent);
    }
    if (context_.options.goal == Goal::kMove) remove_moved_directory(*task);
    task = task->parent;
  }
}

// An empty directory that the user does not want: where it exists, it is extraneous.
void DirectoryFlow::prune(const DirectoryTask& task) {
  if (context_.options.goal != Goal::kMirror || task.planned.step != Step::kEnter ||
      !task.parent->target->is_open()) {
    return;
  }
  apply::Deletions::InDirectory in;
  in.path = task.parent->path();
  in.identity = task.parent->target->spot().metadata.identity;
  in.filter = task.outer_filter;
  in.extras.push_back({.name = task.planned.source->name, .kind = tree::Kind::kDirectory});
  if (task.parent->planned.source != nullptr)
    in.mtime = task.parent->planned.source->metadata.mtime;
  context_.deletions->collect(std::move(in));
}

void DirectoryFlow::fail(const TaskPtr& task, base::Error error) {
  task->failed = true;
  if (error.kind != ErrorKind::kCancelled) {
    if (base::is_volume_fault(error.kind)) {
      context_.ledger.abort({error.kind, error.code, task->path().str() + ": " + error.context});
    }
    context_.ledger.problem(task->path().str(), std::move(error), tree::Kind::kDirectory);
  }
  give_up(task);
}

// The directory is not gone into; those above it go on without it.
void DirectoryFlow::give_up(const TaskPtr& task) {
  if (context_.stopping() || !task->parent) return;
  if (context_.options.prune_empty_directories) task->parent->has_content = true;
  child_landed(task->parent);
  complete(task->parent);
}

}  // namespace robosync::session
