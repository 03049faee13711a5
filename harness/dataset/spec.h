// DatasetSpec: what a dataset holds and how it is mutated, as read from datasets/*.json. A spec is
// values only and small; the files themselves are functions of spec, seed and index, so that a tree
// of a million files needs no plan in memory.
//
// Values; any thread. The format is described in datasets/README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace robosync::parity {

// What a system can hold. A tree's digest is of one profile: names and kinds that the profile's
// systems refuse are left out of the tree, and what they do not keep is left out of the digest.
enum class Profile : std::uint8_t {
  kPosix,    // everything
  kMacos,    // names are UTF-8: no group of odd bytes
  kWindows,  // no odd bytes, no symbolic links, no modes; times in steps of 100 ns
};

// "posix", "macos", "windows".
[[nodiscard]] std::string_view to_string(Profile profile);
// The profile of the system this program was built for.
[[nodiscard]] Profile native_profile();

enum class SizeShape : std::uint8_t {
  kFixed,      // bytes_min
  kUniform,    // bytes_min to bytes_max, both included
  kLogNormal,  // median times 2 to the power of (a normal variate times octaves), then clamped
};

struct SizeDistribution {
  SizeShape shape = SizeShape::kFixed;
  std::uint64_t bytes_min = 0;
  std::uint64_t bytes_max = 0;
  std::uint64_t median_bytes = 0;
  std::uint64_t octaves_hundredths = 0;  // standard deviation in doublings, times 100
};

enum class NameStyle : std::uint8_t { kPlain, kUnicode, kOddBytes };

// What --scale multiplies.
enum class Scaling : std::uint8_t { kCounts, kSizes };

// Files of one kind below one folder.
struct FileGroup {
  std::string path;  // below the root, "" is the root itself
  std::uint64_t files = 0;
  std::uint64_t files_per_directory = 0;  // 0: all in one
  // The directories form a tree in which each has up to fan_out children, or, where depth is not 0,
  // chains of so many.
  std::uint64_t fan_out = 16;
  std::uint64_t depth = 0;
  SizeDistribution size;
  unsigned compressible_percent = 0;
  NameStyle names = NameStyle::kPlain;
  Scaling scaling = Scaling::kCounts;
  std::uint32_t mode = 0644;
};

struct Symlinks {
  std::uint64_t to_file = 0;
  std::uint64_t to_directory = 0;
  std::uint64_t dangling = 0;
  std::uint64_t absolute = 0;  // dangling as well: a target may not depend on where the tree is
  std::uint64_t escaping = 0;  // "../../..." out of the tree
  std::uint64_t loops = 0;     // pairs that point to each other
};

struct SparseFiles {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;         // size of each
  std::uint64_t extents = 0;       // runs of data in each
  std::uint64_t extent_bytes = 0;  // of each run
};

// How many files: a share of the tree's files or a number of them.
struct Amount {
  std::uint64_t per_million = 0;
  std::uint64_t count = 0;

  // At least one where a share is asked for; never more than `files`.
  [[nodiscard]] std::uint64_t of(std::uint64_t files) const;
};

struct InPlaceEdits {
  std::uint64_t files = 0;  // the largest ones
  std::uint64_t edits = 0;  // in each
  std::uint64_t bytes = 0;  // of each edit
};

struct MutationRecipe {
  Amount changed;  // other content of the same size
  Amount touched;  // other time, same content
  Amount grown;
  Amount renamed;
  Amount added;
  Amount deleted;
  InPlaceEdits in_place_edits;
};

struct DatasetSpec {
  std::string name;
  std::string description;
  std::uint64_t seed = 0;
  std::vector<FileGroup> groups;
  Symlinks symlinks;
  SparseFiles sparse_files;
  std::uint64_t empty_directories = 0;
  std::uint64_t hard_links = 0;  // further names for files of the first group
  MutationRecipe mutation;
  std::map<std::string, std::string> digests;  // of the tree at scale 1, by profile
};

// Reads a spec. Unknown keys and bad values fail, naming `file`, the key and what is allowed.
[[nodiscard]] base::Result<DatasetSpec> parse_spec(std::string_view json, std::string_view file);

}  // namespace robosync::parity
