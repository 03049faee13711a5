// The source side: one directory of the source becomes a Snapshot.
//
// Owns the open handles of one directory (of several, where sources are merged into one target) and
// turns them into a record in manifest order: filtered, links treated by policy, what could not be
// read recorded. Reads only. A SourceDirectory is used by several threads for opening its files;
// its scan is done once, by one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/scan/options.h"
#include "engine/tree/entry.h"
#include "engine/tree/file_list.h"
#include "engine/tree/filter.h"

namespace robosync::scan {

// What was left out, and why.
struct Omission {
  std::string name;
  tree::Kind kind = tree::Kind::kUnknown;
  std::string reason;
};

struct Scan {
  // Notes what is left out and was not asked for.
  void pass_over(Omission entry, PassedOver as);

  tree::Snapshot snapshot;
  std::shared_ptr<const tree::FilterScope> filter;  // rules in force inside this directory
  std::vector<Omission> omissions;                  // links, staging files; not mere filtering
  std::vector<tree::MergeFile> merge_files;         // those that were read for `filter`
};

// One directory on disk that contributes to a SourceDirectory.
struct Origin {
  fs::DirectoryPtr handle = {};
  std::uint64_t root_device = 0;                    // of the source root it belongs to
  const tree::FileList::Node* selection = nullptr;  // only these names; null: all
  std::vector<std::string> names =
      {};                        // not listed: just these entries, as given on the command line
  bool entered = true;           // false: a mount point under one_file_system, not listed
  std::string target_name = {};  // when set, the single entry of `names` is called this on target
};

// Of a directory that is one of those above it, the one at `path`: a link that was followed led
// there.
[[nodiscard]] base::Error leads_back_to(const tree::RelPath& path);

class SourceDirectory {
 public:
  SourceDirectory(tree::RelPath path, std::vector<Origin> origins)
      : path_(std::move(path)), origins_(std::move(origins)) {}

  // Lists, filters and sorts. Fails only when the directory cannot be listed at all, or when
  // a merge file in it is not valid (kUsage).
  [[nodiscard]] base::Result<Scan> scan(const std::shared_ptr<const tree::FilterScope>& parent,
                                        const Options& options) const;

  // The directory `entry` of this one, opened on every origin that has it.
  [[nodiscard]] base::Result<std::shared_ptr<SourceDirectory>> open_directory(
      const tree::Entry& entry, const Options& options) const;

  [[nodiscard]] base::Result<fs::FilePtr> open_file(const tree::Entry& entry) const;
  // The entry as it is now.
  [[nodiscard]] base::Result<tree::Entry> stat_again(const tree::Entry& entry) const;

  [[nodiscard]] const tree::RelPath& path() const { return path_; }
  // The handle that `entry` came from, and its name there.
  [[nodiscard]] fs::Directory& directory_of(const tree::Entry& entry) const;
  [[nodiscard]] std::string_view name_of(const tree::Entry& entry) const;
  [[nodiscard]] const std::vector<Origin>& origins() const { return origins_; }
  // Which directory of the system it is; nothing where names are only selected from one, or where
  // the system does not tell.
  [[nodiscard]] base::Result<std::optional<tree::Identity>> identity() const;

 private:
  [[nodiscard]] base::Result<void> scan_origin(std::size_t index, const Options& options,
                                               Scan& scan) const;
  [[nodiscard]] base::Result<void> list_origin(const Origin& origin, const Options& options,
                                               Scan& scan, fs::Listing& listing) const;
  [[nodiscard]] base::Result<void> load_filter(
      const std::shared_ptr<const tree::FilterScope>& parent, Scan& scan) const;
  void take_problems(const fs::Listing& listing, Scan& scan) const;
  [[nodiscard]] static bool only_names_beneath_are_selected(const Origin& origin,
                                                            const std::string& name);
  bool apply_link_policy(const Origin& origin, const Options& options, tree::Entry& entry,
                         Scan& scan) const;

  tree::RelPath path_;
  std::vector<Origin> origins_;
};

// Whether the target of a symbolic link at `link` (relative to the root of the transfer) leads out
// of that root, judged by the text alone: an absolute target, or more ".." than there are levels.
[[nodiscard]] bool leads_out(const tree::RelPath& link, std::string_view target);
// The same of an entry. Where links are Windows' (`on_windows`, or only Windows tells their kind) a
// colon in a target belongs to a drive, which every junction's has, and a backslash separates.
[[nodiscard]] bool leads_out(const tree::RelPath& path, const tree::Entry& link,
                             bool on_windows = false);

}  // namespace robosync::scan
