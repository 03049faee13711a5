// The last steps that destroy something: sources that have moved, directories that give way.
#include "engine/apply/staging.h"
#include "engine/session/directory_flow.h"

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
      if (auto removed = remove_moved_entry(task, planned); !removed) {
        context_.ledger.problem(task->path().child(planned.source->name).str(),
                                std::move(removed).error(), std::nullopt);
        continue;
      }
    }
    files_.report(*task, apply::Action::kRemovedFromSource, planned);
  }
}

Result<void> DirectoryFlow::remove_moved_entry(const TaskPtr& task, const PlannedEntry& planned) {
  const tree::Entry& entry = *planned.source;
  const auto kept = [](std::string why, ErrorKind kind = ErrorKind::kRefused) {
    return base::fail(make_error(kind, "kept at the source: " + std::move(why)));
  };
  ROBOSYNC_ASSIGN(const tree::Entry landed, task->target->spot().directory->stat_entry(entry.name));
  if (landed.metadata.kind != entry.metadata.kind)
    return kept("it is something else at the target");
  if (landed.metadata.identity == entry.metadata.identity && entry.metadata.link_count < 2) {
    return kept("it is the very same file at the target");
  }
  if (entry.metadata.is_regular()) {
    ROBOSYNC_ASSIGN(const fs::FilePtr from, task->content->open(entry));
    ROBOSYNC_ASSIGN(const fs::FilePtr to, task->target->spot().directory->open_file(entry.name));
    apply::Counters counters;
    ROBOSYNC_ASSIGN(const bool same,
                    transfer::same_content(*from, *to, landed.metadata.size, context_.cancellation,
                                           counters.read_bytes));
    context_.ledger.add(counters);
    ROBOSYNC_ASSIGN(const tree::Metadata read, from->stat());
    if (!same || read.size != landed.metadata.size) {
      return kept("the target's content differs, though size and time are equal; see --checksum");
    }
  } else if (landed.link_target != entry.link_target ||
             landed.metadata.device_number != entry.metadata.device_number) {
    return kept("it differs at the target");
  }
  ROBOSYNC_ASSIGN(const tree::Entry now, task->content->stat_again(entry));
  const tree::Metadata& a = now.metadata;
  const tree::Metadata& b = entry.metadata;
  // The change time tells more, but moves too when another name of the file was removed before.
  const bool ctime_tells = a.link_count == b.link_count && b.link_count == 1;
  if (a.identity != b.identity || a.size != b.size || a.mtime != b.mtime ||
      (ctime_tells && a.ctime != b.ctime)) {
    return kept("it changed since it was read", ErrorKind::kChanged);
  }
  return task->source->directory_of(entry).remove_file(task->source->name_of(entry));
}

// Directories go when they are empty; never with anything in them.
void DirectoryFlow::remove_moved_directory(const DirectoryTask& task) {
  if (context_.options.dry_run || !task.parent || task.failed || task.planned.source == nullptr ||
      task.planned.source->follow) {
    return;
  }
  const tree::Entry& entry = *task.planned.source;
  const scan::SourceDirectory& above = *task.parent->source;
  auto removed = above.directory_of(entry).remove_directory(above.name_of(entry));
  if (removed || removed.error().kind == ErrorKind::kNotEmpty ||
      removed.error().kind == ErrorKind::kNotFound || removed.error().kind == ErrorKind::kBusy) {
    return;
  }
  context_.ledger.problem(task.path().str(), std::move(removed).error(), std::nullopt);
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
        continue;
      }
      const std::string aside = apply::new_aside_name();
      if (auto moved = directory.rename(name, directory, aside, fs::Replace::kNo); !moved) {
        context_.deletions->forget(task->path(), name);
        files_.fail(*task, *planned, std::move(moved).error());
        continue;
      }
      files_.run(task, now);
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
