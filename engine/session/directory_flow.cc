#include "engine/session/directory_flow.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/apply/staging.h"
#include "engine/tree/staging_name.h"
#include "engine/tree/windows_name.h"

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
// Deeper trees are refused: each level costs an open handle while its subtree is on its way.
constexpr std::size_t kDepthMax = 4096;

}  // namespace

void DirectoryFlow::start(TaskPtr root) {
  // Who starts a run over local trees waits for it anyway, and saves a thread by taking part.
  auto job = [this, root = std::move(root)] { process(root); };
  if (context_.wait_for_source) return context_.pool.submit(std::move(job));
  context_.pool.run(std::move(job));
}

void DirectoryFlow::process(const TaskPtr& task) {
  if (context_.stopping()) return;
  if (auto opened = open_source(task); !opened) {
    if (task->parent) task->parent->source->pass_over(*task->planned.source);
    return scan_failed(task, std::move(opened).error());
  }
  task->source->scan(task->outer_filter,
                     [this, task](Result<scan::Scan> scan) { scanned(task, std::move(scan)); });
}

void DirectoryFlow::scanned(const TaskPtr& task, Result<scan::Scan> scan) {
  if (context_.stopping()) return;
  if (!scan) return scan_failed(task, std::move(scan).error());
  task->scan = std::move(*scan);
  if (context_.options.settings.illegal_names == apply::IllegalNames::kMap) {
    map_names(*task);
    leave_out_hidden_names(*task);
  } else if (context_.options.settings.policy.windows_names) {
    protect_mapped_names(task->scan.snapshot);
  }
  note_scan(*task);
  if (auto opened = open_target(*task); !opened) {
    return fail(task, apply::target_fault(std::move(opened).error()));
  }
  task->plan = plan::plan_directory(task->scan.snapshot.entries, task->target_listing.entries,
                                    context_.options.settings.policy);
  sort_out(*task);
  collect_extras(*task);
  if (auto ready = prepare_target(task); !ready) {
    return fail(task, apply::target_fault(std::move(ready).error()));
  }
  run_files(task);
}

Result<void> DirectoryFlow::open_source(const TaskPtr& task) {
  if (task->depth > kDepthMax) {
    return base::fail(base::make_error(ErrorKind::kLimit, "more than 4096 levels of directories"));
  }
  if (!task->source) {
    ROBOSYNC_ASSIGN(task->source, task->parent->source->child(*task->planned.source));
  }
  task->identity = task->source->identity();
  if (!task->identity) return {};
  if (context_.target_root == task->identity && task->parent) {
    base::Error error = base::make_error(
        ErrorKind::kRefused, "the target lies inside the source at " + task->path().str() +
                                 "; exclude it or use --one-file-system");
    context_.ledger.abort(error);
    return base::fail(std::move(error));
  }
  for (const DirectoryTask* up = task->parent.get(); up != nullptr; up = up->parent.get()) {
    if (up->identity == task->identity) return base::fail(scan::leads_back_to(up->path()));
  }
  return {};
}

// Windows is given names that it can hold; whoever gets such names back, those that they stand for.
// A name that would then be another's stays as it is.
void DirectoryFlow::map_names(DirectoryTask& task) const {
  tree::Snapshot& snapshot = task.scan.snapshot;
  std::vector<tree::Entry>& entries = snapshot.entries;
  const apply::Settings& settings = context_.options.settings;
  const auto stand_ins = settings.source_is_windows ? tree::StandIns::kKeep : tree::StandIns::kMap;
  const auto mapped = [&](const std::string& name) {
    return settings.policy.windows_names ? tree::mapped_windows_name(name, stand_ins)
                                         : tree::unmapped_windows_name(name);
  };
  // What is left out keeps both of its names: nothing else gets them. (What gets a hidden one is
  // left out later.)
  const auto excluded = [&](const auto& scope, const std::string& name, bool is_directory) {
    return scope != nullptr &&
           scope->excludes_entry(task.path(), name, is_directory, tree::FilterSide::kTarget);
  };
  const auto is_left_out = [&](const std::string& name, bool is_directory) {
    return excluded(task.scan.filter, name, is_directory) &&
           !excluded(settings.hidden, name, is_directory);
  };
  for (const std::string& name : std::vector<std::string>(snapshot.protected_names)) {
    snapshot.protected_names.push_back(mapped(name));
  }
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const tree::Entry& entry : entries) {
    std::string name = mapped(entry.name);
    if (name != entry.name && is_left_out(name, entry.metadata.is_directory())) name = entry.name;
    names.push_back(std::move(name));
  }
  bool changed = true;
  for (bool taken = true; taken && changed;) {
    std::vector<std::string> all = names;
    all.insert(all.end(), snapshot.protected_names.begin(), snapshot.protected_names.end());
    std::ranges::sort(all);
    changed = taken = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == entries[i].name) continue;
      changed = true;
      if (std::ranges::equal_range(all, names[i]).size() == 1) continue;
      names[i] = entries[i].name;
      taken = true;
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == entries[i].name) continue;
    entries[i].source_name = std::exchange(entries[i].name, std::move(names[i]));
  }
  if (changed) tree::sort_entries(entries);
  std::ranges::sort(snapshot.protected_names);
}

