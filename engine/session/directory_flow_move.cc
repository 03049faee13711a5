// The last steps that destroy something: sources that have moved, directories that give way.
#include "engine/apply/staging.h"
#include "engine/session/directory_flow.h"
#include "engine/session/proof.h"

namespace robosync::session {

using base::ErrorKind;
using base::make_error;
using base::Result;
using plan::PlannedEntry;

// Removes from the source what is proven to be at the target and on stable storage there.
void DirectoryFlow::remove_moved(const TaskPtr& task) {
  // What a followed link leads to is not the source's: only copied.
  if (task->behind_link) return;
  bool synced = false;
  for (std::size_t i = 0; i < task->plan.entries.size(); ++i) {
    if (context_.stopping()) return;
    const PlannedEntry& planned = task->plan.entries[i];
    if (planned.source->metadata.is_directory() || !task->in_place[i]) continue;
    if (!context_.options.dry_run) {
      if (!synced) {
        if (auto done = task->target->spot().directory->sync_volume(); !done) {
          context_.ledger.problem(task->path().str(), std::move(done).error(), std::nullopt);
          return;
        }
        synced = true;
      }
      remove_moved_entry(task, planned);
      continue;
    }
    files_.report(*task, apply::Action::kRemovedFromSource, planned);
  }
}

void DirectoryFlow::remove_moved_entry(const TaskPtr& task, const PlannedEntry& planned) {
  const auto told = [this, task, planned](Result<void> removed) {
    if (removed) return files_.report(*task, apply::Action::kRemovedFromSource, planned);
    context_.ledger.problem(task->path().child(planned.source->name).str(),
                            std::move(removed).error(), std::nullopt);
  };
  const tree::Entry& entry = *planned.source;
  const fs::Directory& there = *task->target->spot().directory;
  auto landed = there.stat_entry(entry.name);
  if (!landed) return told(base::fail(std::move(landed).error()));
  if (auto possible = check_landed(entry, *landed); !possible) return told(std::move(possible));
  task->source->remove(entry, there, *landed, told);
}

// A directory stays where its alternate data streams have not landed.
void DirectoryFlow::keep_for_streams(DirectoryTask& task) {
  const apply::Settings& settings = context_.options.settings;
  if (context_.options.dry_run || !settings.keep_native_attributes || !task.parent || task.failed ||
      task.planned.source->follow) {
    return;
  }
  const auto check = [&]() -> Result<void> {
    ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> from, task.source->own_xattrs());
    std::vector<fs::Xattr> to;
    if (task.target->is_open()) {
      ROBOSYNC_ASSIGN(to, apply::attributes_of(*task.target->spot().directory));
    }
    return check_streams_landed(to, from, settings);
  };
  if (auto landed = check(); !landed) {
    task.failed = true;
    context_.ledger.problem(task.path().str(), std::move(landed).error(), std::nullopt);
  }
}

// Directories go when they are empty and stand at the target; never with anything in them.
void DirectoryFlow::remove_moved_directory(const TaskPtr& task) {
  if (context_.options.dry_run || !task->parent || task->failed ||
      task->planned.source == nullptr || task->planned.source->follow) {
    return;
  }
  const bool pruned = context_.options.prune_empty_directories && !task->target->is_open();
  if (pruned) return;
  const auto told = [this, task](Result<void> removed) {
    if (removed || removed.error().kind == ErrorKind::kNotEmpty ||
        removed.error().kind == ErrorKind::kNotFound || removed.error().kind == ErrorKind::kBusy) {
      return;
    }
    context_.ledger.problem(task->path().str(), std::move(removed).error(), std::nullopt);
  };
  // Where what is open only goes when it is closed (FAT, a share, wine), the one above would not be
  // empty yet.
  if (task->deferred.empty()) task->source.reset();
  task->parent->source->remove_directory(*task->planned.source, told);
}

// A directory that must give way is renamed aside, the new entry committed, the old one deleted
// with the other deletions; where the new one cannot be made, the old one gets its name back.
void DirectoryFlow::replace_directories(Replacing replacing) {
  std::vector<TaskPtr> tasks;
  {
    const base::MutexLock lock(deferred_mutex_);
    tasks.swap(deferred_);
  }
  for (const TaskPtr& task : tasks) {
    fs::Directory& directory = *task->target->spot().directory;
    for (const PlannedEntry* planned : task->deferred) {
      if (context_.stopping()) return;
      const std::string& name = planned->source->name;
      if (replacing == Replacing::kWithheld) {
        files_.fail(*task, *planned,
                    make_error(ErrorKind::kNotEmpty,
                               "a directory is in the way and nothing is deleted in this run"));
        continue;
      }
      if (!context_.deletions->can_go(task->path(), name)) {
        files_.fail(*task, *planned,
                    make_error(ErrorKind::kNotEmpty,
                               "the directory in the way holds entries that are protected"));
        continue;
      }
      PlannedEntry now = *planned;
      now.target = nullptr;
      task->files_pending = 1;  // nothing lands again
      if (context_.options.dry_run) {
        files_.run(task, now);
        context_.wait_idle();
        continue;
      }
      const std::string aside = apply::new_aside_name();
      if (auto moved = directory.rename(name, directory, aside, fs::Replace::kNo); !moved) {
        context_.deletions->forget(task->path(), name);
        files_.fail(*task, *planned, std::move(moved).error());
        continue;
      }
      files_.run(task, now);
      context_.wait_idle();
      const auto index =
          static_cast<std::size_t>(planned->source - task->scan.snapshot.entries.data());
      if (task->in_place[index]) {
        context_.deletions->moved_aside(task->path(), name, aside);
      } else {
        context_.deletions->forget(task->path(), name);
        if (auto back = directory.rename(aside, directory, name, fs::Replace::kNo); !back) {
          context_.ledger.problem(
              task->path().child(name).str(),
              make_error(back.error().kind,
                         "renamed to " + aside + " and could not be renamed back"),
              std::nullopt);
        }
      }
    }
  }
}

}  // namespace robosync::session
