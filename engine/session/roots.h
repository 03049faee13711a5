// Roots: what the user's SOURCE... and TARGET mean, decided once, before anything is touched.
//
// rsync's rules: a source with a trailing slash is its contents, without one the entry itself; a
// slash at the target is irrelevant unless it is missing. See docs/cli.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/scan/scan.h"
#include "engine/tree/file_list.h"

namespace robosync::session {

struct SourceRoots {
  std::vector<scan::Origin> origins;               // of the root of the transfer
  std::optional<tree::Entry> contents;             // metadata of the first source taken by contents
  std::vector<tree::Identity> source_directories;  // every directory that is a source root
  bool lists_everything = false;      // a single source by its contents: extras at the target's top
                                      // level are extraneous
  std::optional<tree::Entry> single;  // the only thing to transfer, named without a slash
  std::vector<tree::Problem> problems;  // sources that are missing, beside others that are not
};

// Opens the sources. `files_from` may be null. Fails with kNotFound (there is none of them),
// kUsage.
[[nodiscard]] base::Result<SourceRoots> open_sources(const fs::FileSystem& file_system,
                                                     const std::vector<std::string>& sources,
                                                     const tree::FileList* files_from);

// What of the source decides where it goes.
struct SingleSource {
  bool is_directory = false;
  std::function<base::Result<bool>()> is_empty;  // asked of a directory, when it matters
};
[[nodiscard]] std::optional<SingleSource> single_source(const SourceRoots& roots);

struct TargetPlace {
  fs::DirectoryPtr directory;  // null while it does not exist
  fs::Located make;            // where it is to be made, when it does not exist
  std::string renamed;         // what the single source is called there, when not as it is
};

// Finds the target; makes nothing. Fails with kNotFound (the directory to hold it is missing),
// kNotDirectory.
[[nodiscard]] base::Result<TargetPlace> find_target(const fs::FileSystem& file_system,
                                                    const std::string& target,
                                                    const std::optional<SingleSource>& single);

// What there is at the top of the source, before and after filtering.
enum class Selected : std::uint8_t { kSome, kNone, kSourceEmpty };
[[nodiscard]] base::Result<Selected> what_is_selected(
    const std::vector<scan::Origin>& origins, bool lists_everything,
    const std::shared_ptr<const tree::FilterScope>& filter, const scan::Options& options);

// True when the path means the contents of a directory: "a/", "a/.", "..", "/".
[[nodiscard]] bool means_contents(const std::string& path);

}  // namespace robosync::session
