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

Result<void> TargetDirectory::adopt(fs::DirectoryPtr handle) { return take(std::move(handle)); }

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
  const std::uint32_t mode = spot_.metadata.mode;
  if (privileges.owns_everything || original_mode_ || (mode & kFillingMode) == kFillingMode ||
      spot_.metadata.uid != privileges.uid) {
    return {};
  }
  ROBOSYNC_TRY(spot_.directory->set_metadata({.mode = mode | kFillingMode}));
  original_mode_ = mode;
  return {};
}

Result<void> TargetDirectory::create(Make make, const tree::Entry* in_the_way, Backup* backup) {
  const bool staged = make == Make::kStaged || in_the_way != nullptr;
  const std::string name = staged ? new_staging_name() : name_;
  ROBOSYNC_TRY(parent_->make_directory(name, kFillingMode));
  if (staged) staging_name_ = name;
  if (in_the_way != nullptr) in_the_way_ = *in_the_way;
  created_ = true;
  auto handle = parent_->open_directory(name);
  if (!handle) {
    (void)parent_->remove_directory(name);
    return fail(std::move(handle).error());
  }
  ROBOSYNC_TRY(take(std::move(*handle)));
  if (!staged) return {};
  auto locked = spot_.directory->try_lock();
  if (!locked && locked.error().kind != ErrorKind::kUnsupported) return fail(locked.error());
  ROBOSYNC_ASSIGN(const Metadata now, spot_.directory->stat());
  if ((locked && !*locked) || now.link_count == 0) {
    // Another run took it for a leftover in the moment before it was locked.
    return fail(base::make_error(ErrorKind::kBusy, "staging directory was removed meanwhile"));
  }
  spot_.staged = true;
  return make == Make::kAtOnce ? land(backup) : Result<void>();
}

Result<void> TargetDirectory::land(Backup* backup) {
  if (staging_name_.empty()) return {};
  if (!in_the_way_) {
    ROBOSYNC_TRY(parent_->rename(staging_name_, *parent_, name_, fs::Replace::kNo));
  } else {
    if (backup != nullptr) {
      ROBOSYNC_TRY(backup->keep(*parent_, spot_.path.parent(), name_));
    }
    auto swapped = parent_->exchange(staging_name_, *parent_, name_);
    if (swapped) {
      ROBOSYNC_TRY(parent_->remove_file(staging_name_));
    } else if (swapped.error().kind == ErrorKind::kUnsupported) {
      ROBOSYNC_TRY(parent_->remove_file(name_));
      ROBOSYNC_TRY(parent_->rename(staging_name_, *parent_, name_, fs::Replace::kNo));
    } else {
      return swapped;
    }
  }
  staging_name_.clear();
  spot_.staged = false;
  return {};
}

Result<void> TargetDirectory::settle(const Installer& installer, const Settings& settings,
                                     const Metadata& source, const fs::Directory* source_handle) {
  fs::Directory& directory = *spot_.directory;
  Metadata now = spot_.metadata;
  now.mode = original_mode_ ? now.mode | kFillingMode : now.mode;
  bool acl_set = false;
  if (settings.keeps_attributes() && source_handle != nullptr) {
    ROBOSYNC_ASSIGN(const AttributeChange attributes,
                    compare_attributes(*source_handle, directory, settings));
    acl_set = attributes.acl;
    if (!attributes.empty()) ROBOSYNC_TRY(set_attributes(directory, attributes));
  }
  fs::MetadataChange change = installer.wanted_change(source, now);
  Metadata before = spot_.metadata;
  if (original_mode_) before.mode = *original_mode_;
  const std::uint32_t mode = settings.policy.wanted_mode(source, created_ ? nullptr : &before);
  if (mode != now.mode || acl_set || change.uid || change.gid) {
    change.mode = mode;
  } else {
    change.mode.reset();
  }
  if (settings.policy.keep_times && (created_ || touched_)) change.mtime = source.mtime;
  if (!change.empty()) ROBOSYNC_TRY(directory.set_metadata(change));
  return settings.fsync && (created_ || touched_) ? directory.sync() : Result<void>();
}

}  // namespace robosync::apply
