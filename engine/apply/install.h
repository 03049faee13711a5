// Installer: makes one entry of the target what the plan says: stage, verify, metadata, commit.
//
// Nothing appears at its final name until it is complete (--inplace excepted). Shared by all
// threads of a run; a Spot belongs to one directory.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/apply/attributes.h"
#include "engine/apply/backup.h"
#include "engine/apply/events.h"
#include "engine/apply/hard_links.h"
#include "engine/apply/settings.h"
#include "engine/apply/staging.h"
#include "engine/base/cancellation.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/plan/plan.h"
#include "engine/transfer/copy.h"
#include "engine/transfer/source.h"

namespace robosync::apply {

// What new entries of a directory get without being told: owner, group (set-gid directories, mount
// options) and whether the mode comes out as asked for (default access control lists). Learned from
// the first file made there.
class CreationDefaults {
 public:
  struct Values {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    bool exact_mode = false;
  };
  // The values, learned from `file`, just created with `mode`, if they are not known yet.
  [[nodiscard]] base::Result<Values> learn(const fs::File& file, std::uint32_t mode)
      ROBOSYNC_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::optional<Values> values_ ROBOSYNC_GUARDED_BY(mutex_);
};

// A directory of the target that entries are put into.
struct Spot {
  fs::DirectoryPtr directory;
  tree::RelPath path;
  bool staged = false;  // the directory itself has not its final name yet: names in it are private
  tree::Metadata metadata;
  CreationDefaults defaults;
};

// What was done for one entry.
struct Installed {
  Counters counters;                       // bytes, fast paths, retries
  std::optional<tree::Identity> identity;  // of the target entry
  tree::Metadata source;                   // as it was when it was read
};

// The same fault, known to be the target's: what is missing there has not vanished from the source.
[[nodiscard]] base::Error target_fault(base::Error error);

class Installer {
 public:
  // Called with bytes done, from any thread.
  using BytesDone = std::function<void(std::uint64_t)>;

  // All references must outlive the Installer; `backup` may be null.
  Installer(const Settings& settings, transfer::Copier& copier, Backup* backup,
            const base::Cancellation& cancellation)
      : settings_(settings), copier_(copier), backup_(backup), cancellation_(cancellation) {}

  // Writes a regular file, a link or a node: steps kCreate, kReplace, kReplaceKind and
  // kReplaceDirectory (of an empty directory; kNotEmpty otherwise).
  [[nodiscard]] base::Result<Installed> install(Spot& spot, const plan::PlannedEntry& planned,
                                                transfer::Source& source, const BytesDone& done);
  // Step kMetadata, and whatever attributes differ.
  [[nodiscard]] base::Result<void> update_metadata(Spot& spot, const plan::PlannedEntry& planned,
                                                   const AttributeChange& attributes);
  // Makes `name` a further name of `leader`.
  [[nodiscard]] base::Result<void> link(Spot& spot, const plan::PlannedEntry& planned,
                                        const fs::Directory& leader_directory,
                                        const std::string& leader_name);

  // apply::set_attributes(), remembered where it left streams out.
  [[nodiscard]] base::Result<void> set_attributes(fs::Node& target,
                                                  const AttributeChange& change) const;
  [[nodiscard]] bool left_streams_out() const { return streams_left_out_; }

  // What to set so that an entry that is `existing` becomes like `source`. Where the source has no
  // owners it gets that of `replaced`, which stood there before; null: it keeps its own.
  [[nodiscard]] fs::MetadataChange wanted_change(const tree::Metadata& source,
                                                 const tree::Metadata& existing,
                                                 const tree::Metadata* replaced = nullptr) const;

 private:
  // How a staged file was made: with which mode, in place of what (may be null).
  struct Created {
    std::uint32_t mode = 0;
    const tree::Metadata* existing = nullptr;
  };

  [[nodiscard]] base::Result<Installed> install_file(Spot& spot, const plan::PlannedEntry& planned,
                                                     const tree::Entry& entry,
                                                     transfer::Source& source,
                                                     const BytesDone& done);
  [[nodiscard]] base::Result<Installed> write_file(Spot& spot, const plan::PlannedEntry& planned,
                                                   const tree::Entry& entry, const fs::File& from,
                                                   const BytesDone& done);
  [[nodiscard]] base::Result<Installed> install_with_retries(Spot& spot,
                                                             const plan::PlannedEntry& planned,
                                                             transfer::Source& source,
                                                             const BytesDone& done);
  [[nodiscard]] base::Result<Installed> overwrite_in_place(Spot& spot, const tree::Entry& entry,
                                                           const tree::Metadata& existing,
                                                           const fs::File& from,
                                                           const BytesDone& done);
  [[nodiscard]] base::Result<Installed> write_in_place(Spot& spot, const tree::Entry& entry,
                                                       const tree::Metadata& existing,
                                                       const fs::File& from, const BytesDone& done);
  [[nodiscard]] base::Result<Installed> install_special(Spot& spot,
                                                        const plan::PlannedEntry& planned,
                                                        transfer::Source& source);
  [[nodiscard]] base::Result<Installed> try_special(Spot& spot, const plan::PlannedEntry& planned,
                                                    transfer::Source& source);
  [[nodiscard]] base::Result<StagedFile> stage(Spot& spot, const tree::Entry& entry,
                                               bool name_is_free, std::uint32_t mode) const;
  [[nodiscard]] base::Result<transfer::Existing> resume(const tree::Entry& entry,
                                                        const fs::File& from, StagedFile& staged,
                                                        Counters& counters) const;
  [[nodiscard]] bool keeps_partial(const Spot& spot, const tree::Entry& entry,
                                   base::ErrorKind why) const;
  static void keep_partial(Spot& spot, const tree::Entry& entry, const fs::File& from,
                           StagedFile& staged);
  // How many bytes of the file are to be at the target.
  [[nodiscard]] std::uint64_t content_bytes(const tree::Entry& entry) const;
  [[nodiscard]] base::Result<void> finish(Spot& spot, const tree::Entry& entry,
                                          const fs::File& from, StagedFile& staged,
                                          const Created& as, Counters& counters) const;
  [[nodiscard]] base::Result<void> make_way(Spot& spot, const plan::PlannedEntry& planned) const;
  [[nodiscard]] base::Result<void> check_unchanged(const tree::Entry& entry,
                                                   const fs::File& from) const;
  [[nodiscard]] base::Result<void> compare_written(const fs::File& from, fs::File& written,
                                                   std::uint64_t size, Counters& counters) const;

  const Settings& settings_;
  transfer::Copier& copier_;
  Backup* backup_;
  const base::Cancellation& cancellation_;
  mutable std::atomic<bool> streams_left_out_{false};
};

}  // namespace robosync::apply
