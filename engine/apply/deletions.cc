#include "engine/apply/deletions.h"

#include <algorithm>

#include "engine/apply/staging.h"

namespace robosync::apply {

using base::ErrorKind;
using base::fail;
using base::Result;
using tree::Kind;
using tree::RelPath;

namespace {

// By what name the rules know `path`.
RelPath path_at_source(const RelPath& path, const Deletions::Filters& filters) {
  return filters.name == nullptr ? path : filters.path.child(filters.name(path.name()));
}

[[gnu::noinline]] Result<fs::DirectoryPtr> open(fs::Directory& parent, const std::string& name,
                                                bool opens_up,
                                                std::optional<std::uint32_t>& forced) {
  auto directory = parent.open_directory(name);
  if (directory || directory.error().kind != ErrorKind::kPermission || !opens_up) return directory;
  const auto entry = parent.stat_entry(name);
  if (!entry || !parent.set_entry_metadata(name, {.mode = 0700})) return directory;
  forced = entry->metadata.mode;
  return parent.open_directory(name);
}

// The rules in `directory`, which is at `path`. Not a part of whoever calls it: a walk into a deep
// tree has one frame for each level.
[[gnu::noinline]] Result<Deletions::Filters> filters_inside(const fs::Directory& directory,
                                                            const RelPath& path,
                                                            const Deletions::Filters& filters) {
  const auto read = [&](const std::string& merge_file) {
    return fs::read_if_there(directory, merge_file, tree::kFilterFileBytesMax);
  };
  Deletions::Filters inner{.path = path_at_source(path, filters), .name = filters.name};
  ROBOSYNC_ASSIGN(inner.source, filters.source->enter(inner.path, read));
  inner.target = inner.source;
  if (filters.target != filters.source) {
    ROBOSYNC_ASSIGN(inner.target, filters.target->enter(inner.path, read));
  }
  return inner;
}

}  // namespace

void Deletions::collect(InDirectory extras) {
  const base::MutexLock lock(mutex_);
  auto [at, is_new] = directories_.try_emplace(extras.path);
  if (is_new) {
    at->second = std::move(extras);
    return;
  }
  std::vector<Extra>& all = at->second.extras;
  all.insert(all.end(), std::make_move_iterator(extras.extras.begin()),
             std::make_move_iterator(extras.extras.end()));
}

void Deletions::forget_directory(const RelPath& path) {
  const base::MutexLock lock(mutex_);
  directories_.erase(path);
}

void Deletions::protect(const tree::Identity& identity) {
  const base::MutexLock lock(mutex_);
  protected_.insert(identity);
}

bool Deletions::empty() {
  const base::MutexLock lock(mutex_);
  return directories_.empty();
}

Result<Deletions::Count> Deletions::count(const std::vector<tree::Identity>& source_roots,
                                          Look look) {
  Walk walk;
  walk.opens_up = look == Look::kOpensUp;
  walk.refuse = &source_roots;
  walk_all(walk);
  if (walk.refused) {
    return fail(base::make_error(ErrorKind::kRefused,
                                 "the source lies inside the target: mirroring would delete it"));
  }
  return walk.count;
}

void Deletions::run(Mode mode, Action action) {
  Walk walk;
  walk.mode = mode;
  walk.opens_up = mode == Mode::kDelete;
  walk.action = action;
  walk.record = true;
  walk_all(walk);
}

Deletions::Extra* Deletions::find(const RelPath& path, const std::string& name) {
  const auto in = directories_.find(path);
  if (in == directories_.end()) return nullptr;
  std::vector<Extra>& extras = in->second.extras;
  const auto at = std::find_if(extras.begin(), extras.end(), [&](const Extra& extra) {
    return extra.gives_way && extra.name == name;
  });
  return at != extras.end() ? &*at : nullptr;
}

bool Deletions::can_go(const RelPath& path, const std::string& name) {
  Extra extra;
  Filters filters;
  {
    const base::MutexLock lock(mutex_);
    const Extra* const found = find(path, name);
    if (found == nullptr) return false;
    extra = *found;
    filters = directories_.at(path).filters;
  }
  const auto directory = fs::open_beneath(root_, path);
  Walk walk;
  return directory && walk_entry(walk, **directory, path, extra, filters, Depth::kTop);
}

void Deletions::moved_aside(const RelPath& path, const std::string& name,
                            const std::string& aside) {
  const base::MutexLock lock(mutex_);
  if (Extra* const extra = find(path, name)) extra->aside = aside;
}

void Deletions::forget(const RelPath& path, const std::string& name) {
  const base::MutexLock lock(mutex_);
  const auto in = directories_.find(path);
  if (in == directories_.end()) return;
  std::erase_if(in->second.extras,
                [&](const Extra& extra) { return extra.gives_way && extra.name == name; });
}

void Deletions::walk_all(Walk& walk) {
  // Nobody collects any more; the lock is only for what walk_entry looks up.
  const auto* directories = [this] {
    const base::MutexLock lock(mutex_);
    return &directories_;
  }();
  for (const auto& [path, in] : *directories) {
    if (cancellation_.requested() || ledger_.aborted()) return;
    auto directory = fs::open_beneath(root_, in.path);
    const auto metadata = directory ? (*directory)->stat() : fail(directory.error());
    if (!metadata || metadata->identity != in.identity) {
      if (walk.record) {
        ledger_.problem(in.path.str(),
                        base::make_error(ErrorKind::kChanged,
                                         "directory was replaced while deletions were pending"),
                        std::nullopt);
      }
      continue;
    }
    if (walk.mode == Mode::kDelete && in.mode) {
      (void)(*directory)->set_metadata({.mode = *in.mode | 0700U});
    }
    for (const Extra& extra : in.extras) {
      (void)walk_entry(walk, **directory, in.path, extra, in.filters, Depth::kTop);
    }
    if (walk.mode != Mode::kDelete) continue;
    const fs::MetadataChange change{.mode = in.mode, .mtime = in.mtime};
    if (change.empty()) continue;
    if (auto set = (*directory)->set_metadata(change); !set) {
      ledger_.problem(in.path.str(), std::move(set).error(), std::nullopt);
    }
  }
}

bool Deletions::keeps(const RelPath& path, Kind kind, const Filters& filters, Depth depth) const {
  if (backup_ != nullptr && backup_->protects(path)) return true;
  const tree::FilterSide side =
      depth == Depth::kTop ? tree::FilterSide::kTarget : tree::FilterSide::kTargetRemoval;
  const RelPath at_source = path_at_source(path, filters);
  const auto excluded_by = [&](const tree::FilterScope& filter) {
    if (filter.is_trivial()) return false;
    const bool is_directory = kind == Kind::kDirectory;
    return filter.excludes(path, is_directory, side) ||
           (at_source != path && filter.excludes(at_source, is_directory, side));
  };
  if (excluded_by(*filters.source)) return true;
  return filters.target != filters.source && excluded_by(*filters.target);
}

bool Deletions::is_protected(const fs::Directory& directory, const std::string& name) {
  {
    const base::MutexLock lock(mutex_);
    if (protected_.empty()) return false;
  }
  const auto now = directory.stat_entry(name);
  const base::MutexLock lock(mutex_);
  return now && protected_.contains(now->metadata.identity);
}

// What a walk calls on each level is kept out of its frames: a deep tree has many.
bool Deletions::walk_entry(Walk& walk, fs::Directory& directory, const RelPath& directory_path,
                           const Extra& extra, const Filters& filters, Depth depth) {
  if (walk.refused || cancellation_.requested() || ledger_.aborted()) return false;
  const RelPath path = directory_path.child(extra.name);
  if (keeps(path, extra.kind, filters, depth)) return false;
  const std::string& name = extra.aside.empty() ? extra.name : extra.aside;
  if (is_protected(directory, name)) return false;
  if (extra.kind == Kind::kDirectory) {
    if (!walk_directory(walk, directory, path, name, filters)) return false;
  }
  ++walk.count.entries;
  if (depth == Depth::kInside) ++walk.count.inside;
  // A backup beside the original keeps the directory they are in.
  const bool stays = backup_ != nullptr && backup_->is_beside() && extra.kind != Kind::kDirectory;
  if (!walk.record) return !stays;
  if (walk.mode == Mode::kDelete && !remove(directory, directory_path, extra)) return false;
  // What stands in its place is told as an update.
  if (!extra.gives_way || walk.action != Action::kDeleted) {
    ledger_.record({.action = walk.action, .kind = extra.kind, .path = path.str()});
  }
  return !stays;
}

bool Deletions::walk_directory(Walk& walk, fs::Directory& parent, const RelPath& path,
                               const std::string& name, const Filters& filters) {
  const auto failed = [&](base::Error error) {
    // What cannot be seen into counts for at least itself.
    if (!walk.record) {
      ++walk.count.entries;
      walk.count.unknown = true;
    }
    if (walk.record && error.kind != ErrorKind::kNotFound) {
      ledger_.problem(path.str(), std::move(error), Kind::kDirectory);
    }
    return false;
  };
  std::optional<std::uint32_t> forced;  // the mode before it was made accessible
  auto directory = open(parent, name, walk.opens_up, forced);
  if (!directory) return failed(std::move(directory).error());
  const auto metadata = (*directory)->stat();
  if (!metadata) return failed(metadata.error());
  // What is mounted in the target may be anything, a part of the source included.
  if ((*directory)->is_mount_point()) {
    if (walk.record && mounts_are_problems_) {
      return failed(
          base::make_error(ErrorKind::kBusy,
                           "a file system is mounted here: unmount it or exclude it to delete it"));
    }
    return false;
  }
  if (walk.refuse != nullptr && std::find(walk.refuse->begin(), walk.refuse->end(),
                                          metadata->identity) != walk.refuse->end()) {
    walk.refused = true;
    return false;
  }
  const bool opened_up = walk.mode == Mode::kDelete && (metadata->mode & 0700U) != 0700U;
  if (opened_up) (void)(*directory)->set_metadata({.mode = metadata->mode | 0700U});
  const auto inner = filters_inside(**directory, path, filters);
  if (!inner) return failed(inner.error());
  fs::Listing listing;
  if (auto listed = (*directory)->list({}, listing); !listed) return failed(listed.error());
  tree::sort_entries(listing.entries);
  bool all_gone = listing.problems.empty();
  for (const tree::Entry& entry : listing.entries) {
    const Extra inside{entry.name, entry.metadata.kind};
    all_gone &= walk_entry(walk, **directory, path, inside, *inner, Depth::kInside);
  }
  // Counting leaves everything as it was.
  if (forced && walk.mode == Mode::kTell) (void)(*directory)->set_metadata({.mode = forced});
  if (opened_up && !all_gone) (void)(*directory)->set_metadata({.mode = metadata->mode});
  return all_gone;
}

bool Deletions::remove(fs::Directory& directory, const RelPath& directory_path,
                       const Extra& extra) {
  Result<void> removed;
  if (extra.kind == Kind::kDirectory) {
    removed = directory.remove_directory(extra.aside.empty() ? extra.name : extra.aside);
  } else if (backup_ != nullptr) {
    removed = backup_->move_away(directory, directory_path, extra.name);
    if (removed) ledger_.add({.backups = 1});
  } else {
    removed = directory.remove_file(extra.name);
  }
  if (removed || removed.error().kind == ErrorKind::kNotFound) return true;
  if (base::is_volume_fault(removed.error().kind)) {
    ledger_.abort(std::move(removed).error());
  } else {
    ledger_.problem(directory_path.child(extra.name).str(), std::move(removed).error(), extra.kind);
  }
  return false;
}

}  // namespace robosync::apply
