// The target's side of a directory: opening and listing what is there, making what is not.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <unordered_set>

#include "engine/apply/staging.h"
#include "engine/session/directory_flow.h"
#include "engine/tree/staging_name.h"
#include "engine/tree/windows_name.h"

namespace robosync::session {

using base::ErrorKind;
using base::Result;
using plan::PlannedEntry;
using plan::Step;
using tree::Completeness;

namespace {

// How much a killed run may have to do again for one directory: larger ones are not staged whole.
constexpr std::uint64_t kStagedBytesMax = 256ULL * 1024 * 1024;

// Names of the source, by what they are to a directory that does not tell case. Names that are
// protected there protect what answers to them.
std::map<std::string, std::string> spellings_of(const tree::Snapshot& source,
                                                const fs::Directory& target) {
  std::map<std::string, std::string> spellings;
  for (const tree::Entry& entry : source.entries) {
    spellings.emplace(target.folded(entry.name), entry.name);
  }
  for (const std::string& name : source.protected_names) {
    spellings.emplace(target.folded(name), name);
  }
  return spellings;
}

bool has_name(const tree::Snapshot& source, const std::string& name) {
  return tree::find_entry(source.entries, name) != nullptr ||
         std::ranges::binary_search(source.protected_names, name);
}

bool is_ascii(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

// Opens and lists what stands at the target.
Result<void> DirectoryFlow::open_target(DirectoryTask& task) {
  const bool exists = task.planned.step == Step::kEnter;
  if (!task.target) {  // all but the root
    task.target = std::make_unique<apply::TargetDirectory>(task.path(), task.planned.source->name);
    // Where the parent is made only when something is put into it, ensure_made() says where it is.
    if (!exists && context_.options.prune_empty_directories) return {};
    task.target->set_parent(task.parent->target->spot().directory);
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
  ROBOSYNC_TRY(check_mount(task));
  return list_target(task);
}

// A part of the source may be mounted in the target, where writing and deleting would hit the only
// copy. Its device tells that it may be so.
Result<void> DirectoryFlow::check_mount(DirectoryTask& task) const {
  if (!task.parent) return {};
  const apply::Spot& there = task.target->spot();
  const bool mounted = there.directory->is_mount_point();
  task.target_behind_mount = task.parent->target_behind_mount || mounted;
  const auto holds_source = [&](const tree::Identity& root) {
    return root.device == there.metadata.identity.device;
  };
  const std::vector<tree::Identity>& roots = context_.source_roots;
  if (!mounted || std::none_of(roots.begin(), roots.end(), holds_source)) return {};
  return base::fail(base::make_error(
      ErrorKind::kRefused,
      "the source's file system is mounted here in the target: it may be the source itself; "
      "exclude it or synchronise it by itself"));
}

// The target's merge files protect what they exclude, as the source's do. Where they cannot be read
// nothing is deleted.
void DirectoryFlow::enter_target_filter(DirectoryTask& task) {
  const auto& outer = task.parent ? task.parent->target_filter : task.outer_filter;
  task.target_filter_known = !task.parent || task.parent->target_filter_known;
  task.target_filter = outer;
  if (context_.options.goal != Goal::kMirror && context_.options.goal != Goal::kVerify) return;
  if (!outer || outer->merge_file_names().empty()) return;
  const fs::Directory& directory = *task.target->spot().directory;
  const tree::RelPath& path = task.scan.snapshot.path;  // rules are about names of the source
  auto scope = outer->enter(path, [&](const std::string& merge_file) {
    return fs::read_if_there(directory, merge_file, tree::kFilterFileBytesMax);
  });
  if (scope) {
    task.target_filter = std::move(*scope);
    return;
  }
  task.target_filter_known = false;
  context_.ledger.problem(task.path().str(), std::move(scope).error(), std::nullopt);
}

// What answers to a name of the source is its counterpart, whatever its spelling. Where several do
// (a share may hold them), only the one that has it exactly; calls by the names of the others might
// hit that one, so those are left alone.
void DirectoryFlow::spell_as_source(DirectoryTask& task,
                                    const std::map<std::string, std::string>& spellings) const {
  const fs::Directory& directory = *task.target->spot().directory;
  std::vector<tree::Entry>& entries = task.target_listing.entries;
  std::map<std::string, std::size_t> alike;
  for (const tree::Entry& entry : entries) ++alike[directory.folded(entry.name)];
  std::vector<tree::Entry> kept;
  kept.reserve(entries.size());
  for (tree::Entry& entry : entries) {
    const std::string folded = directory.folded(entry.name);
    const auto spelling = spellings.find(folded);
    if (spelling == spellings.end() || has_name(task.scan.snapshot, entry.name)) {
      kept.push_back(std::move(entry));
    } else if (alike[folded] == 1) {
      entry.name = spelling->second;
      kept.push_back(std::move(entry));
    } else {
      context_.ledger.problem(
          task.path().child(entry.name).str(),
          base::make_error(ErrorKind::kExists,
                           "left alone: another name here differs from it in case only"),
          std::nullopt);
    }
  }
  entries = std::move(kept);
}

// A file system may take other encodings of a name for it too (composed and decomposed characters),
// by a rule that only it knows: it is asked.
void DirectoryFlow::find_encodings(DirectoryTask& task, bool folds) {
  const fs::Directory& directory = *task.target->spot().directory;
  const tree::Snapshot& source = task.scan.snapshot;
  std::vector<tree::Entry>& entries = task.target_listing.entries;
  const auto is_other = [&](const tree::Entry& entry) { return !has_name(source, entry.name); };
  const auto may_be_meant = [&](const tree::Entry& entry) {
    return !is_ascii(entry.name) && is_other(entry);
  };
  if (folds ? std::ranges::none_of(entries, is_other)
            : std::ranges::none_of(entries, may_be_meant)) {
    return;
  }
  std::unordered_set<tree::Identity> others;
  std::unordered_set<tree::Identity> known;
  for (const tree::Entry& entry : entries) {
    (is_other(entry) ? others : known).insert(entry.metadata.identity);
  }
  std::unordered_set<tree::Identity> meant;
  std::vector<tree::Entry> found;
  const auto ask = [&](const std::string& name) {
    if (is_ascii(name) || tree::find_entry(entries, name) != nullptr) return;
    auto there = directory.stat_entry(name);
    if (!there) return;
    const tree::Identity& identity = there->metadata.identity;
    meant.insert(identity);
    // Two names of the source may be one here: the first has it.
    if (known.contains(identity) && !others.contains(identity)) return;
    known.insert(identity);
    others.erase(identity);
    there->name = name;
    found.push_back(std::move(*there));
  };
  for (const tree::Entry& entry : source.entries) ask(entry.name);
  for (const std::string& name : source.protected_names) ask(name);
  if (meant.empty()) return;
  std::erase_if(entries, [&](const tree::Entry& entry) {
    return is_other(entry) && meant.contains(entry.metadata.identity);
  });
  std::ranges::move(found, std::back_inserter(entries));
  tree::sort_entries(entries);
}

Result<void> DirectoryFlow::list_target(DirectoryTask& task) {
  const std::vector<tree::Entry>& wanted = task.scan.snapshot.entries;
  // Only a mirror and a verify care about names that the source does not have.
  const bool all = context_.options.goal == Goal::kMirror || context_.options.goal == Goal::kVerify;
  const fs::Directory& directory = *task.target->spot().directory;
  const bool folds = directory.ignores_case();
  std::map<std::string, std::string> spellings;
  if (folds) spellings = spellings_of(task.scan.snapshot, directory);
  const auto filter = [&](std::string_view name, tree::Kind) {
    return tree::find_entry(wanted, name) != nullptr ||
           (folds && spellings.contains(directory.folded(name))) ||
           (name.front() == '.' && tree::is_staging_name(name));
  };
  fs::Listing& listing = task.target_listing;
  ROBOSYNC_TRY(directory.list(all ? fs::NameFilter() : filter, listing));
  if (folds) spell_as_source(task, spellings);
  for (const tree::Problem& problem : listing.problems) {
    if (problem.error.kind == ErrorKind::kNotFound) continue;
    context_.ledger.problem(task.path().child(problem.path).str(), problem.error, std::nullopt);
  }
  tree::sort_entries(listing.entries);
  find_encodings(task, folds);
  sweep_leftovers(task);
  leave_out_hidden(task);
  context_.target_entries += listing.entries.size();
  enter_target_filter(task);
  return {};
}

// As if they were not there. A new entry never replaces one that was not seen, so that one of their
// names, but of a kind that is not hidden, is a problem of its own.
void DirectoryFlow::leave_out_hidden(DirectoryTask& task) const {
  const auto& hidden = context_.options.settings.hidden;
  if (!hidden) return;
  std::erase_if(task.target_listing.entries, [&](const tree::Entry& entry) {
    return hidden->excludes_entry(task.path(), entry.name, entry.metadata.is_directory(),
                                  tree::FilterSide::kTarget);
  });
}

// Under which names interrupted transfers are kept that this run will go on with.
std::set<std::string> DirectoryFlow::resumable_names(const DirectoryTask& task) const {
  std::set<std::string> names;
  if (context_.options.settings.keep_partial == apply::KeepPartial::kNo) return names;
  for (const tree::Entry& entry : task.scan.snapshot.entries) {
    const tree::Metadata& metadata = entry.metadata;
    if (!metadata.is_regular() || metadata.size < apply::kPartialBytesMin) continue;
    const tree::Entry* there = tree::find_entry(task.target_listing.entries, entry.name);
    const bool landed = there != nullptr && there->metadata.size == metadata.size &&
                        there->metadata.mtime == metadata.mtime;
    if (!landed) names.insert(tree::partial_name(entry.name));
  }
  return names;
}

// Staging entries of other runs are no part of the tree: removed if their run is dead.
void DirectoryFlow::sweep_leftovers(DirectoryTask& task) {
  std::vector<tree::Entry>& entries = task.target_listing.entries;
  const auto is_leftover = [](const tree::Entry& entry) {
    return tree::is_staging_name(entry.name);
  };
  if (std::none_of(entries.begin(), entries.end(), is_leftover)) return;
  const std::set<std::string> resumable = resumable_names(task);
  if (!context_.options.only_looks()) {
    (void)task.target->make_writable(context_.file_system.privileges());
  }
  fs::Directory& directory = *task.target->spot().directory;
  std::erase_if(entries, [&](const tree::Entry& entry) {
    if (!is_leftover(entry)) return false;
    if (context_.options.only_looks() || resumable.contains(entry.name)) return true;
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
    return *removed != apply::Leftover::kKept;
  });
}

apply::Deletions::Filters DirectoryFlow::filters_in(const DirectoryTask& task) const {
  apply::Deletions::Filters filters{task.scan.filter, task.target_filter};
  const apply::Settings& settings = context_.options.settings;
  if (settings.illegal_names != apply::IllegalNames::kMap) return filters;
  filters.path = task.scan.snapshot.path;
  filters.name = settings.policy.windows_names
                     ? &tree::unmapped_windows_name
                     : [](std::string_view name) { return tree::mapped_windows_name(name); };
  return filters;
}

void DirectoryFlow::collect_extras(DirectoryTask& task) {
  const RunOptions& options = context_.options;
  if (options.goal != Goal::kMirror && options.goal != Goal::kVerify) return;
  if (!task.target->is_open() || task.scan.snapshot.completeness != Completeness::kComplete) {
    return;
  }
  if (!task.target_filter_known) return;
  // What is on other file systems is not this run's with --one-file-system.
  if (task.target_behind_mount && options.scan.one_file_system) return;
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
  in.filters = filters_in(task);
  const tree::Metadata* source = task.planned.source ? &task.planned.source->metadata : nullptr;
  if (source != nullptr && options.settings.policy.keeps_time(tree::Kind::kDirectory))
    in.mtime = source->mtime;
  const tree::Metadata& now = task.target->spot().metadata;
  if ((now.mode & 0700U) != 0700U || (source != nullptr && (source->mode & 0700U) != 0700U)) {
    in.mode = source != nullptr ? options.settings.policy.wanted_mode(*source, &now) : now.mode;
  }
  context_.deletions->collect(std::move(in));
}

bool DirectoryFlow::worth_staging(const DirectoryTask& task) const {
  const RunOptions& options = context_.options;
  if (!options.settings.transfer.fast_paths.staged_directories || options.goal == Goal::kMove ||
      options.settings.in_place || options.prune_empty_directories || task.work.empty()) {
    return false;
  }
  // What is interrupted in a staged directory goes with it.
  const bool may_resume = options.settings.keep_partial != apply::KeepPartial::kNo;
  std::uint64_t bytes = 0;
  for (const PlannedEntry* planned : task.work) {
    const tree::Metadata& metadata = planned->source->metadata;
    if (may_resume && metadata.is_regular() && metadata.size >= apply::kPartialBytesMin) {
      return false;
    }
    bytes += metadata.size;
  }
  return bytes <= kStagedBytesMax;
}

// Makes the directory, or makes it accessible.
Result<void> DirectoryFlow::prepare_target(const TaskPtr& task) {
  const RunOptions& options = context_.options;
  if (options.only_looks()) return {};
  if (task->target->is_open()) return {};
  if (options.prune_empty_directories) {
    return task->has_content ? ensure_made(*task) : Result<void>();
  }
  apply::TargetDirectory& above = *task->parent->target;
  ROBOSYNC_TRY(above.make_writable(context_.file_system.privileges()));
  above.mark_touched();
  const bool staged = worth_staging(*task);
  if (staged) context_.ledger.add({.staged_directories = 1});
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
    child.target->set_parent(child.parent->target->spot().directory);
    ROBOSYNC_TRY(child.parent->target->make_writable(context_.file_system.privileges()));
    child.parent->target->mark_touched();
    ROBOSYNC_TRY(child.target->create(apply::TargetDirectory::Make::kAtOnce, child.planned.target,
                                      context_.backup.get()));
  }
  return {};
}

// An empty directory that the user does not want: where it exists, it is extraneous, or left alone.
void DirectoryFlow::prune(const DirectoryTask& task) {
  files_.report(*task.parent, apply::Action::kSkipped, task.planned, "empty directory");
  if (context_.options.goal != Goal::kMirror || !context_.options.delete_pruned ||
      task.planned.step != Step::kEnter || !task.parent->target->is_open()) {
    return;
  }
  apply::Deletions::InDirectory in;
  in.path = task.parent->path();
  in.identity = task.parent->target->spot().metadata.identity;
  in.filters = filters_in(*task.parent);
  context_.deletions->forget_directory(task.path());  // it goes as a whole
  in.extras.push_back({.name = task.planned.source->name, .kind = tree::Kind::kDirectory});
  if (task.parent->planned.source != nullptr &&
      context_.options.settings.policy.keeps_time(tree::Kind::kDirectory)) {
    in.mtime = task.parent->planned.source->metadata.mtime;
  }
  context_.deletions->collect(std::move(in));
}

}  // namespace robosync::session
