// LocalRun: both ends of a run on this machine.
//
// Adds to TargetRun what only one machine can know: that source and target contain each other.
#pragma once

#include <memory>

#include "engine/session/target_run.h"

namespace robosync::session {

class LocalRun {
 public:
  // All references must outlive the run.
  LocalRun(const RunOptions& options, fs::FileSystem& file_system, apply::Ledger& ledger,
           const base::Cancellation& cancellation, std::uint64_t bytes_per_second_max)
      : options_(options),
        file_system_(file_system),
        ledger_(ledger),
        run_(options, file_system, ledger, cancellation, bytes_per_second_max) {}

  // Fails, with nothing changed, when the run cannot begin.
  [[nodiscard]] base::Result<RunEnd> run(SourceRoots roots, TargetPlace place,
                                         const std::shared_ptr<const tree::FilterScope>& filter);

 private:
  [[nodiscard]] base::Result<void> check_nesting(
      const SourceRoots& roots, const TargetPlace& place,
      const std::shared_ptr<const tree::FilterScope>& filter) const;
  [[nodiscard]] bool reaches_target(const SourceRoots& roots, const TargetPlace& place,
                                    const std::shared_ptr<const tree::FilterScope>& filter,
                                    const std::vector<tree::Identity>& target_line) const;

  const RunOptions& options_;
  fs::FileSystem& file_system_;
  apply::Ledger& ledger_;
  TargetRun run_;
};

}  // namespace robosync::session
