// FileFlow: carries out the planned steps for the entries of a directory that are no directories.
// Private to session/. Used by all threads of a run.
#pragma once

#include "engine/session/directory_task.h"
#include "engine/session/run_context.h"

namespace robosync::session {

class FileFlow {
 public:
  // Called when an entry that had to wait (a hard link) is done: see DirectoryTask::files_pending.
  using Done = std::function<void(const TaskPtr&)>;

  FileFlow(RunContext& context, Done done) : context_(context), done_(std::move(done)) {}

  // Carries out one step. Faults are recorded, never returned.
  void run(const TaskPtr& task, const plan::PlannedEntry& planned);
  // Tells what would be or was done to an entry of the task.
  void report(const DirectoryTask& task, apply::Action action, const plan::PlannedEntry& planned,
              std::string reason = {}, const std::string& link_target = {});
  // Tells that an entry is left out by the policy, directories included; what nobody asked for is a
  // problem, too.
  void skip(const DirectoryTask& task, const plan::PlannedEntry& planned);
  void fail(const DirectoryTask& task, const plan::PlannedEntry& planned, base::Error error);
  // A name that was free turned out to be taken: by another process, or by a name that the target's
  // file system does not tell from it. What stands there must survive the deletions.
  void note_collision(const DirectoryTask& task, const tree::Entry& source, base::Error& error);

 private:
  // Set for the first name of a hard link group: others wait for it.
  using Leads = std::optional<tree::Metadata>;
  void run_now(const TaskPtr& task, const plan::PlannedEntry& planned, const Leads& leads);
  // Settles kCompare by reading both sides.
  void compare(const TaskPtr& task, const plan::PlannedEntry& planned, const Leads& leads);
  [[nodiscard]] base::Result<bool> equals_target(const TaskPtr& task,
                                                 const plan::PlannedEntry& planned,
                                                 const base::Digest& source);
  void carry_out(const TaskPtr& task, plan::PlannedEntry planned, const Leads& leads);
  void write(const TaskPtr& task, const plan::PlannedEntry& planned, const Leads& leads);
  // What a delta may be made against, and whether an interrupted transfer left it.
  struct OldContent {
    fs::FilePtr file;
    bool partial = false;
  };
  [[nodiscard]] OldContent basis_of(const DirectoryTask& task,
                                    const plan::PlannedEntry& planned) const;
  void reset_archive(const DirectoryTask& task, const plan::PlannedEntry& planned);
  void finished(const TaskPtr& task, const plan::PlannedEntry& planned, const Leads& leads,
                std::optional<tree::Identity> identity, bool landed);
  // Adds what differs in extended attributes to the plan.
  [[nodiscard]] base::Result<apply::AttributeChange> attributes(const TaskPtr& task,
                                                                plan::PlannedEntry& planned);
  [[nodiscard]] base::Result<void> check_way(const TaskPtr& task,
                                             const plan::PlannedEntry& planned) const;
  [[nodiscard]] bool look_only(const TaskPtr& task, const plan::PlannedEntry& planned);
  [[nodiscard]] base::Result<std::optional<tree::Identity>> install(
      const TaskPtr& task, const plan::PlannedEntry& planned);
  void follow(const TaskPtr& task, plan::PlannedEntry planned,
              const std::optional<apply::LinkLeader>& leader);
  [[nodiscard]] base::Result<void> link_to(const TaskPtr& task, const plan::PlannedEntry& planned,
                                           const apply::LinkLeader& leader);
  // The target can have no links: told once, and then each is merely left out.
  void leave_link_out(const DirectoryTask& task, const plan::PlannedEntry& planned,
                      base::Error error);
  void succeeded(const TaskPtr& task, apply::Action action, const plan::PlannedEntry& planned);
  void lead_landed(const TaskPtr& task, const plan::PlannedEntry& planned,
                   std::optional<tree::Identity> identity, bool landed);

  RunContext& context_;
  Done done_;
};

}  // namespace robosync::session
