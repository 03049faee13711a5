// DirectoryTask: one directory on its way from listed to complete. Private to session/.
//
// Life: scanned, planned, created (staged or not), its own files done, landed under its final name,
// all its subdirectories landed (settled: its metadata is set for good), all of them complete.
// Held by shared_ptr from the jobs that work on it and from its subdirectories.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "engine/apply/target_directory.h"
#include "engine/plan/plan.h"
#include "engine/scan/scan.h"
#include "engine/session/source_node.h"

namespace robosync::session {

struct DirectoryTask {
  std::shared_ptr<DirectoryTask> parent;
  std::size_t depth = 0;
  bool behind_link = false;               // it or a directory above it is a link that was followed
  plan::PlannedEntry planned;             // in the parent's plan; source null for a bare root
  std::optional<tree::Entry> root_entry;  // what planned.source points to, for the root
  std::shared_ptr<SourceNode> source;
  std::shared_ptr<const tree::FilterScope> outer_filter;  // of the parent
  std::optional<tree::Identity> identity;                 // of the source directory, if known

  scan::Scan scan;
  fs::Listing target_listing;
  // Rules of the target's own merge files, which protect too; the parent's until it is listed.
  std::shared_ptr<const tree::FilterScope> target_filter;
  bool target_filter_known = true;
  bool target_behind_mount = false;  // the target's directory, or one above it, is a mount point
  plan::DirectoryPlan plan;
  std::unique_ptr<apply::TargetDirectory> target;  // none: the target does not exist (dry run)

  std::vector<const plan::PlannedEntry*> work;      // entries that are no directories
  std::vector<const plan::PlannedEntry*> children;  // directories to descend into
  std::vector<const plan::PlannedEntry*> deferred;  // replace a directory, when deletions are sure
  std::vector<std::atomic<bool>> in_place;          // per plan entry: proven or landed (kMove)

  std::atomic<std::size_t> files_pending{0};
  std::atomic<std::size_t> children_unlanded{0};
  std::atomic<std::size_t> children_incomplete{0};
  std::atomic<bool> has_content{false};  // something that is no directory, here or below
  std::atomic<bool> failed{false};       // it could not be made or filled as a whole

  [[nodiscard]] const tree::RelPath& path() const { return source_path; }
  tree::RelPath source_path;
};

using TaskPtr = std::shared_ptr<DirectoryTask>;

}  // namespace robosync::session