// What was not hidden by the name that was sent may be by the one that it gets here.
void DirectoryFlow::leave_out_hidden_names(DirectoryTask& task) const {
  const auto& hidden = context_.options.settings.hidden;
  if (!hidden) return;
  std::erase_if(task.scan.snapshot.entries, [&](const tree::Entry& entry) {
    const tree::Kind kind = entry.metadata.kind;
    if (!hidden->excludes_entry(task.path(), entry.name, entry.metadata.is_directory(),
                                tree::FilterSide::kTarget)) {
      return false;
    }
    task.scan.pass_over({entry.name, kind, "the server does not take it"},
                        context_.options.scan.passed_over);
    if (entry.metadata.is_directory()) task.source->pass_over(entry);
    return true;
  });
  std::ranges::sort(task.scan.snapshot.protected_names);
}

// A name that is left out may have been copied before, mapped.
void DirectoryFlow::protect_mapped_names(tree::Snapshot& snapshot) {
  std::vector<std::string> mapped;
  const auto protect = [&](const std::string& name) {
    if (!tree::validate_windows_name(name)) mapped.push_back(tree::mapped_windows_name(name));
  };
  for (const tree::Entry& entry : snapshot.entries) protect(entry.name);
  std::ranges::for_each(snapshot.protected_names, protect);
  if (mapped.empty()) return;
  std::ranges::move(mapped, std::back_inserter(snapshot.protected_names));
  std::ranges::sort(snapshot.protected_names);
}

// Counts what was found and passes on what could not be read or was left out.
void DirectoryFlow::note_scan(DirectoryTask& task) {
  const tree::Snapshot& snapshot = task.scan.snapshot;
  apply::Counters found;
  if (!task.parent && task.planned.source != nullptr) ++found.scanned.directories;
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
  if (!context_.options.links_copied_for.empty() &&
      std::ranges::any_of(snapshot.entries, &tree::Entry::follow) &&
      !context_.links_told.exchange(true)) {
    context_.ledger.warning(
        "no symbolic links can be made at the target, what they lead to is "
        "copied (--links-fallback=copy); " +
        context_.options.links_copied_for);
  }
  for (const tree::Problem& problem : snapshot.problems) {
    ++found.scanned.others;  // of what kind is not known
    context_.ledger.problem(problem.path, problem.error, tree::Kind::kUnknown);
  }
  context_.ledger.add(found);
  if (snapshot.completeness == Completeness::kErrors) context_.scan_incomplete = true;
  if (context_.options.goal == Goal::kMove || task.planned.step != Step::kEnter) {
    task.in_place = std::vector<std::atomic<bool>>(snapshot.entries.size());
  }
}

void DirectoryFlow::scan_failed(const TaskPtr& task, base::Error error) {
  // A directory that is gone by now takes its counterpart's deletion with it, and only that: the
  // name is still in the parent's list.
  if (error.kind != ErrorKind::kNotFound) context_.scan_incomplete = true;
  fail(task, std::move(error));
}

// Splits the plan by what has to be done, and settles what needs nothing.
void DirectoryFlow::sort_out(DirectoryTask& task) {
  const RunOptions& options = context_.options;
  const bool look_at_each = options.settings.keep_hard_links ||
                            options.settings.keeps_attributes() || options.goal == Goal::kMove ||
                            context_.ledger.wants(Action::kUnchanged);
  // What was left out is content too; so is what may be in a directory that was not listed.
  if (!task.scan.snapshot.protected_names.empty() ||
      task.scan.snapshot.completeness != Completeness::kComplete) {
    task.has_content = true;
  }
  apply::Counters unchanged;
  std::uint64_t unchanged_bytes = 0;
  for (const PlannedEntry& planned : task.plan.entries) {
    const tree::Metadata& metadata = planned.source->metadata;
    // What is passed over, with all that may be in it, is content too.
    if (!metadata.is_directory() || planned.step == Step::kSkip) task.has_content = true;
    if (metadata.is_directory()) {
      task.children.push_back(&planned);
      continue;
    }
    if (planned.step == Step::kNothing && !look_at_each) {
      ++unchanged.unchanged.of(metadata.kind);
      if (metadata.is_regular()) unchanged_bytes += metadata.size;
    } else if (planned.step == Step::kReplaceDirectory &&
               options.settings.policy.replace_directories) {
      task.deferred.push_back(&planned);
      if (task.in_place.empty()) {
        task.in_place = std::vector<std::atomic<bool>>(task.plan.entries.size());
      }
    } else {
      task.work.push_back(&planned);
    }
  }
  context_.ledger.add(unchanged);
  context_.ledger.progress(unchanged.unchanged.total(), unchanged_bytes);
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
  context_.ledger.record(event);
  if (task.parent) context_.ledger.progress(1, 0);
}

