// DatasetSource: where the runner gets its trees. The real one generates them from their specs; the
// tests have one that makes a handful of files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "harness/dataset/dataset.h"
#include "harness/run/plan.h"

namespace robosync::parity {

enum class Deletions : std::uint8_t { kNone, kIncluded };

class DatasetSource {
 public:
  virtual ~DatasetSource() = default;

  // Files and bytes that generate() would make.
  [[nodiscard]] virtual base::Result<DatasetSummary> summarize(const DatasetChoice& choice) = 0;
  // Makes the tree at `out`, which does not exist yet.
  [[nodiscard]] virtual base::Result<Generated> generate(const DatasetChoice& choice,
                                                         const std::string& out) = 0;
  // Changes a tree that generate() made. kNone leaves out what takes a name away, so that a copy
  // that deletes nothing can make an equal tree. Each `round` changes other things.
  [[nodiscard]] virtual base::Result<void> mutate(const DatasetChoice& choice,
                                                  const std::string& root, Deletions deletions,
                                                  std::uint64_t round) = 0;
};

// `seed` replaces that of the specs.
[[nodiscard]] std::unique_ptr<DatasetSource> make_dataset_source(std::optional<std::uint64_t> seed,
                                                                 unsigned threads);

}  // namespace robosync::parity
