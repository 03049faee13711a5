// Roots: what the user's SOURCE... and TARGET mean, decided once, before anything is touched.
//
// rsync's rules: a source with a trailing slash is its contents, without one the entry itself; a
// slash at the target is irrelevant unless it is missing. See docs/cli.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/scan/scan.h"
#include "engine/tree/file_list.h"

namespace robosync::session {

struct Roots {
  std::vector<scan::Origin> origins;               // of the root of the transfer
  std::optional<tree::Entry> contents;             // metadata of the first source taken by contents
  std::vector<tree::Identity> source_directories;  // every directory that is a source root
  bool lists_everything = false;  // a single source by its contents: extras at the target's top
                                  // level are extraneous

  std::vector<tree::Problem> problems;  // sources that are missing, beside others that are not

  fs::DirectoryPtr target;  // null while it does not exist
  fs::Located make;         // where it is to be made, when it does not exist
};

// Opens the sources and finds the target; makes nothing. `files_from` may be null. Fails with
// kNotFound (a source, or the directory to hold the target, is missing), kNotDirectory, kUsage.
[[nodiscard]] base::Result<Roots> open_roots(const fs::FileSystem& file_system,
                                             const std::vector<std::string>& sources,
                                             const std::string& target,
                                             const tree::FileList* files_from);

// True when the path means the contents of a directory: "a/", "a/.", "..", "/".
[[nodiscard]] bool means_contents(const std::string& path);

}  // namespace robosync::session
