#include "engine/session/roots.h"

#include <algorithm>
#include <string_view>

#include "engine/session/local_path.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

base::Error about(const std::string& path, base::Error error) {
  // The system says why in its number, we in our words.
  error.context = error.code ? path : path + ": " + error.context;
  return error;
}

Result<void> add_contents(const fs::FileSystem& file_system, const std::string& path,
                          const tree::FileList* files_from, SourceRoots& roots) {
  auto handle = file_system.open_root(path);
  if (!handle) return fail(about(path, std::move(handle).error()));
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, (*handle)->stat());
  roots.source_directories.push_back(metadata.identity);
  if (!roots.contents) {
    roots.contents.emplace();
    roots.contents->metadata = metadata;
  }
  scan::Origin origin{.handle = std::move(*handle), .root_device = metadata.identity.device};
  if (files_from != nullptr) origin.selection = &files_from->root();
  roots.origins.push_back(std::move(origin));
  return {};
}

// Returns the entry that is named.
Result<tree::Entry> add_entry(const fs::FileSystem& file_system, const std::string& path,
                              SourceRoots& roots) {
  auto located = file_system.locate(path);
  if (!located) return fail(about(path, std::move(located).error()));
  auto entry = located->parent->stat_entry(located->name);
  if (!entry) return fail(about(path, std::move(entry).error()));
  ROBOSYNC_ASSIGN(const tree::Metadata parent, located->parent->stat());
  scan::Origin origin{.handle = located->parent, .root_device = parent.identity.device};
  if (entry->metadata.is_directory()) {
    roots.source_directories.push_back(entry->metadata.identity);
    // One file system means the one of the source, not of the directory that holds it.
    origin.root_device = entry->metadata.identity.device;
  }
  origin.names.push_back(located->name);
  roots.origins.push_back(std::move(origin));
  return std::move(*entry);
}

Result<void> add_source(const fs::FileSystem& file_system, const std::string& path,
                        const tree::FileList* files_from, SourceRoots& roots,
                        std::optional<tree::Entry>& single) {
  if (path.empty()) return fail(make_error(ErrorKind::kUsage, "empty source path"));
  Result<void> added;
  if (files_from != nullptr || means_contents(path)) {
    added = add_contents(file_system, path, files_from, roots);
  } else if (auto entry = add_entry(file_system, path, roots)) {
    single = std::move(*entry);
  } else {
    added = fail(std::move(entry).error());
  }
  if (added || added.error().kind != ErrorKind::kNotFound) return added;
  roots.problems.push_back({path, std::move(added).error()});
  return {};
}

}  // namespace

bool means_contents(const std::string& path) {
  std::string_view last = path;
  if (begins_with_drive(last)) last.remove_prefix(2);
  if (last.empty() || last.ends_with('/')) return true;
  last.remove_prefix(last.rfind('/') + 1);
  return last == "." || last == "..";
}

Result<SourceRoots> open_sources(const fs::FileSystem& file_system,
                                 const std::vector<std::string>& sources,
                                 const tree::FileList* files_from) {
  SourceRoots roots;
  if (sources.empty()) return fail(make_error(ErrorKind::kUsage, "a source is needed"));
  if (files_from != nullptr && sources.size() != 1) {
    return fail(make_error(ErrorKind::kUsage, "a file list goes with one source directory"));
  }
  for (const std::string& path : sources) {
    ROBOSYNC_TRY(add_source(file_system, path, files_from, roots, roots.single));
  }
  if (roots.origins.empty()) return fail(std::move(roots.problems.front().error));
  // rsync counts what there is to transfer, not what was asked for.
  if (roots.origins.size() > 1) roots.single.reset();
  roots.lists_everything = sources.size() == 1 && roots.contents && files_from == nullptr;
  return roots;
}

std::optional<SingleSource> single_source(const SourceRoots& roots) {
  if (!roots.single) return std::nullopt;
  SingleSource single;
  single.is_directory = roots.single->metadata.is_directory();
  single.is_empty = [origin = roots.origins.front()]() -> Result<bool> {
    ROBOSYNC_ASSIGN(const fs::DirectoryPtr directory,
                    origin.handle->open_directory(origin.names.front()));
    fs::Listing listing;
    ROBOSYNC_TRY(directory->list({}, listing));
    return listing.entries.empty();
  };
  return single;
}

Result<TargetPlace> find_target(const fs::FileSystem& file_system, const std::string& target,
                                const std::optional<SingleSource>& single) {
  TargetPlace place;
  if (target.empty()) return fail(make_error(ErrorKind::kUsage, "a target is needed"));
  auto located = file_system.locate(target);
  if (!located) return fail(about(target, std::move(located).error()));
  std::optional<tree::Entry> there;
  if (!located->name.empty()) {
    auto entry = located->parent->stat_entry(located->name, fs::Follow::kYes);
    if (entry) {
      there = std::move(*entry);
    } else if (entry.error().kind != ErrorKind::kNotFound) {
      return fail(about(target, std::move(entry).error()));
    }
  }
  if (located->name.empty() || (there && there->metadata.is_directory())) {
    auto handle = file_system.open_root(target);
    if (!handle) return fail(about(target, std::move(handle).error()));
    place.directory = std::move(*handle);
    return place;
  }
  const bool slash = target.ends_with('/');
  bool renamed = false;
  if (single && there) {
    renamed = !single->is_directory && !slash;
  } else if (single && !slash) {
    // rsync makes the target a directory when there is more than one thing to put there; an empty
    // directory is only itself, and becomes the target.
    renamed = true;
    if (single->is_directory) {
      ROBOSYNC_ASSIGN(renamed, single->is_empty());
    }
  }
  if (there && !renamed) {
    return fail(make_error(ErrorKind::kNotDirectory, target + ": is not a directory"));
  }
  if (renamed) {
    place.renamed = located->name;
    place.directory = located->parent;
    return place;
  }
  place.make = std::move(*located);
  return place;
}

Result<Selected> what_is_selected(const std::vector<scan::Origin>& origins, bool lists_everything,
                                  const std::shared_ptr<const tree::FilterScope>& filter,
                                  const scan::Options& options) {
  auto directory = std::make_shared<scan::SourceDirectory>(tree::RelPath(), origins);
  std::shared_ptr<const tree::FilterScope> scope = filter;
  if (!lists_everything) {
    // A source named without a slash: what matters is what is in it.
    ROBOSYNC_ASSIGN(const scan::Scan above, directory->scan(filter, options));
    const std::vector<tree::Entry>& entries = above.snapshot.entries;
    if (entries.size() != 1 || !entries.front().metadata.is_directory()) return Selected::kSome;
    scope = above.filter;
    ROBOSYNC_ASSIGN(directory, directory->open_directory(entries.front(), options));
  }
  ROBOSYNC_ASSIGN(const scan::Scan scan, directory->scan(scope, options));
  if (!scan.snapshot.entries.empty() || !scan.snapshot.problems.empty()) return Selected::kSome;
  fs::Listing all;
  ROBOSYNC_TRY(directory->origins().front().handle->list({}, all));
  return all.entries.empty() ? Selected::kSourceEmpty : Selected::kNone;
}

}  // namespace robosync::session
