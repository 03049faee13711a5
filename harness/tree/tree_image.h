// TreeImage: everything a tool should have kept of a file tree, read with the plainest calls there
// are and with nothing of the engine's, so that a fault of the engine cannot hide here. Two images
// are compared entry by entry; an image also has one digest, for dataset specs and reports.
//
// Reading is parallel over `threads`; an image is a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/result.h"

namespace robosync::parity {

enum class NodeKind : std::uint8_t { kFile, kDirectory, kSymlink, kFifo, kOther };

struct Node {
  NodeKind kind = NodeKind::kFile;
  std::uint32_t mode = 0;  // permission bits, 07777; 0 on Windows
  std::int64_t mtime_s = 0;
  std::uint32_t mtime_ns = 0;
  std::uint64_t size = 0;             // files only
  std::uint64_t allocated_bytes = 0;  // files only; for sparse checks, not part of any comparison
  base::Digest content;               // files only, XXH3-128; empty when not asked for
  std::string link_target;            // symlinks only
  // Path of the first of the tree's names of this file; "" when the tree has one name of it only.
  std::string link_group;
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
};

// Which aspects are compared and digested. Names, kinds, sizes, content and link targets always
// are. Modes of symbolic links never are: no tool can set them everywhere.
struct Aspects {
  bool modes = true;
  bool file_times = true;
  bool directory_times = true;
  bool symlink_times = true;
  bool hard_links = false;
  bool owners = false;
  std::int64_t time_window_ns = 0;  // times this close are equal
};

struct TreeImage {
  std::map<std::string, Node> nodes;  // by path below the root, '/' between; "" is the root itself
  std::uint64_t files = 0;
  std::uint64_t directories = 0;  // the root not counted
  std::uint64_t bytes = 0;
  // A file that has names outside the tree, too: what is written there changes it. "" for none.
  std::string shared_outside;
};

enum class Content : std::uint8_t { kDigest, kSkip };

// Fails, naming the path, on whatever cannot be read. Of several faults the one whose path sorts
// first is reported. REQUIRES: nobody changes the tree meanwhile.
[[nodiscard]] base::Result<TreeImage> read_tree_image(const std::string& root, unsigned threads = 2,
                                                      Content content = Content::kDigest);

// Human-readable lines ("mtime of a/b: 12.5 expected, 12.0 found"), at most `lines_max` and then
// how many more; empty when equal.
[[nodiscard]] std::vector<std::string> differences(const TreeImage& expected,
                                                   const TreeImage& actual, const Aspects& aspects,
                                                   std::size_t lines_max = 20);

// Hex; the same for equal trees on every machine. Never depends on owners nor on the time window:
// times that count are hashed exactly.
[[nodiscard]] std::string tree_digest(const TreeImage& image, const Aspects& aspects);

}  // namespace robosync::parity
