// Files with known content and a check that a copy of one is exact, for any file system.
//
// The same cases run in memory and on disk (copy_test.cc, copy_linux_test.cc), with each fast path
// on and off. No thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/transfer/copy.h"
#include "engine/transfer/options.h"

namespace robosync::transfer {

enum class Pattern : std::uint8_t {
  kDense,  // no two pieces alike, no run of zeros
  kHoles,  // a few islands of data at odd places, the rest never written
  kZeros,  // zeros that were written, with a few islands
};

[[nodiscard]] std::string_view to_string(Pattern pattern);

// Creates `name` with `size` bytes of the pattern. Failures fail the test.
void make_file(fs::Directory& directory, const std::string& name, std::uint64_t size,
               Pattern pattern);

// Whether the file holds exactly that.
[[nodiscard]] bool holds(const fs::File& file, std::uint64_t size, Pattern pattern);

// Sizes around every threshold of the Copier: a block, a plain copy, a buffer, a piece.
[[nodiscard]] std::vector<std::uint64_t> threshold_sizes();
// Likewise, around the size from which several threads copy one file.
[[nodiscard]] std::vector<std::uint64_t> parallel_sizes();

// All combinations of the fast paths that concern content.
[[nodiscard]] std::vector<FastPaths> all_fast_paths();
[[nodiscard]] std::string to_string(const FastPaths& paths);

// A Copier with all it needs.
class CopyBench {
 public:
  explicit CopyBench(const Options& options, unsigned threads = 2,
                     std::uint64_t bytes_per_second = 0)
      : options_(options),
        pool_(threads),
        throttle_(bytes_per_second),
        copier_(options_, pool_, throttle_, cancellation_) {}

  // Copies the open file `source` (of its own size, or the one that is declared) to a new `name`.
  [[nodiscard]] base::Result<Copied> copy(const fs::File& source, fs::File& target,
                                          const Existing& existing = {},
                                          std::optional<std::uint64_t> declared = {});

  [[nodiscard]] base::Cancellation& cancellation() { return cancellation_; }
  [[nodiscard]] std::uint64_t progressed() const { return progressed_; }

 private:
  Options options_;
  base::Pool pool_;
  base::Throttle throttle_;
  base::Cancellation cancellation_;
  Copier copier_;
  std::atomic<std::uint64_t> progressed_{0};
};

// Copies a file of that size and pattern within `directory` and checks the copy, the counters and
// the progress. Returns what was done.
Copied check_copy(fs::Directory& directory, std::uint64_t size, Pattern pattern,
                  const Options& options, unsigned threads = 2);

}  // namespace robosync::transfer
