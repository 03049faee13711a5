#include "engine/apply/staging.h"

#include "engine/base/random.h"
#include "engine/tree/staging_name.h"

namespace robosync::apply {

using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

// Chances are one in 2^64 each time; the loop is for a lost race with a run that cleans up.
constexpr int kAttemptsMax = 8;

// Locks the handle. False: someone else holds it. File systems without locks count as locked.
Result<bool> lock(fs::Node& node) {
  auto locked = node.try_lock();
  if (!locked && locked.error().kind == ErrorKind::kUnsupported) return true;
  return locked;
}

// A partial file as a run leaves it. What a link leads to, and what has another name somewhere
// else, must not be written to.
bool is_as_left(const tree::Metadata& metadata) {
  return metadata.is_regular() && metadata.link_count == 1;
}

// Another run may have taken a new file for a leftover between its creation and its lock.
Result<bool> lock_and_still_there(fs::File& file) {
  ROBOSYNC_ASSIGN(const bool locked, lock(file));
  if (!locked) return false;
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, file.stat());
  return metadata.link_count > 0;
}

}  // namespace

std::string new_staging_name() { return tree::staging_name(base::random64()); }

std::string new_aside_name() { return tree::aside_name(base::random64()); }

Result<StagedFile> StagedFile::create(fs::Directory& directory, std::uint32_t mode) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    std::string name = new_staging_name();
    auto file = directory.create_file(name, mode);
    if (!file && file.error().kind == ErrorKind::kExists) continue;
    if (!file) return fail(std::move(file).error());
    StagedFile staged(directory, std::move(name), std::move(*file));
    ROBOSYNC_ASSIGN(const bool ours, lock_and_still_there(*staged.file_));
    if (ours) return staged;
    staged.owned_ = false;
  }
  return fail(base::make_error(ErrorKind::kBusy, "cannot make a staging file"));
}

Result<StagedFile> StagedFile::create_or_resume(fs::Directory& directory, const std::string& name,
                                                std::uint32_t mode) {
  auto file = directory.create_file(name, mode);
  if (!file && file.error().kind == ErrorKind::kExists) {
    ROBOSYNC_ASSIGN(const tree::Entry there, directory.stat_entry(name));
    if (!is_as_left(there.metadata)) {
      ROBOSYNC_TRY(remove_leftover(directory, there));
      file = directory.create_file(name, mode);
    }
  }
  const bool existed = !file && file.error().kind == ErrorKind::kExists;
  if (existed) file = directory.open_file(name, fs::Access::kReadWrite);
  if (!file) return fail(std::move(file).error());
  StagedFile staged(directory, name, std::move(*file));
  staged.resumed_ = existed;
  staged.owned_ = false;  // until it is known to be ours
  // Where there are no locks, what is there may be another run's.
  if (existed && !staged.file_->try_lock().value_or(false)) {
    return fail(base::make_error(ErrorKind::kBusy, "another run is writing " + name));
  }
  ROBOSYNC_ASSIGN(const bool ours, lock_and_still_there(*staged.file_));
  ROBOSYNC_ASSIGN(const tree::Metadata now, staged.file_->stat());
  if (!ours || !is_as_left(now)) {
    return fail(base::make_error(ErrorKind::kBusy, "another run is writing " + name));
  }
  staged.owned_ = true;
  return staged;
}

Result<StagedFile> StagedFile::create_at(fs::Directory& directory, std::string_view name,
                                         std::uint32_t mode) {
  ROBOSYNC_ASSIGN(fs::FilePtr file, directory.create_file(name, mode));
  return StagedFile(directory, std::string(name), std::move(file));
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : directory_(other.directory_),
      name_(std::move(other.name_)),
      file_(std::move(other.file_)),
      owned_(std::exchange(other.owned_, false)),
      resumed_(other.resumed_) {}

StagedFile::~StagedFile() {
  // Best effort: what cannot be removed is recognised by the next run.
  if (owned_) (void)directory_->remove_file(name_);
}

Result<void> StagedFile::commit(std::string_view final_name, fs::Replace replace) {
  ROBOSYNC_TRY(directory_->rename(name_, *directory_, final_name, replace));
  owned_ = false;
  return {};
}

namespace {

// Others sweep as well.
Result<Leftover> swept(Result<void> removed) {
  if (removed || removed.error().kind == ErrorKind::kNotFound) return Leftover::kRemoved;
  return fail(std::move(removed).error());
}

Result<Leftover> remove_leftover_file(fs::Directory& directory, const tree::Entry& entry) {
  auto file = directory.open_file(entry.name);
  if (!file && file.error().kind == ErrorKind::kNotFound) return Leftover::kRemoved;
  if (!file) return fail(std::move(file).error());
  auto locked = (*file)->try_lock();
  if (!locked || !*locked) return Leftover::kAlive;
  return swept(directory.remove_file(entry.name));
}

Result<Leftover> remove_leftover_directory(fs::Directory& directory, const tree::Entry& entry) {
  auto opened = directory.open_directory(entry.name);
  if (!opened && opened.error().kind == ErrorKind::kNotFound) return Leftover::kRemoved;
  if (!opened) return fail(std::move(opened).error());
  fs::Directory& staged = **opened;
  auto locked = staged.try_lock();
  if (!locked || !*locked) return Leftover::kAlive;
  fs::Listing listing;
  ROBOSYNC_TRY(staged.list({}, listing));
  for (const tree::Entry& inside : listing.entries) {
    if (inside.metadata.is_directory()) return Leftover::kKept;
  }
  for (const tree::Entry& inside : listing.entries) {
    ROBOSYNC_TRY(swept(staged.remove_file(inside.name)));
  }
  return swept(directory.remove_directory(entry.name));
}

}  // namespace

Result<Leftover> remove_leftover(fs::Directory& directory, const tree::Entry& entry) {
  if (tree::is_aside_name(entry.name)) return Leftover::kKept;
  if (entry.metadata.is_directory()) return remove_leftover_directory(directory, entry);
  if (entry.metadata.is_regular()) return remove_leftover_file(directory, entry);
  // Links and nodes are made under a staging name for a moment only, and carry no lock.
  return swept(directory.remove_file(entry.name));
}

Result<void> probe_links(fs::Directory& directory) {
  const std::string name = new_staging_name();
  auto made = directory.make_symlink(name, ".");
  if (!made && made.error().kind == ErrorKind::kNoLinks) return made;
  if (made) (void)directory.remove_file(name);  // else a later run sweeps it
  return {};
}

}  // namespace robosync::apply
