#include "engine/apply/backup.h"

#include <algorithm>
#include <ranges>
#include <string_view>

#include "engine/apply/staging.h"
#include "engine/tree/filter_below.h"
#include "engine/tree/staging_name.h"

namespace robosync::apply {

using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

constexpr std::uint32_t kBackupDirectoryMode = 0755;
constexpr std::uint32_t kPrivateMode = 0700;

constexpr std::string_view kOtherFileSystem =
    "--backup-dir is on another file system than the target; name one on the same";

// As the target's system would have it: there '\\' may be a separator, and a drive begin a path.
struct Named {
  std::string path;
  bool absolute = false;

  Named(const std::string& given, bool windows) : path(given) {
    if (windows) std::ranges::replace(path, '\\', '/');
    const bool has_drive = windows && path.size() > 1 && path[1] == ':';
    absolute = has_drive || path.starts_with('/');
  }
};

Result<fs::DirectoryPtr> open_or_make(const fs::DirectoryPtr& parent, std::string_view name) {
  auto made = parent->make_directory(name, kBackupDirectoryMode);
  if (!made && made.error().kind != ErrorKind::kExists) return fail(std::move(made).error());
  return parent->open_directory(name);
}

Result<fs::DirectoryPtr> open_or_make_path(fs::DirectoryPtr at, const tree::RelPath& path) {
  for (const std::string_view name : path.components()) {
    ROBOSYNC_ASSIGN(at, open_or_make(at, name));
  }
  return at;
}

}  // namespace

Result<std::unique_ptr<Backup>> Backup::open(const Settings& settings,
                                             const fs::FileSystem& file_system,
                                             const fs::DirectoryPtr& root,
                                             const std::vector<tree::Identity>& source_roots,
                                             Making making) {
  if (!settings.backup) return std::unique_ptr<Backup>();
  auto backup = std::unique_ptr<Backup>(new Backup(settings));
  backup->target_ = root;
  backup->folds_ = root && root->ignores_case();
  if (settings.backup_dir.empty()) return backup;
  backup->beside_ = false;
  backup->privileged_ = settings.policy.any_group;
  const Named named(settings.backup_dir, file_system.privileges().windows_names);
  if (std::ranges::any_of(std::views::split(named.path, '/'), [](auto part) {
        const std::string_view name(part.begin(), part.end());
        return tree::is_staging_name(name);
      })) {
    return fail(base::make_error(
        ErrorKind::kUsage, "--backup-dir=" + settings.backup_dir +
                               ": a name of files that are being written, which are swept away"));
  }
  if (!named.absolute) {
    auto inside = tree::RelPath::parse(named.path);
    if (!inside || inside->is_root()) {
      return fail(base::make_error(
          ErrorKind::kUsage, "--backup-dir=" + settings.backup_dir +
                                 ": name a directory inside the target, or an absolute path"));
    }
    backup->base_ = root;
    backup->path_ = *inside;
    backup->inside_ = std::move(*inside);
    ROBOSYNC_TRY(backup->check_file_system());
    return backup;
  }
  if (settings.hidden) {
    return fail(base::make_error(ErrorKind::kRefused,
                                 "--backup-dir has to be relative to the target here"));
  }
  const auto located = file_system.locate(named.path);
  if (!located) {
    // It may lie in the target that the run would have made by now.
    const bool awaits_target = making == Making::kNothing && root == nullptr;
    if (awaits_target && located.error().kind == ErrorKind::kNotFound) return backup;
    return fail(located.error());
  }
  backup->base_ = located->parent;
  if (!located->name.empty()) backup->path_ = tree::RelPath().child(located->name);
  ROBOSYNC_TRY(backup->check_file_system());
  ROBOSYNC_TRY(backup->check_place(file_system, source_roots, making));
  return backup;
}

Result<void> Backup::check_file_system() const {
  if (!target_) return {};
  fs::DirectoryPtr nearest = base_;
  for (const std::string_view name : path_.components()) {
    auto next = nearest->open_directory(name);
    if (!next) break;
    nearest = std::move(*next);
  }
  ROBOSYNC_ASSIGN(const tree::Metadata there, nearest->stat());
  ROBOSYNC_ASSIGN(const tree::Metadata target, target_->stat());
  if (there.identity.device == target.identity.device) return {};
  return fail(base::make_error(ErrorKind::kUsage, std::string(kOtherFileSystem)));
}

