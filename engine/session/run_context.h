// RunContext: what all parts of one run share. Private to session/.
//
// Owned by TargetRun; outlives every task. Fields are fixed before the first task starts unless
// they say otherwise.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/apply/backup.h"
#include "engine/apply/deletions.h"
#include "engine/apply/hard_links.h"
#include "engine/apply/install.h"
#include "engine/apply/ledger.h"
#include "engine/apply/settings.h"
#include "engine/base/cancellation.h"
#include "engine/base/pool.h"
#include "engine/base/throttle.h"
#include "engine/scan/scan.h"

namespace robosync::session {

class AccountTable;

enum class Goal : std::uint8_t { kCopy, kMirror, kMove, kVerify };

struct RunOptions {
  Goal goal = Goal::kCopy;
  bool dry_run = false;
  bool prune_empty_directories = false;
  bool delete_pruned = true;
  bool allow_empty_source = false;
  bool reset_archive = false;  // the source's files lose the attribute when they were copied
  // What the target lets arrive of links, whatever the source sends (kKeep, kKeepSafe, kSkip).
  scan::LinkPolicy received_links = scan::LinkPolicy::kKeep;
  // Why the target can have no symbolic links, when what they lead to is copied for that; else
  // empty.
  std::string links_copied_for;
  bool whole_files = false;  // over a connection: no delta against what the target has
  const AccountTable* accounts = nullptr;  // over a connection, owners by name: whose names
  std::vector<tree::Identity> own_files;   // are never deleted
  unsigned threads = 1;
  scan::Options scan;
  apply::Settings settings;

  // Nothing at the target is changed.
  [[nodiscard]] bool only_looks() const { return dry_run || goal == Goal::kVerify; }
};

struct RunContext {
  RunContext(const RunOptions& run_options, fs::FileSystem& fs, apply::Ledger& run_ledger,
             const base::Cancellation& stop, std::uint64_t bytes_per_second_max)
      : options(run_options),
        file_system(fs),
        ledger(run_ledger),
        cancellation(stop),
        throttle(bytes_per_second_max),
        pool(run_options.threads),
        copier(options.settings.transfer, pool, throttle, cancellation) {}

  [[nodiscard]] bool stopping() const { return cancellation.requested() || ledger.aborted(); }
  // Returns when no job runs and nothing is awaited from the source.
  void wait_idle() {
    do {
      if (wait_for_source) wait_for_source();
      pool.wait_idle();
    } while (source_pending && source_pending());
  }

  const RunOptions& options;
  fs::FileSystem& file_system;
  apply::Ledger& ledger;
  const base::Cancellation& cancellation;
  base::Throttle throttle;
  base::Pool pool;
  transfer::Copier copier;
  std::unique_ptr<apply::Backup> backup;
  std::unique_ptr<apply::Installer> installer;
  std::unique_ptr<apply::Deletions> deletions;
  apply::HardLinks hard_links;
  std::vector<tree::Identity> source_roots;
  std::optional<tree::Identity> target_root;  // none while the target does not exist
  fs::DirectoryPtr target_root_handle;

  // Where the source is not at hand: waits until it has answered everything; whether it has to.
  std::function<void()> wait_for_source;
  std::function<bool()> source_pending;

  std::atomic<bool> links_told{false};           // that the target can have none
  std::atomic<bool> scan_incomplete{false};      // something could not be read: no deletions
  std::atomic<std::uint64_t> target_entries{0};  // seen in the target's listings
};

}  // namespace robosync::session
