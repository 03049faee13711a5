// Entry, Snapshot and Problem: a directory as data.
//
// A Snapshot is the whole-directory record of the manifest: the entries of one directory in byte
// order of their names, closed as complete or not. What could not be read is part of it, never a
// missing line. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/tree/metadata.h"
#include "engine/tree/rel_path.h"

namespace robosync::tree {

// What Windows tells apart among links.
enum class LinkKind : std::uint8_t {
  kUnknown,  // any other system's; where it matters, what it leads to decides
  kFile,
  kDirectory,
  kJunction,    // to a directory of this machine, by its whole path
  kMountPoint,  // a junction to a volume
};

[[nodiscard]] constexpr bool is_junction(LinkKind kind) {
  return kind == LinkKind::kJunction || kind == LinkKind::kMountPoint;
}

[[nodiscard]] constexpr bool is_to_directory(LinkKind kind) {
  return kind == LinkKind::kDirectory || is_junction(kind);
}

struct Entry {
  std::string name;
  std::string source_name = {};  // of the source, where the target calls it otherwise; else empty
  Metadata metadata;
  std::string link_target;  // symbolic links only
  LinkKind link_kind = LinkKind::kUnknown;
  std::uint32_t origin = 0;  // which of several merged source directories it came from
  bool follow = false;       // a link on disk; metadata is of what it leads to, as the user asked

  [[nodiscard]] const std::string& name_at_source() const {
    return source_name.empty() ? name : source_name;
  }
};

// Something that went wrong with one entry; the run goes on and its exit code says so.
struct Problem {
  std::string path;  // relative to the root, '/'-separated, bytes as they are
  base::Error error;
};

// How much a listing can be relied on when names that are not in it are to be deleted.
enum class Completeness : std::uint8_t {
  kComplete,    // every name is here or known to be excluded
  kNotEntered,  // deliberately not listed (mount point, plain name from a file list)
  kErrors,      // something could not be read: nothing may be deleted on the strength of it
};

struct Snapshot {
  RelPath path;
  std::vector<Entry> entries;  // ascending by name, bytes compared as unsigned
  Completeness completeness = Completeness::kComplete;
  std::vector<Problem> problems;
  std::vector<std::string> protected_names;  // excluded or vanished here: not to be deleted
};

// All of them in manifest order.
[[nodiscard]] std::vector<Entry> merge_sorted(std::vector<std::vector<Entry>> lists);
// Sorts into manifest order; quick where they are in it.
void sort_entries(std::vector<Entry>& entries);

// The entry called `name`, or nullptr. REQUIRES: entries in manifest order.
[[nodiscard]] const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name);

}  // namespace robosync::tree
