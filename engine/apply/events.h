// What a run tells about itself while it goes and when it is over: events, counters, progress.
//
// Owned by the target side: what is counted is what was done there. Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "engine/plan/plan.h"
#include "engine/tree/metadata.h"

namespace robosync::apply {

// What happened, or in a dry run would happen, to one entry.
enum class Action : std::uint8_t {
  kCreated,   // new at the target
  kUpdated,   // content replaced
  kMetadata,  // only metadata changed
  kUnchanged,
  kLinked,  // became a hard link to an entry that landed before
  kDeleted,
  kSkipped,            // left out by an option (-u, --existing, link policy, ...)
  kRemovedFromSource,  // kMove
  kDifferent,          // kVerify: content or metadata differs
  kOnlySource,         // kVerify
  kOnlyTarget,         // kVerify
};

struct Event {
  Action action = Action::kUnchanged;
  tree::Kind kind = tree::Kind::kRegular;
  std::string path = {};    // relative to the target root, '/'-separated; "" is the root itself
  std::uint64_t bytes = 0;  // size of the entry
  plan::Changes changes = {};
  std::string link_target = {};  // symbolic links, and the leader's path for kLinked
  std::string reason = {};       // kSkipped, kDifferent: why
  tree::Time source_time = {};   // modification times, of what is not a directory; zero where there
  tree::Time target_time = {};   // is none: target_time is what stood there before the run
};

// Totals. Owned by the target side; every entry of the source is counted in exactly one of created,
// updated, metadata_updated, unchanged, linked, skipped, failed.
struct Counters {
  struct ByKind {
    std::uint64_t files = 0, directories = 0, symlinks = 0, others = 0;
    [[nodiscard]] std::uint64_t total() const { return files + directories + symlinks + others; }
    [[nodiscard]] std::uint64_t& of(tree::Kind kind);
    friend bool operator==(const ByKind&, const ByKind&) = default;
  };
  ByKind scanned = {}, created = {}, updated = {}, metadata_updated = {}, unchanged = {},
         linked = {}, deleted = {}, skipped = {}, failed = {};
  std::uint64_t removed_from_source = 0;
  std::uint64_t different = 0, only_source = 0, only_target = 0;  // kVerify
  std::uint64_t source_bytes = 0;       // size of all regular files scanned
  std::uint64_t transferred_bytes = 0;  // size of the files created or updated
  std::uint64_t read_bytes = 0;         // read into this process
  std::uint64_t written_bytes = 0;      // written, by us or by the kernel for us
  std::uint64_t cloned_bytes = 0;       // shared instead of written
  // Fast paths taken, in files.
  std::uint64_t cloned_files = 0, kernel_copied_files = 0, plain_copied_files = 0;
  std::uint64_t parallel_files = 0, sparse_files = 0, resumed_files = 0, staged_directories = 0;
  std::uint64_t retries = 0, backups = 0, leftovers_removed = 0;

  Counters& operator+=(const Counters& more);
  [[nodiscard]] std::uint64_t differences() const { return different + only_source + only_target; }
};

// A moment of a run that is going on. Never decreases.
struct Progress {
  bool total_known = false;
  std::uint64_t entries_done = 0, entries_total = 0;
  std::uint64_t bytes_done = 0, bytes_total = 0;  // of regular files, unchanged ones included
};

}  // namespace robosync::apply
