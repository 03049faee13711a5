// Deletions: what a mirror is to remove, collected during the run and carried out last.
//
// Only names are kept (an extraneous directory is one name), with the identity of the directory
// they were seen in: at the end each directory is opened again beneath the root and must still be
// that one. Filters protect what they exclude, inside extraneous directories too. collect() from
// any thread; the rest from one, after the last transfer.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/apply/backup.h"
#include "engine/apply/ledger.h"
#include "engine/apply/settings.h"
#include "engine/base/cancellation.h"
#include "engine/base/mutex.h"
#include "engine/fs/fs.h"
#include "engine/tree/filter.h"

namespace robosync::apply {

class Deletions {
 public:
  struct Extra {
    std::string name;
    tree::Kind kind = tree::Kind::kUnknown;
    bool gives_way = false;  // a directory where the source has something else
    std::string aside = {};  // what it is called since it gave way
  };
  // The rules that protect, of both sides' merge files: what either excludes stays. Often the same.
  struct Filters {
    std::shared_ptr<const tree::FilterScope> source;
    std::shared_ptr<const tree::FilterScope> target;
    // Where names are mapped: what the source calls the directory and a name in it. What is
    // excluded by either of its names stays.
    tree::RelPath path = {};
    std::string (*name)(std::string_view) = nullptr;
  };
  struct InDirectory {
    tree::RelPath path;
    tree::Identity identity;
    Filters filters;
    std::optional<tree::Time> mtime;    // to be set again afterwards
    std::optional<std::uint32_t> mode;  // likewise, when it had to be made writable
    std::vector<Extra> extras;
  };

  // `backup` may be null; a null root means a target that does not exist (dry run).
  Deletions(fs::DirectoryPtr root, Backup* backup, Ledger& ledger,
            const base::Cancellation& cancellation)
      : root_(std::move(root)), backup_(backup), ledger_(ledger), cancellation_(cancellation) {}

  void collect(InDirectory extras) ROBOSYNC_EXCLUDES(mutex_);
  // An object of the target that must not be deleted, whatever its name: what a name of the source
  // turned out to be on a file system that does not tell the two names apart.
  void protect(const tree::Identity& identity) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] bool empty() ROBOSYNC_EXCLUDES(mutex_);
  // Mount points in the target stay in any case; this makes it a matter of course, no problem.
  // REQUIRES: nothing is counted or run yet.
  void leave_mounts_alone() { mounts_are_problems_ = false; }

  // About a directory that gives way, once all is collected and before run(): whether nothing in it
  // is protected; that it was renamed to `aside`; that it stays after all.
  [[nodiscard]] bool can_go(const tree::RelPath& path, const std::string& name)
      ROBOSYNC_EXCLUDES(mutex_);
  void moved_aside(const tree::RelPath& path, const std::string& name, const std::string& aside)
      ROBOSYNC_EXCLUDES(mutex_);
  void forget(const tree::RelPath& path, const std::string& name) ROBOSYNC_EXCLUDES(mutex_);
  // The directory itself goes, by its parent's list: what was collected of it is dropped.
  void forget_directory(const tree::RelPath& path) ROBOSYNC_EXCLUDES(mutex_);

  // How many entries would go, and how many of them lie inside extraneous directories (and were in
  // no listing before). kRefused when a source root is among them.
  struct Count {
    std::uint64_t entries = 0;
    std::uint64_t inside = 0;
    bool unknown = false;  // a directory that cannot be seen into counts for one
  };
  // kOpensUp: a directory that its owner may not read is made readable for a moment.
  enum class Look : std::uint8_t { kOnly, kOpensUp };
  [[nodiscard]] base::Result<Count> count(const std::vector<tree::Identity>& source_roots,
                                          Look look) ROBOSYNC_EXCLUDES(mutex_);
  // Deletes, or only tells (`action` kDeleted in a dry run, kOnlyTarget in a verify).
  enum class Mode : std::uint8_t { kDelete, kTell };
  void run(Mode mode, Action action) ROBOSYNC_EXCLUDES(mutex_);

 private:
  // What a walk over extraneous entries does with each.
  struct Walk {
    Mode mode = Mode::kTell;
    Action action = Action::kDeleted;
    bool record = false;
    bool opens_up = false;
    Count count;
    const std::vector<tree::Identity>* refuse = nullptr;
    bool refused = false;
  };
  enum class Depth : std::uint8_t { kTop, kInside };  // of an extraneous directory
  // True when the entry is gone (or would be).
  bool walk_entry(Walk& walk, fs::Directory& directory, const tree::RelPath& directory_path,
                  const Extra& extra, const Filters& filters, Depth depth);
  [[nodiscard]] bool is_protected(const fs::Directory& directory, const std::string& name);
  bool walk_directory(Walk& walk, fs::Directory& parent, const tree::RelPath& path,
                      const std::string& name, const Filters& filters);
  [[nodiscard]] bool remove(fs::Directory& directory, const tree::RelPath& directory_path,
                            const Extra& extra);
  void walk_all(Walk& walk);
  [[nodiscard]] Extra* find(const tree::RelPath& path, const std::string& name)
      ROBOSYNC_REQUIRES(mutex_);
  [[nodiscard]] bool keeps(const tree::RelPath& path, tree::Kind kind, const Filters& filters,
                           Depth depth) const;

  fs::DirectoryPtr root_;
  Backup* backup_;
  Ledger& ledger_;
  const base::Cancellation& cancellation_;
  bool mounts_are_problems_ = true;
  base::Mutex mutex_;
  // Later paths first, so that what lies below a directory is through before its time is set.
  std::map<tree::RelPath, InDirectory, std::greater<>> directories_ ROBOSYNC_GUARDED_BY(mutex_);
  std::unordered_set<tree::Identity> protected_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::apply
