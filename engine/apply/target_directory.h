// TargetDirectory: one directory of the target, from opening or creating it to its final metadata.
//
// A new directory may be staged whole: made under a staging name, filled with its own files under
// their final names, then renamed once. Its destructor removes what has not landed. Made and landed
// by one thread at a time; its Spot is used by many in between.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/apply/backup.h"
#include "engine/apply/install.h"
#include "engine/base/result.h"
#include "engine/fs/fs.h"

namespace robosync::apply {

class TargetDirectory {
 public:
  // `path` is relative to the target root. Nothing is opened or made yet.
  TargetDirectory(tree::RelPath path, std::string name) : name_(std::move(name)) {
    spot_.path = std::move(path);
  }
  TargetDirectory(const TargetDirectory&) = delete;
  TargetDirectory& operator=(const TargetDirectory&) = delete;
  ~TargetDirectory();

  // The root of the target, already open; `made` by this run or there before it.
  [[nodiscard]] base::Result<void> adopt(fs::DirectoryPtr handle, bool made);
  // The directory that holds it. REQUIRES: before open_existing() and create().
  void set_parent(fs::DirectoryPtr parent) { parent_ = std::move(parent); }
  // Opens what is there. A directory of ours that its own owner may not read is made readable for
  // the time being (settle() puts its mode right).
  [[nodiscard]] base::Result<void> open_existing(const tree::Metadata& metadata,
                                                 const fs::Privileges* privileges);
  // Makes sure that the owner may change entries, until settle(). Any thread.
  [[nodiscard]] base::Result<void> make_writable(const fs::Privileges& privileges)
      ROBOSYNC_EXCLUDES(making_writable_);
  // Makes the directory: staged under a name of its own, or at once at its final name.
  // `in_the_way`: a non-directory that it replaces when it lands.
  enum class Make : std::uint8_t { kStaged, kAtOnce };
  [[nodiscard]] base::Result<void> create(Make make, const tree::Entry* in_the_way, Backup* backup);
  // Gives a staged directory its final name.
  [[nodiscard]] base::Result<void> land(Backup* backup);
  // Sets attributes and metadata for good. `existing` is what the directory had before this run.
  [[nodiscard]] base::Result<void> settle(const Installer& installer, const Settings& settings,
                                          const tree::Metadata& source,
                                          const AttributeChange& attributes);

  // The permissions that it is to have in the end.
  [[nodiscard]] std::uint32_t wanted_mode(const Settings& settings,
                                          const tree::Metadata& source) const;

  [[nodiscard]] bool is_open() const { return spot_.directory != nullptr; }
  [[nodiscard]] bool created() const { return created_; }
  [[nodiscard]] Spot& spot() { return spot_; }
  [[nodiscard]] const fs::DirectoryPtr& parent() const { return parent_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  // Entries were added, replaced or removed: its times have to be set again.
  void mark_touched() { touched_.store(true, std::memory_order_relaxed); }

 private:
  [[nodiscard]] base::Result<void> take(fs::DirectoryPtr handle);
  [[nodiscard]] base::Result<void> take_the_place();
  [[nodiscard]] base::Result<bool> try_stage();
  [[nodiscard]] bool stands_as_directory() const;
  [[nodiscard]] base::Result<void> merge_into_existing();

  fs::DirectoryPtr parent_;
  std::string name_;
  std::string staging_name_;  // while it has not landed
  std::optional<tree::Entry> in_the_way_;
  Spot spot_;
  bool created_ = false;
  std::optional<std::uint32_t> original_mode_;  // when it was made accessible for the time being
  std::atomic<bool> touched_{false};
  base::Mutex making_writable_;
};

}  // namespace robosync::apply
