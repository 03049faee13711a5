// plan_directory: what one directory of the target needs to become like the source's. Pure.
//
// Input are two Snapshots of the same directory, output is a step per source entry and the names
// that the source does not have. Nothing here reads, writes or orders in time; deletions in
// particular are only named (apply/ carries them out, last). Any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/plan/policy.h"
#include "engine/tree/entry.h"

namespace robosync::plan {

// Which attributes differ between an entry and its counterpart.
struct Changes {
  bool content = false;  // by reading; of a link its target, of a device its number
  bool size = false;
  bool time = false;
  bool permissions = false;
  bool owner = false;
  bool group = false;
  bool acl = false;
  bool xattr = false;
  bool kind = false;  // something of another kind stands there

  [[nodiscard]] bool metadata() const {
    return time || permissions || owner || group || acl || xattr;
  }
  friend bool operator==(const Changes&, const Changes&) = default;
};

enum class Step : std::uint8_t {
  kNothing,           // up to date
  kCreate,            // the name is free
  kReplace,           // same kind, new content (link target, device number)
  kCompare,           // same size: only reading both tells kReplace from the rest
  kMetadata,          // same content, other metadata
  kReplaceKind,       // something of another kind, not a directory, stands there
  kReplaceDirectory,  // a directory stands where something else is to be; only if it is empty or
                      // the policy says so
  kEnter,             // a directory on both sides; changes tells what of it differs
  kSkip,              // left out by the policy
};

enum class SkipReason : std::uint8_t {
  kNone,
  kTargetNewer,      // update_only_newer
  kTargetOlder,      // leave_older
  kTargetChanged,    // leave_changed
  kMismatched,       // leave_mismatched
  kNotExisting,      // existing_only
  kExisting,         // ignore_existing
  kIllegalName,      // windows_names
  kIllegalLink,      // likewise: a backslash in what a link leads to
  kNeedsPrivileges,  // a device node, made by privileged users only
};

struct PlannedEntry {
  Step step = Step::kNothing;
  SkipReason reason = SkipReason::kNone;
  Changes changes = {};
  const tree::Entry* source = nullptr;  // into the source Snapshot
  const tree::Entry* target = nullptr;  // into the target Snapshot; null where nothing stands
};

struct DirectoryPlan {
  std::vector<PlannedEntry> entries;       // one per source entry, in manifest order
  std::vector<const tree::Entry*> extras;  // on the target only, in manifest order
};

// REQUIRES: both lists in manifest order (tree::sort_entries). The plan points into them.
[[nodiscard]] DirectoryPlan plan_directory(const std::vector<tree::Entry>& source,
                                           const std::vector<tree::Entry>& target,
                                           const Policy& policy);

// The metadata part alone: what of `target` differs from what `source` is to become there.
[[nodiscard]] Changes metadata_changes(const tree::Metadata& source, const tree::Metadata& target,
                                       const Policy& policy);

}  // namespace robosync::plan
