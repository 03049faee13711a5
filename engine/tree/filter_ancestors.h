// The directories above the root of a transfer that a dir-merge rule such as "/.rsync-filter"
// means.
//
// Pure text; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace robosync::tree {

struct Ancestor {
  std::string path;         // absolute, ends in '/'
  std::string way_to_root;  // from there to the root of the transfer, ends in '/' unless empty
};

// Whether the root itself is one of them.
enum class AncestorRange { kAboveRoot, kUpToRoot };

// The directories from `directory` (absolute, or relative to `root`) down to the one that holds
// `root`, or to `root`, outermost first. None when `directory` is not on the way to `root`.
// REQUIRES: root is absolute, '/'-separated ("/a/b", "C:/a/b").
[[nodiscard]] std::vector<Ancestor> ancestors(std::string_view root, std::string_view directory,
                                              AncestorRange range);

}  // namespace robosync::tree