Result<void> Backup::check_place(const fs::FileSystem& file_system,
                                 const std::vector<tree::Identity>& source_roots, Making making) {
  const auto contains = [](const std::vector<tree::Identity>& line, const tree::Identity& id) {
    return std::find(line.begin(), line.end(), id) != line.end();
  };
  fs::DirectoryPtr directory = base_;
  auto existing = path_.is_root() ? base_ : base_->open_directory(path_.name());
  if (existing) directory = *existing;
  ROBOSYNC_ASSIGN(const std::vector<tree::Identity> line, file_system.ancestry(directory));
  for (const tree::Identity& source : source_roots) {
    if (!contains(line, source)) continue;
    return fail(base::make_error(ErrorKind::kRefused,
                                 "--backup-dir lies inside the source, which it would change"));
  }
  if (!target_) return {};
  ROBOSYNC_ASSIGN(const tree::Metadata target, target_->stat());
  if (!contains(line, target.identity)) return {};
  if (existing && line.front() == target.identity) {
    return fail(base::make_error(ErrorKind::kRefused,
                                 "--backup-dir is the target itself: name another directory"));
  }
  // Below the target: a mirror must know it from the start, to leave it alone. What is not there
  // needs no protection from a run that changes nothing.
  if (!existing) {
    if (making == Making::kNothing) return {};
    ROBOSYNC_ASSIGN(directory, open_or_make(base_, path_.name()));
  }
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, directory->stat());
  identity_ = metadata.identity;
  return {};
}

// A backup is no more open to others than what it is a backup of.
Result<fs::DirectoryPtr> Backup::open_or_make_like(const fs::DirectoryPtr& parent,
                                                   std::string_view name,
                                                   const tree::RelPath& original) const {
  auto made = parent->make_directory(name, kPrivateMode);
  if (!made && made.error().kind != ErrorKind::kExists) return fail(std::move(made).error());
  ROBOSYNC_ASSIGN(fs::DirectoryPtr directory, parent->open_directory(name));
  if (!made) return directory;
  // One that has made way for a file is not there any more: its backup stays private.
  const auto model = fs::open_beneath(target_, original);
  if (!model) return directory;
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, (*model)->stat());
  // Whoever may not give directories away keeps them.
  (void)directory->set_metadata({.uid = metadata.uid, .gid = metadata.gid});
  // Others than root need to get in for the next one.
  const std::uint32_t access = privileged_ ? 0 : kPrivateMode;
  ROBOSYNC_TRY(directory->set_metadata({.mode = metadata.mode | access}));
  return directory;
}

Result<void> Backup::check_hidden(const tree::RelPath& path, const std::string& backup_name) const {
  if (!hidden_) return {};
  tree::RelPath at = inside_.value_or(tree::RelPath());
  for (const std::string_view part : path.components()) at = at.child(part);
  if (!tree::is_excluded_on_the_way(*hidden_, at.child(backup_name))) return {};
  return fail(base::make_error(ErrorKind::kRefused, "no backup may be kept under that name here"));
}

Result<Backup::Place> Backup::place_for(fs::Directory& directory, const tree::RelPath& path,
                                        std::string_view name) {
  const std::string backup_name = std::string(name) + suffix_;
  ROBOSYNC_TRY(tree::validate_component(backup_name));
  ROBOSYNC_TRY(check_hidden(path, backup_name));
  if (beside_) return Place{nullptr, &directory, backup_name};
  // Made when there is something to put into it.
  ROBOSYNC_ASSIGN(fs::DirectoryPtr at, open_or_make_path(base_, path_));
  tree::RelPath original;
  for (const std::string_view part : path.components()) {
    original = original.child(part);
    ROBOSYNC_ASSIGN(at, open_or_make_like(at, part, original));
  }
  fs::Directory* const raw = at.get();
  return Place{std::move(at), raw, backup_name};
}

Result<void> Backup::keep(fs::Directory& directory, const tree::RelPath& path,
                          std::string_view name) {
  ROBOSYNC_ASSIGN(const Place place, place_for(directory, path, name));
  // A second name first, then over an older backup: at no moment is there none of them.
  const std::string staged = new_staging_name();
  auto linked = place.directory->make_link(directory, name, staged);
  if (!linked && linked.error().kind == ErrorKind::kNotFound) return {};
  if (!linked) return move_away(directory, path, name);
  auto renamed = place.directory->rename(staged, *place.directory, place.name, fs::Replace::kYes);
  // Of two names of one file rename(2) removes neither.
  (void)place.directory->remove_file(staged);
  return renamed;
}

Result<void> Backup::move_away(fs::Directory& directory, const tree::RelPath& path,
                               std::string_view name) {
  ROBOSYNC_ASSIGN(const Place place, place_for(directory, path, name));
  auto moved = directory.rename(name, *place.directory, place.name, fs::Replace::kYes);
  if (!moved && moved.error().kind == ErrorKind::kCrossDevice) {
    return fail(base::make_error(ErrorKind::kCrossDevice, std::string(kOtherFileSystem)));
  }
  return moved;
}

bool Backup::protects(const tree::RelPath& path) const {
  const auto spelt = [this](std::string_view text) {
    return folds_ ? target_->folded(text) : std::string(text);
  };
  if (!inside_) return beside_ && spelt(path.name()).ends_with(spelt(suffix_));
  const std::string at = spelt(path.str());
  const std::string inside = spelt(inside_->str());
  return at == inside || at.starts_with(inside + "/");
}

}  // namespace robosync::apply
