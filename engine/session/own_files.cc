#include "engine/session/own_files.h"

#include <algorithm>
#include <optional>

namespace robosync::session {

using base::Result;

namespace {

std::optional<tree::Identity> identity_of(const fs::FileSystem& file_system,
                                          const std::string& path) {
  const auto located = file_system.locate(path);
  if (!located) return std::nullopt;
  const auto entry = located->parent->stat_entry(located->name, fs::Follow::kYes);
  if (!entry) return std::nullopt;
  return entry->metadata.identity;
}

}  // namespace

std::vector<tree::Identity> own_identities(const fs::FileSystem& file_system,
                                           const std::vector<std::string>& paths) {
  std::vector<tree::Identity> identities;
  for (const std::string& path : paths) {
    if (const auto identity = identity_of(file_system, path)) identities.push_back(*identity);
  }
  return identities;
}

Result<void> check_no_own_file_moves(const fs::FileSystem& file_system,
                                     const std::vector<std::string>& paths,
                                     const SourceRoots& roots) {
  const std::vector<tree::Identity>& sources = roots.source_directories;
  for (const std::string& path : paths) {
    const auto refused = [&path] {
      return base::fail(base::make_error(
          base::ErrorKind::kRefused,
          path + ": lies in what is to be moved, and is written meanwhile; put it elsewhere"));
    };
    const auto located = file_system.locate(path);
    if (!located) continue;
    ROBOSYNC_ASSIGN(const std::vector<tree::Identity> line, file_system.ancestry(located->parent));
    if (std::ranges::find_first_of(line, sources) != line.end()) return refused();
    const auto itself = identity_of(file_system, path);
    for (const scan::Origin& origin : roots.origins) {
      if (origin.names.empty()) continue;
      const auto source = origin.handle->stat_entry(origin.names.front());
      if (source && itself == source->metadata.identity) return refused();
    }
  }
  return {};
}

}  // namespace robosync::session
