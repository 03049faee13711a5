// Trees from a seed: the same seed and shape make the same tree, times included.
#pragma once

#include <cstdint>
#include <string>

namespace robosync::e2e {

struct Shape {
  unsigned directories = 25;
  unsigned files = 160;
  unsigned links = 25;
  bool odd_names = true;  // every byte a name may hold, 255-byte names, names like options
  bool odd_modes = true;  // set-id, sticky, 000
  bool odd_times = true;  // before 1970, after 2038
  bool fifos = true;
  bool devices = true;  // only as root
  bool owners = true;   // only as root
  bool hard_links = true;
  bool sparse = true;
  bool xattrs = true;
  unsigned deep_levels = 200;
  unsigned wide_entries = 300;
};

// Makes the tree in `root`.
void generate_tree(const std::string& root, std::uint64_t seed, const Shape& shape = {});

// Changes a generated tree: content of the same and another size, metadata only, new, renamed and
// removed entries, and entries that become another kind.
void mutate_tree(const std::string& root, std::uint64_t seed);

}  // namespace robosync::e2e
