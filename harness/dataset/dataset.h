// Datasets: reproducible trees to copy. A tree is a pure function of spec, seed, scale and profile,
// byte for byte and to the nanosecond, on every machine and for any number of threads; its digest
// says so, and a spec holds the digest that is expected.
//
// The specs (datasets/*.json) are part of the program. Calls are independent of each other; two at
// a time must not work on one folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "harness/dataset/spec.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {

// Names of the specs in the program, sorted.
[[nodiscard]] std::vector<std::string> dataset_names();

// kUsage, naming those there are, when there is none of this name.
[[nodiscard]] base::Result<DatasetSpec> find_dataset(std::string_view name);

// One line of `robosync-parity datasets`.
struct DatasetSummary {
  std::string name;
  std::string description;
  std::uint64_t files = 0;  // at scale 1; regular files, hard links counted by name
  std::uint64_t bytes = 0;  // sum of their sizes
};

[[nodiscard]] base::Result<std::vector<DatasetSummary>> list_datasets();

// What generating would make, without making it.
[[nodiscard]] DatasetSummary summarize(const DatasetSpec& spec, double scale = 1);

struct GenerateOptions {
  std::string out;   // made when it is not there; refused (kNotEmpty) when it holds anything
  double scale = 1;  // multiplies counts of files, or sizes where a group says so
  std::optional<std::uint64_t> seed;  // instead of the spec's
  unsigned threads = 2;
  std::optional<Profile> profile;  // instead of this system's
};

struct Generated {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;
  std::string profile;
  std::string digest;
  // Empty where the spec has no expectation: another scale or seed, or no digest of the profile.
  std::optional<bool> digest_matches_spec;
  std::uint64_t seed = 0;
  double scale = 1;
};

// Makes the tree and reads it back for its digest. What was made stays when it fails.
[[nodiscard]] base::Result<Generated> generate(const DatasetSpec& spec,
                                               const GenerateOptions& options);

// What dataset digests compare: all that the profile's systems keep, hard links included.
[[nodiscard]] Aspects aspects_of(Profile profile);

struct Mutation {
  std::uint64_t changed = 0;
  std::uint64_t touched = 0;
  std::uint64_t grown = 0;
  std::uint64_t renamed = 0;
  std::uint64_t added = 0;
  std::uint64_t deleted = 0;
  std::uint64_t edited_in_place = 0;  // files
  std::uint64_t bytes_written = 0;
};

// Applies the spec's recipe to a tree that generate() made (or an earlier mutate() left). What it
// does depends on the tree's names and sizes and on `seed` only, so two equal trees stay equal;
// further mutations of one tree need further seeds, or they may write what is there already. No
// file is subject to two of the recipe's steps; files with several names are left alone.
[[nodiscard]] base::Result<Mutation> mutate(const DatasetSpec& spec, const std::string& root,
                                            std::uint64_t seed, unsigned threads);

}  // namespace robosync::parity
