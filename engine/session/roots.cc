#include "engine/session/roots.h"

#include <algorithm>

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

base::Error about(const std::string& path, base::Error error) {
  error.context = path;
  return error;
}

Result<void> add_contents(const fs::FileSystem& file_system, const std::string& path,
                          const tree::FileList* files_from, Roots& roots) {
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
                              Roots& roots) {
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

// rsync makes the target a directory when there is more than one thing to put there; an empty
// directory is only itself, and becomes the target.
Result<bool> stands_alone(const Roots& roots, const tree::Entry& entry) {
  if (!entry.metadata.is_directory()) return true;
  const scan::Origin& origin = roots.origins.front();
  ROBOSYNC_ASSIGN(const fs::DirectoryPtr directory,
                  origin.handle->open_directory(origin.names.front()));
  fs::Listing listing;
  ROBOSYNC_TRY(directory->list({}, listing));
  return listing.entries.empty();
}

Result<void> find_target(const fs::FileSystem& file_system, const std::string& target,
                         const std::optional<tree::Entry>& single, Roots& roots) {
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
    roots.target = std::move(*handle);
    return {};
  }
  const bool slash = target.ends_with('/');
  bool renamed = false;
  if (single && there) {
    renamed = !single->metadata.is_directory() && !slash;
  } else if (single && !slash) {
    ROBOSYNC_ASSIGN(renamed, stands_alone(roots, *single));
  }
  if (there && !renamed) {
    return fail(make_error(ErrorKind::kNotDirectory, target + ": is not a directory"));
  }
  if (renamed) {
    roots.origins.front().target_name = located->name;
    roots.target = located->parent;
    return {};
  }
  roots.make = std::move(*located);
  return {};
}

Result<void> add_source(const fs::FileSystem& file_system, const std::string& path,
                        const tree::FileList* files_from, Roots& roots,
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
  if (path.empty() || path.ends_with('/')) return true;
  const std::size_t slash = path.rfind('/');
  const std::string last = slash == std::string::npos ? path : path.substr(slash + 1);
  return last == "." || last == "..";
}

Result<Roots> open_roots(const fs::FileSystem& file_system, const std::vector<std::string>& sources,
                         const std::string& target, const tree::FileList* files_from) {
  Roots roots;
  std::optional<tree::Entry> single;
  if (sources.empty() || target.empty()) {
    return fail(make_error(ErrorKind::kUsage, "a source and a target are needed"));
  }
  if (files_from != nullptr && sources.size() != 1) {
    return fail(make_error(ErrorKind::kUsage, "a file list goes with one source directory"));
  }
  for (const std::string& path : sources) {
    ROBOSYNC_TRY(add_source(file_system, path, files_from, roots, single));
  }
  if (roots.origins.empty()) return fail(std::move(roots.problems.front().error));
  // rsync counts what there is to transfer, not what was asked for.
  if (roots.origins.size() > 1) single.reset();
  roots.lists_everything = sources.size() == 1 && roots.contents && files_from == nullptr;
  ROBOSYNC_TRY(find_target(file_system, target, single, roots));
  return roots;
}

}  // namespace robosync::session
