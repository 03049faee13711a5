#include "engine/apply/target_directory.h"

#include "engine/apply/staging.h"

namespace robosync::apply {

using base::ErrorKind;
using base::fail;
using base::Result;
using tree::Metadata;

namespace {

// While it is filled only its owner may look into it.
constexpr std::uint32_t kFillingMode = 0700;
constexpr int kStagingAttemptsMax = 16;

}  // namespace

TargetDirectory::~TargetDirectory() {
  if (staging_name_.empty() || !spot_.directory) return;
  // Best effort: what cannot be removed now is recognised and removed by the next run.
  fs::Listing listing;
  if (spot_.directory->list({}, listing)) {
    for (const tree::Entry& entry : listing.entries) {
      if (!entry.metadata.is_directory()) (void)spot_.directory->remove_file(entry.name);
    }
  }
  (void)parent_->remove_directory(staging_name_);
}

Result<void> TargetDirectory::take(fs::DirectoryPtr handle) {
  ROBOSYNC_ASSIGN(spot_.metadata, handle->stat());
  spot_.directory = std::move(handle);
  return {};
}

Result<void> TargetDirectory::adopt(fs::DirectoryPtr handle, bool made) {
  created_ = made;
  return take(std::move(handle));
}

Result<void> TargetDirectory::open_existing(const Metadata& metadata,
                                            const fs::Privileges* privileges) {
  auto handle = parent_->open_directory(name_);
  const bool ours = privileges != nullptr && metadata.uid == privileges->uid;
  if (!handle && handle.error().kind == ErrorKind::kPermission && ours &&
      (metadata.mode & kFillingMode) != kFillingMode) {
    ROBOSYNC_TRY(parent_->set_entry_metadata(name_, {.mode = metadata.mode | kFillingMode}));
    original_mode_ = metadata.mode;
    handle = parent_->open_directory(name_);
  }
  if (!handle) return fail(std::move(handle).error());
  return take(std::move(*handle));
}

Result<void> TargetDirectory::make_writable(const fs::Privileges& privileges) {
  const base::MutexLock lock(making_writable_);
  const std::uint32_t mode = spot_.metadata.mode;
  if (privileges.owns_everything || original_mode_ || (mode & kFillingMode) == kFillingMode ||
      spot_.metadata.uid != privileges.uid) {
    return {};
  }
  ROBOSYNC_TRY(spot_.directory->set_metadata({.mode = mode | kFillingMode}));
  original_mode_ = mode;
  return {};
}

// One attempt at a staged directory that is locked and still there. False: another run took it for
// a leftover in the moment before it was locked.
Result<bool> TargetDirectory::try_stage() {
  const std::string name = new_staging_name();
  ROBOSYNC_TRY(parent_->make_directory(name, kFillingMode));
  auto handle = parent_->open_directory(name);
  if (!handle && handle.error().kind == ErrorKind::kNotFound) return false;
  if (!handle) {
    (void)parent_->remove_directory(name);
    return fail(std::move(handle).error());
  }
  auto locked = (*handle)->try_lock();
  if (!locked && locked.error().kind != ErrorKind::kUnsupported) return fail(locked.error());
  ROBOSYNC_ASSIGN(const Metadata now, (*handle)->stat());
  if ((locked && !*locked) || now.link_count == 0) return false;
  ROBOSYNC_TRY(take(std::move(*handle)));
  staging_name_ = name;
  spot_.staged = true;
  return true;
}

Result<void> TargetDirectory::create(Make make, const tree::Entry* in_the_way, Backup* backup) {
  created_ = true;
  if (make == Make::kAtOnce && in_the_way == nullptr) {
    auto made = parent_->make_directory(name_, kFillingMode);
    // Another run may be making the same tree: a directory is a directory.
    if (!made && (made.error().kind != ErrorKind::kExists || !stands_as_directory())) return made;
    ROBOSYNC_ASSIGN(fs::DirectoryPtr handle, parent_->open_directory(name_));
    return take(std::move(handle));
  }
  if (in_the_way != nullptr) in_the_way_ = *in_the_way;
  for (int attempt = 0; attempt < kStagingAttemptsMax; ++attempt) {
    ROBOSYNC_ASSIGN(const bool staged, try_stage());
    if (staged) return make == Make::kAtOnce ? land(backup) : Result<void>();
  }
  return fail(base::make_error(ErrorKind::kBusy, "cannot make a staging directory"));
}

// Whether a directory of exactly this name is there: on a file system that does not tell names
// apart by case, another name may answer to it.
bool TargetDirectory::stands_as_directory() const {
  fs::Listing listing;
  const auto this_name = [this](std::string_view name, tree::Kind) { return name == name_; };
  return parent_->list(this_name, listing) && listing.entries.size() == 1 &&
         listing.entries.front().metadata.is_directory();
}

// Another run made the directory meanwhile: what was staged goes into it, replacing nothing.
Result<void> TargetDirectory::merge_into_existing() {
  ROBOSYNC_ASSIGN(const fs::DirectoryPtr existing, parent_->open_directory(name_));
  fs::Listing listing;
  ROBOSYNC_TRY(spot_.directory->list({}, listing));
  std::optional<base::Error> first_error;
  for (const tree::Entry& entry : listing.entries) {
    auto moved = spot_.directory->rename(entry.name, *existing, entry.name, fs::Replace::kNo);
    if (moved || first_error) continue;
    first_error = std::move(moved).error();
    first_error->context = entry.name + " appeared while it was copied: " + first_error->context;
  }
  if (first_error) return fail(std::move(*first_error));
  (void)parent_->remove_directory(staging_name_);
  return take(existing);
}

// Puts the staged directory where something else stands, and removes that.
Result<void> TargetDirectory::take_the_place() {
  auto swapped = parent_->exchange(staging_name_, *parent_, name_);
  if (swapped) {
    // What it replaced has the staging name now; left behind, it is a leftover like any other.
    (void)parent_->remove_file(staging_name_);
    return {};
  }
  if (swapped.error().kind != ErrorKind::kUnsupported) return swapped;
  const std::string aside = new_aside_name();
  ROBOSYNC_TRY(parent_->rename(name_, *parent_, aside, fs::Replace::kNo));
  if (auto renamed = parent_->rename(staging_name_, *parent_, name_, fs::Replace::kNo); !renamed) {
    (void)parent_->rename(aside, *parent_, name_, fs::Replace::kNo);
    return renamed;
  }
  (void)parent_->remove_file(aside);
  return {};
}

Result<void> TargetDirectory::land(Backup* backup) {
  if (staging_name_.empty()) return {};
  if (!in_the_way_) {
    auto renamed = parent_->rename(staging_name_, *parent_, name_, fs::Replace::kNo);
    if (!renamed && renamed.error().kind == ErrorKind::kExists && stands_as_directory()) {
      renamed = merge_into_existing();
    }
    if (!renamed) return renamed;
  } else {
    if (backup != nullptr) {
      ROBOSYNC_TRY(backup->keep(*parent_, spot_.path.parent(), name_));
    }
    ROBOSYNC_TRY(take_the_place());
  }
  staging_name_.clear();
  spot_.staged = false;
  return {};
}

std::uint32_t TargetDirectory::wanted_mode(const Settings& settings, const Metadata& source) const {
  Metadata before = spot_.metadata;
  if (original_mode_) before.mode = *original_mode_;
  return settings.policy.wanted_mode(source, created_ ? nullptr : &before);
}

Result<void> TargetDirectory::settle(const Installer& installer, const Settings& settings,
                                     const Metadata& source, const AttributeChange& attributes) {
  fs::Directory& directory = *spot_.directory;
  Metadata now = spot_.metadata;
  now.mode = original_mode_ ? now.mode | kFillingMode : now.mode;
  fs::MetadataChange change = installer.wanted_change(source, now);
  const std::uint32_t mode = wanted_mode(settings, source);
  if (mode != now.mode || attributes.acl || change.uid || change.gid) {
    change.mode = mode;
  } else {
    change.mode.reset();
  }
  // A stream that is written moves it, too.
  if (settings.policy.keeps_time(tree::Kind::kDirectory) &&
      (created_ || touched_ || !attributes.empty())) {
    change.mtime = source.mtime;
  }
  ROBOSYNC_TRY(set_owner(directory, change));
  if (!attributes.empty()) ROBOSYNC_TRY(installer.set_attributes(directory, attributes));
  if (!change.empty()) ROBOSYNC_TRY(directory.set_metadata(change));
  return settings.fsync && (created_ || touched_) ? directory.sync() : Result<void>();
}

}  // namespace robosync::apply
