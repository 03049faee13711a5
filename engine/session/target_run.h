// TargetRun: the role TARGET of a run, whatever the route: the tree here is made like a source that
// is on this machine or at the other end of a connection.
//
// Guards, the parallel flow over the directories, deletions last. One object per run, used by one
// thread; works with as many as the options say.
#pragma once

#include <functional>
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

// What a run is told of its source.
struct RunSource {
  std::shared_ptr<SourceNode> root;
  std::optional<tree::Entry> contents;      // metadata of what the target's root is to become
  std::vector<tree::Identity> directories;  // on this machine: every one that is a source root
  std::vector<tree::Problem> problems;      // sources that are missing, beside others that are not
  std::string single_name;                  // the only thing to transfer, as it is called there
  // What there is to transfer; asked by a mirror, before it begins.
  std::function<base::Result<Selected>()> selected;
};

class TargetRun {
 public:
  // All references must outlive the run.
  TargetRun(const RunOptions& options, fs::FileSystem& file_system, apply::Ledger& ledger,
            const base::Cancellation& cancellation, std::uint64_t bytes_per_second_max)
      : options_(options),
        context_(options, file_system, ledger, cancellation, bytes_per_second_max),
        flow_(context_) {}

  // Fails, with nothing changed, when the run cannot begin.
  [[nodiscard]] base::Result<RunEnd> run(RunSource source, TargetPlace place,
                                         std::shared_ptr<const tree::FilterScope> filter);

  // For what belongs to the run: the nodes of its source.
  [[nodiscard]] RunContext& context() { return context_; }

 private:
  [[nodiscard]] base::Result<void> open_target(TargetPlace& place, bool filled_privately);
  [[nodiscard]] base::Result<void> prepare(const TargetPlace& place);
  [[nodiscard]] bool source_guard_allows(const RunSource& source, const TargetPlace& place);
  [[nodiscard]] TaskPtr make_root(RunSource source, std::shared_ptr<const tree::FilterScope> filter,
                                  bool made);
  [[nodiscard]] bool may_delete(RunEnd& end);
  void delete_extras(RunEnd& end);
  [[nodiscard]] bool guard_allows(const apply::Deletions::Count& count, RunEnd& end);

  const RunOptions& options_;
  RunContext context_;
  DirectoryFlow flow_;
};

}  // namespace robosync::session
