// DirectoryFlow: takes directories through their life (directory_task.h), in parallel, depth first.
// Private to session/.
//
// A staged directory gets its final name as soon as its own files are done; only then are its
// subdirectories begun. What a killed run leaves half-made is therefore never more than one
// directory per thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/base/mutex.h"
#include "engine/session/directory_task.h"
#include "engine/session/file_flow.h"
#include "engine/session/run_context.h"

namespace robosync::session {

class DirectoryFlow {
 public:
  explicit DirectoryFlow(RunContext& context)
      : context_(context), files_(context, [this](const TaskPtr& task) { file_done(task); }) {}

  // Starts with the root of the transfer; returns at once.
  void start(TaskPtr root);
  // After the pool is idle and before the deletions: files that replace directories of the target.
  // Without `allowed` each is a problem: what it would replace must stay.
  enum class Replacing : std::uint8_t { kAllowed, kWithheld };
  void replace_directories(Replacing replacing);

 private:
  void process(const TaskPtr& task);
  [[nodiscard]] base::Result<void> open_source(const TaskPtr& task);
  void scanned(const TaskPtr& task, base::Result<scan::Scan> scan);
  void map_names(DirectoryTask& task) const;
  void leave_out_hidden_names(DirectoryTask& task) const;
  static void protect_mapped_names(tree::Snapshot& snapshot);
  [[nodiscard]] apply::Deletions::Filters filters_in(const DirectoryTask& task) const;
  void note_scan(DirectoryTask& task);
  [[nodiscard]] base::Result<void> open_target(DirectoryTask& task);
  [[nodiscard]] base::Result<void> check_mount(DirectoryTask& task) const;
  void enter_target_filter(DirectoryTask& task);
  [[nodiscard]] base::Result<void> list_target(DirectoryTask& task);
  [[nodiscard]] std::set<std::string> resumable_names(const DirectoryTask& task) const;
  void spell_as_source(DirectoryTask& task,
                       const std::map<std::string, std::string>& spellings) const;
  static void find_encodings(DirectoryTask& task, bool folds);
  void sweep_leftovers(DirectoryTask& task);
  void leave_out_hidden(DirectoryTask& task) const;
  void sort_out(DirectoryTask& task);
  void collect_extras(DirectoryTask& task);
  [[nodiscard]] base::Result<void> prepare_target(const TaskPtr& task);
  [[nodiscard]] base::Result<void> ensure_made(DirectoryTask& task) ROBOSYNC_EXCLUDES(making_);
  [[nodiscard]] bool worth_staging(const DirectoryTask& task) const;
  void run_files(const TaskPtr& task);
  void run_batch(const TaskPtr& task, std::size_t begin, std::size_t end);
  void file_done(const TaskPtr& task);
  void land(const TaskPtr& task);
  void start_children(const TaskPtr& task);
  void child_landed(const TaskPtr& task);
  void settle(const TaskPtr& task);
  void release(DirectoryTask& task);
  void complete(TaskPtr task);
  void report_directory(const DirectoryTask& task);
  void fail(const TaskPtr& task, base::Error error);
  void take_back(const DirectoryTask& task);
  void give_up(const TaskPtr& task);
  void scan_failed(const TaskPtr& task, base::Error error);
  void remove_moved(const TaskPtr& task);
  void remove_moved_entry(const TaskPtr& task, const plan::PlannedEntry& planned);
  void keep_for_streams(DirectoryTask& task);
  void remove_moved_directory(const TaskPtr& task);
  void prune(const DirectoryTask& task);

  RunContext& context_;
  FileFlow files_;
  base::Mutex making_;  // serialises ensure_made (--prune-empty-dirs only)
  base::Mutex deferred_mutex_;
  std::vector<TaskPtr> deferred_ ROBOSYNC_GUARDED_BY(deferred_mutex_);
};

}  // namespace robosync::session