// All its own files are done: the directory gets its final name, its subdirectories begin.
void DirectoryFlow::land(const TaskPtr& task) {
  if (context_.stopping()) {
    if (task->target && task->target->spot().staged) take_back(*task);
    return;
  }
  if (!context_.options.only_looks() && task->target->is_open()) {
    if (auto landed = task->target->land(context_.backup.get()); !landed) {
      return fail(task, apply::target_fault(std::move(landed).error()));
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
      files_.skip(*task, *child);
      task->source->pass_over(*child->source);
      continue;
    }
    auto next = std::make_shared<DirectoryTask>();
    next->parent = task;
    next->depth = task->depth + 1;
    next->behind_link = task->behind_link || child->source->follow;
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
  const auto settle_it = [&]() -> Result<void> {
    const apply::Settings& settings = context_.options.settings;
    apply::AttributeChange attributes;
    // A stream that was written has moved the time, and a move takes away what might have more.
    const bool looks = task->target->created() || task->planned.changes.time ||
                       context_.options.goal == Goal::kMove;
    if (settings.keeps_attributes() || (settings.keep_native_attributes && looks)) {
      ROBOSYNC_ASSIGN(std::vector<fs::Xattr> from, task->source->own_xattrs());
      ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> to,
                      apply::attributes_of(*task->target->spot().directory));
      from =
          apply::with_mode(std::move(from), task->target->wanted_mode(settings, source->metadata));
      // What was there before (a drive, hidden as they all are) is given streams, no letters.
      const bool has_own = !settings.keeps_attributes() && !task->target->created();
      if (has_own) from = apply::with_own_letters(std::move(from), to);
      attributes = apply::compare_attributes(from, to, settings);
      // Looked at only lest a move lose something: what the target has of its own stays.
      if (has_own && !task->planned.changes.time) attributes.remove.clear();
      task->planned.changes.acl = attributes.acl;
      task->planned.changes.xattr = attributes.xattr;
    }
    if (context_.options.only_looks()) return {};
    return task->target->settle(*context_.installer, settings, source->metadata, attributes);
  };
  if (source != nullptr && task->target->is_open()) {
    auto settled = settle_it();
    if (!settled) {
      const base::Error& error = settled.error();
      if (base::is_volume_fault(error.kind)) {
        context_.ledger.abort({error.kind, error.code, task->path().str() + ": " + error.context});
      }
      context_.ledger.problem(task->path().str(), std::move(settled).error(),
                              tree::Kind::kDirectory);
      task->failed = true;
      return;
    }
  }
  const bool pruned =
      context_.options.prune_empty_directories && !task->has_content && task->parent;
  if (!task->failed && !pruned) report_directory(*task);
  if (context_.options.goal == Goal::kMove) keep_for_streams(*task);
  release(*task);
}

// Its handles are not needed any more: of a deep tree only a few levels are open at a time.
void DirectoryFlow::release(DirectoryTask& task) {
  if (!task.deferred.empty() || context_.options.prune_empty_directories) return;
  task.target.reset();
  // A move removes emptied directories through the handle of the one above.
  if (context_.options.goal != Goal::kMove) task.source.reset();
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
    if (context_.options.goal == Goal::kMove) remove_moved_directory(task);
    task = task->parent;
  }
}

void DirectoryFlow::fail(const TaskPtr& task, base::Error error) {
  task->failed = true;
  if (error.kind != ErrorKind::kCancelled || !context_.stopping()) {
    if (base::is_volume_fault(error.kind)) {
      context_.ledger.abort({error.kind, error.code, task->path().str() + ": " + error.context});
    }
    if (error.kind == ErrorKind::kExists && task->parent && task->planned.target == nullptr) {
      files_.note_collision(*task->parent, *task->planned.source, error);
    }
    if (task->target && task->target->spot().staged) take_back(*task);
    context_.ledger.problem(task->path().str(), std::move(error), tree::Kind::kDirectory);
  }
  give_up(task);
}

// What was put into a staged directory goes with it: it did not arrive after all.
void DirectoryFlow::take_back(const DirectoryTask& task) {
  for (std::size_t i = 0; i < task.in_place.size(); ++i) {
    if (task.in_place[i]) context_.ledger.take_back(task.scan.snapshot.entries[i].metadata);
  }
}

// The directory is not gone into; those above it go on without it.
void DirectoryFlow::give_up(const TaskPtr& task) {
  if (context_.stopping() || !task->parent) return;
  if (context_.options.prune_empty_directories) task->parent->has_content = true;
  child_landed(task->parent);
  complete(task->parent);
}

}  // namespace robosync::session
