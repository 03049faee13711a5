// Backup: what is about to be replaced or deleted gets another name first (--backup).
//
// Without a backup directory the old entry stays beside the new one, with the suffix; with one it
// goes to the same relative path below it. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/apply/settings.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/fs/fs.h"

namespace robosync::apply {

class Backup {
 public:
  // Whether open() may change the disk: a run that only looks may not.
  enum class Making { kNothing, kAllowed };

  // Finds where backups go. Null without --backup. kUsage for a relative directory that leads out
  // of the target, and for one on another file system than the target; kRefused for an absolute one
  // that is the target or lies in a source. Makes nothing, but, where allowed, an absolute one
  // below the target, which has to be known from the start. A null `root` is a target that does not
  // exist.
  [[nodiscard]] static base::Result<std::unique_ptr<Backup>> open(
      const Settings& settings, const fs::FileSystem& file_system, const fs::DirectoryPtr& root,
      const std::vector<tree::Identity>& source_roots, Making making);

  // Gives the entry `name` of `directory` (at `path` below the root) a second name, so that it can
  // be replaced in one step; an older backup of that name is replaced.
  [[nodiscard]] base::Result<void> keep(fs::Directory& directory, const tree::RelPath& path,
                                        std::string_view name);
  // Moves the entry away instead of deleting it. Empty directories are not worth a backup.
  [[nodiscard]] base::Result<void> move_away(fs::Directory& directory, const tree::RelPath& path,
                                             std::string_view name);

  [[nodiscard]] bool is_beside() const { return beside_; }
  // The directory itself where it is known by no path below the target.
  [[nodiscard]] const std::optional<tree::Identity>& identity() const { return identity_; }
  // True for what must survive a mirror because it is a backup: the directory, or names with the
  // suffix.
  [[nodiscard]] bool protects(const tree::RelPath& path) const;

 private:
  explicit Backup(const Settings& settings)
      : suffix_(settings.backup_suffix), hidden_(settings.hidden) {}

  // Refuses where backups would overwrite what they are to save.
  [[nodiscard]] base::Result<void> check_place(const fs::FileSystem& file_system,
                                               const std::vector<tree::Identity>& source_roots,
                                               Making making);

  // Refuses where nothing could be renamed to.
  [[nodiscard]] base::Result<void> check_file_system() const;

  struct Place {
    fs::DirectoryPtr held;  // keeps `directory` alive when it is ours
    fs::Directory* directory = nullptr;
    std::string name;
  };
  [[nodiscard]] base::Result<Place> place_for(fs::Directory& directory, const tree::RelPath& path,
                                              std::string_view name);

  // kRefused for a backup that would be among what is hidden from this run.
  [[nodiscard]] base::Result<void> check_hidden(const tree::RelPath& path,
                                                const std::string& backup_name) const;
  [[nodiscard]] base::Result<fs::DirectoryPtr> open_or_make_like(
      const fs::DirectoryPtr& parent, std::string_view name, const tree::RelPath& original) const;

  std::string suffix_;
  std::shared_ptr<const tree::FilterScope> hidden_;
  bool privileged_ = false;
  fs::DirectoryPtr target_;  // the root of the target
  bool folds_ = false;       // which ignores case
  bool beside_ = true;       // no backup directory
  fs::DirectoryPtr base_;    // with path_ below it, the backup directory
  tree::RelPath path_;
  std::optional<tree::RelPath> inside_;     // where the backup directory is, if below the target
  std::optional<tree::Identity> identity_;  // of one that was named by an absolute path
};

}  // namespace robosync::apply
