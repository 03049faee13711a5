// LocalRun: a whole run between two directories of this machine.
//
// Puts the layers together: roots, guards, the parallel walk, deletions last. One object per run,
// used by one thread; works with as many as the options say.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/session/directory_flow.h"
#include "engine/session/roots.h"
#include "engine/session/run_context.h"

namespace robosync::session {

// What the run came to, beside the ledger's counters and problems.
struct RunEnd {
  bool guarded = false;             // a delete guard withheld the deletions
  bool deletions_withheld = false;  // the scan was incomplete
};

class LocalRun {
 public:
  // All references must outlive the run.
  LocalRun(const RunOptions& options, fs::FileSystem& file_system, apply::Ledger& ledger,
           const base::Cancellation& cancellation, std::uint64_t bytes_per_second_max)
      : options_(options),
        context_(options, file_system, ledger, cancellation, bytes_per_second_max),
        flow_(context_) {}

  // Fails, with nothing changed, when the run cannot begin.
  [[nodiscard]] base::Result<RunEnd> run(Roots roots,
                                         std::shared_ptr<const tree::FilterScope> filter);

 private:
  [[nodiscard]] base::Result<void> check_nesting(
      const Roots& roots, const std::shared_ptr<const tree::FilterScope>& filter) const;
  [[nodiscard]] bool reaches_target(const Roots& roots,
                                    const std::shared_ptr<const tree::FilterScope>& filter,
                                    const std::vector<tree::Identity>& target_line) const;
  [[nodiscard]] base::Result<void> open_target(Roots& roots);
  enum class Selected : std::uint8_t { kSome, kNone, kSourceEmpty };
  [[nodiscard]] base::Result<Selected> what_is_selected(
      const Roots& roots, const std::shared_ptr<const tree::FilterScope>& filter) const;
  [[nodiscard]] bool source_guard_allows(const Roots& roots,
                                         const std::shared_ptr<const tree::FilterScope>& filter);
  [[nodiscard]] TaskPtr make_root(Roots roots, std::shared_ptr<const tree::FilterScope> filter,
                                  bool made);
  [[nodiscard]] bool may_delete(RunEnd& end);
  void delete_extras(RunEnd& end);
  [[nodiscard]] bool guard_allows(const apply::Deletions::Count& count, RunEnd& end);
  [[nodiscard]] bool target_holds_entries(const Roots& roots) const;

  const RunOptions& options_;
  RunContext context_;
  DirectoryFlow flow_;
};

}  // namespace robosync::session
