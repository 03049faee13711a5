// A tree as the disk holds it, and what two trees differ in.
//
// read_tree() looks at everything a copy may keep or lose: names as bytes, kind, content, mode,
// owner, time to the nanosecond, link targets, device numbers, hard-link groups, extended
// attributes (access control lists included) and which ranges are stored. Links are never followed.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace robosync::e2e {

struct NodeImage {
  mode_t kind = 0;  // S_IFREG, ...
  mode_t mode = 0;  // 07777
  uid_t uid = 0;
  gid_t gid = 0;
  std::int64_t size = 0;  // 0 for directories, whose size means nothing
  timespec time{};
  dev_t device = 0;            // what a device node stands for
  std::string content_digest;  // regular files
  std::string link_target;
  std::string link_group;  // the first name of the same inode; empty for a single name
  std::map<std::string, std::string> xattrs;
  std::vector<std::pair<std::int64_t, std::int64_t>> extents;  // stored ranges: begin, end
  std::int64_t allocated_bytes = 0;
};

// By path relative to the root, which itself is "".
using TreeImage = std::map<std::string, NodeImage>;

// Throws std::system_error when `root` is missing. What cannot be read has the digest "unreadable".
[[nodiscard]] TreeImage read_tree(const std::string& root);

// What to compare beyond names, kinds and content.
struct Aspects {
  bool mode = true;
  bool owner = true;
  bool time = true;            // of everything but directories and links
  bool directory_time = true;  // false where entries are made or removed afterwards
  bool link_time = true;
  bool root = true;  // whether the root's own metadata counts
  bool hard_links = false;
  bool xattrs = false;
  bool holes = false;
  // Times between this moment and a day later count as equal: two tools made the entry just now.
  std::int64_t recent_seconds = INT64_MAX;
  // Paths for which this answers true do not count, nor does what lies beneath them.
  std::function<bool(std::string_view path)> ignore;
};

// Everything there is.
[[nodiscard]] Aspects all_aspects();

// The first differences, one a line, in words; empty when the trees are equal.
[[nodiscard]] std::string differences(const TreeImage& expected, const TreeImage& actual,
                                      const Aspects& aspects = {});
[[nodiscard]] std::string differences(const std::string& expected_root,
                                      const std::string& actual_root, const Aspects& aspects = {});

// The names in the tree, without the root.
[[nodiscard]] std::vector<std::string> names_in(const std::string& root);

// Names that only a run in progress may leave: `.robosync-<hex>...`.
[[nodiscard]] std::vector<std::string> staging_names_in(const std::string& root);

// A name as it can be printed and typed: control and high bytes escaped.
[[nodiscard]] std::string printable(std::string_view name);

// Counts as find and du do.
struct TreeTotals {
  std::uint64_t files = 0, directories = 0, symlinks = 0, others = 0;
  std::uint64_t file_bytes = 0;
};
[[nodiscard]] TreeTotals totals_of(const TreeImage& tree);  // the root counts as a directory

}  // namespace robosync::e2e
