// ProgressTracker: from the engine's Progress to what is worth showing.
//
// Clamps every number so that nothing shown ever goes backwards, and estimates rate and remaining
// time. Knows no clock: the caller says how much time has passed. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "engine/sync.h"

namespace robosync::cli {

// A moment as shown. Pure data; output_progress.h renders it.
struct ProgressState {
  bool total_known = false;
  std::uint64_t entries_done = 0, entries_total = 0;
  std::uint64_t bytes_done = 0, bytes_total = 0;
  double fraction = 0;  // of the work, 0..1; 1 only when all is done
  double bytes_per_second = 0;
  std::chrono::nanoseconds elapsed{0};
  std::optional<std::chrono::seconds> remaining;  // unknown at first
};

class ProgressTracker {
 public:
  void update(const Progress& progress);

  // The state after `elapsed`. REQUIRES: elapsed does not decrease from call to call.
  [[nodiscard]] ProgressState at(std::chrono::nanoseconds elapsed);

 private:
  struct Sample {
    std::chrono::nanoseconds elapsed{0};
    double work = 0;
    std::uint64_t bytes = 0;
  };

  [[nodiscard]] double work_done() const;
  [[nodiscard]] double work_total() const;
  void sample(std::chrono::nanoseconds elapsed);

  Progress best_;
  double fraction_ = 0;
  std::deque<Sample> samples_;
};

}  // namespace robosync::cli
