#include "engine/apply/install.h"

#include <algorithm>
#include <thread>

#include "engine/transfer/received_file.h"
#include "engine/tree/staging_name.h"

namespace robosync::apply {

using base::ErrorKind;
using base::fail;
using base::Result;
using plan::PlannedEntry;
using plan::Step;
using tree::Entry;
using tree::Metadata;

namespace {

constexpr std::uint32_t kOwnerWrites = 0200;
constexpr auto kNap = std::chrono::milliseconds(50);

bool same_version(const Metadata& a, const Metadata& b) {
  // Another name of the same file coming or going moves ctime, but is no change of content.
  const bool ctime_tells = a.link_count == 1 && b.link_count == 1;
  return may_be_same(a.identity, b.identity) && a.size == b.size && a.mtime == b.mtime &&
         (!ctime_tells || a.ctime == b.ctime);
}

void count_copy(Counters& counters, const transfer::Copied& copied) {
  counters.read_bytes += copied.read_bytes;
  counters.written_bytes += copied.written_bytes;
  counters.cloned_bytes += copied.cloned_bytes;
  counters.cloned_files += copied.method == transfer::Method::kCloned ? 1 : 0;
  counters.kernel_copied_files += copied.method == transfer::Method::kKernel ? 1 : 0;
  counters.plain_copied_files += copied.method == transfer::Method::kPlain ? 1 : 0;
  counters.parallel_files += copied.parallel ? 1 : 0;
  counters.sparse_files += copied.sparse ? 1 : 0;
}

base::Error at(const Entry& entry, base::Error error, const char* what) {
  if (error.context.find(entry.name) == std::string::npos) {
    error.context = std::string(what) + (error.context.empty() ? "" : ": " + error.context);
  }
  return error;
}

// True when `name` is what `from` is made from. Then it is locked by this run, and may be replaced
// or removed: another run may be about to rename what it has under that name otherwise.
bool is_made_from(const fs::File& from, const fs::Directory& directory, const std::string& name) {
  const auto* received = dynamic_cast<const transfer::ReceivedFile*>(&from);
  const fs::File* basis = received != nullptr ? received->basis() : nullptr;
  if (basis == nullptr) return false;
  const auto old = basis->stat();
  const auto there = directory.stat_entry(name);
  return old && there && old->identity == there->metadata.identity;
}

}  // namespace

base::Error target_fault(base::Error error) {
  if (error.kind == ErrorKind::kNotFound) error.kind = ErrorKind::kIo;
  return error;
}

Result<CreationDefaults::Values> CreationDefaults::learn(const fs::File& file, std::uint32_t mode) {
  const base::MutexLock lock(mutex_);
  if (values_) return *values_;
  ROBOSYNC_ASSIGN(const Metadata metadata, file.stat());
  values_ = Values{metadata.uid, metadata.gid, metadata.mode == mode};
  return *values_;
}

fs::MetadataChange Installer::wanted_change(const Metadata& source, const Metadata& existing,
                                            const Metadata* replaced) const {
  const plan::Policy& policy = settings_.policy;
  fs::MetadataChange change;
  const Metadata& there = replaced != nullptr ? *replaced : existing;
  const Metadata& owner = policy.source_has_modes ? source : there;
  if (policy.set_owner && owner.uid != existing.uid) change.uid = owner.uid;
  if (policy.sets_group(owner) && owner.gid != existing.gid) change.gid = owner.gid;
  const std::uint32_t mode = policy.wanted_mode(source, &existing);
  // Giving an entry away clears its set-id bits: the mode has to be set again.
  if (!source.is_symlink() && (mode != existing.mode || change.uid || change.gid)) {
    change.mode = mode;
  }
  if (policy.keeps_time(source.kind) && !policy.same_time(source.mtime, existing.mtime)) {
    change.mtime = source.mtime;
  }
  return change;
}

Result<void> Installer::set_attributes(fs::Node& target, const AttributeChange& change) const {
  ROBOSYNC_ASSIGN(const Streams streams, apply::set_attributes(target, change));
  if (streams == Streams::kLeftOut) streams_left_out_ = true;
  return {};
}

Result<Installed> Installer::install(Spot& spot, const PlannedEntry& planned,
                                     transfer::Source& source, const BytesDone& done) {
  if (!planned.source->metadata.is_regular()) {
    auto installed = install_special(spot, planned, source);
    if (!installed) return fail(target_fault(std::move(installed).error()));
    return installed;
  }
  return install_with_retries(spot, planned, source, done);
}

Result<Installed> Installer::install_with_retries(Spot& spot, const PlannedEntry& planned,
                                                  transfer::Source& source, const BytesDone& done) {
  Entry entry = *planned.source;
  auto wait = settings_.retry_wait;
  std::uint64_t retries = 0;
  for (;;) {
    auto installed = install_file(spot, planned, entry, source, done);
    if (installed) {
      installed->counters.retries += retries;
      return installed;
    }
    const ErrorKind kind = installed.error().kind;
    if (!base::is_transient(kind) || retries >= settings_.retries) return installed;
    ++retries;
    for (auto left = wait; left.count() > 0 && !cancellation_.requested(); left -= kNap) {
      std::this_thread::sleep_for(std::min(left, kNap));
    }
    if (settings_.retry_wait_doubles) wait *= 2;
    // It may have another size and time by now: what is transferred is what is there now.
    ROBOSYNC_ASSIGN(entry, source.stat_again(entry));
    if (!entry.metadata.is_regular()) {
      return fail(base::make_error(ErrorKind::kChanged, "is no regular file any more"));
    }
  }
}

Result<StagedFile> Installer::stage(Spot& spot, const Entry& entry, bool name_is_free,
                                    std::uint32_t mode) const {
  if (spot.staged || (settings_.in_place && name_is_free)) {
    return StagedFile::create_at(*spot.directory, entry.name, mode);
  }
  if (settings_.keep_partial != KeepPartial::kNo && entry.metadata.size >= kPartialBytesMin) {
    auto staged =
        StagedFile::create_or_resume(*spot.directory, tree::partial_name(entry.name), mode);
    if (staged || staged.error().kind != ErrorKind::kBusy) return staged;
  }
  return StagedFile::create(*spot.directory, mode);
}

Result<transfer::Existing> Installer::resume(const Entry& entry, const fs::File& from,
                                             StagedFile& staged, Counters& counters) const {
  transfer::Existing existing;
  if (!staged.resumed()) return existing;
  if (settings_.transfer.received) {  // what serves as a basis is locked, and so not resumed
    ROBOSYNC_TRY(staged.file().resize(0));
    return existing;
  }
  ROBOSYNC_ASSIGN(const Metadata partial, staged.file().stat());
  ROBOSYNC_ASSIGN(
      existing.equal_bytes,
      transfer::equal_prefix(from, staged.file(), std::min(partial.size, entry.metadata.size),
                             cancellation_, counters.read_bytes));
  ROBOSYNC_TRY(staged.file().resize(existing.equal_bytes));
  ++counters.resumed_files;
  return existing;
}

bool Installer::keeps_partial(const Spot& spot, const Entry& entry, ErrorKind why) const {
  if (spot.staged || settings_.in_place || entry.metadata.size < kPartialBytesMin) return false;
  switch (settings_.keep_partial) {
    case KeepPartial::kNo:
      return false;
    case KeepPartial::kWhenLost:
      return why == ErrorKind::kConnection || why == ErrorKind::kTimeout;
    case KeepPartial::kYes:
      return why != ErrorKind::kCorrupt;
  }
  return false;
}

// One that was made from an earlier partial file takes its place once it holds more.
void Installer::keep_partial(Spot& spot, const Entry& entry, const fs::File& from,
                             StagedFile& staged) {
  const std::string name = tree::partial_name(entry.name);
  if (staged.name() == name) return staged.keep();
  if (!is_made_from(from, *spot.directory, name)) return;
  const auto ours = staged.file().stat();
  const auto earlier = spot.directory->stat_entry(name);
  if (!ours || !earlier || ours->size <= earlier->metadata.size) return;
  (void)staged.commit(name, fs::Replace::kYes);  // else it is removed
}

Result<void> Installer::check_unchanged(const Entry& entry, const fs::File& from) const {
  ROBOSYNC_ASSIGN(const Metadata now, from.stat());
  if (same_version(entry.metadata, now)) return {};
  return fail(base::make_error(ErrorKind::kChanged, "changed while it was read"));
}

Result<void> Installer::compare_written(const fs::File& from, fs::File& written, std::uint64_t size,
                                        Counters& counters) const {
  ROBOSYNC_TRY(written.sync());
  bool same = false;
  if (const auto* received = dynamic_cast<const transfer::ReceivedFile*>(&from)) {
    auto digest = transfer::digest_of(written, size, base::DigestKind::kXxh3_128, cancellation_,
                                      counters.read_bytes);
    const bool shorter = !digest && digest.error().kind == ErrorKind::kChanged;
    if (!digest && !shorter) return fail(std::move(digest).error());
    same = digest && *digest == received->content_digest();
  } else {
    ROBOSYNC_ASSIGN(
        same, transfer::same_content(from, written, size, cancellation_, counters.read_bytes));
  }
  if (same) return {};
  return fail(base::make_error(ErrorKind::kCorrupt,
                               "what was written is not what was read (--verify-after)"));
}

// Everything between the last byte and the commit: check, attributes, metadata, durability.
Result<void> Installer::finish(Spot& spot, const Entry& entry, const fs::File& from,
                               StagedFile& staged, const Created& as, Counters& counters) const {
  ROBOSYNC_TRY(check_unchanged(entry, from));
  fs::File& file = staged.file();
  Metadata created = entry.metadata;
  ROBOSYNC_ASSIGN(const CreationDefaults::Values defaults, spot.defaults.learn(file, as.mode));
  created.uid = defaults.uid;
  created.gid = defaults.gid;
  created.mode = as.mode;
  fs::MetadataChange change = wanted_change(entry.metadata, created, as.existing);
  const std::uint32_t wanted = settings_.policy.wanted_mode(entry.metadata, as.existing);
  if (wanted != as.mode || !defaults.exact_mode || change.uid || change.gid ||
      settings_.keep_acls || staged.resumed()) {
    change.mode = wanted;
  }
  if (settings_.policy.keep_times) change.mtime = entry.metadata.mtime;
  ROBOSYNC_TRY(set_owner(file, change));
  if (settings_.sets_attributes()) {
    ROBOSYNC_ASSIGN(const AttributeChange attributes,
                    compare_attributes(from, file, wanted, settings_));
    ROBOSYNC_TRY(set_attributes(file, attributes));
  }
  ROBOSYNC_TRY(file.set_metadata(change));
  if (settings_.fsync) ROBOSYNC_TRY(file.sync());
  if (settings_.verify_after) {
    ROBOSYNC_TRY(compare_written(from, file, content_bytes(entry), counters));
  }
  return {};
}

std::uint64_t Installer::content_bytes(const Entry& entry) const {
  return settings_.empty_files ? 0 : entry.metadata.size;
}

Result<void> Installer::make_way(Spot& spot, const PlannedEntry& planned) const {
  if (planned.target == nullptr) return {};
  if (planned.step == Step::kReplaceDirectory) {
    return spot.directory->remove_directory(planned.target->name);
  }
  if (backup_ != nullptr) return backup_->keep(*spot.directory, spot.path, planned.target->name);
  return {};
}

Result<Installed> Installer::install_file(Spot& spot, const PlannedEntry& planned,
                                          const Entry& entry, transfer::Source& source,
                                          const BytesDone& done) {
  ROBOSYNC_ASSIGN(const fs::FilePtr from, source.open(entry));
  auto written = write_file(spot, planned, entry, *from, done);
  if (!written) return fail(target_fault(std::move(written).error()));
  return written;
}

Result<Installed> Installer::write_file(Spot& spot, const PlannedEntry& planned, const Entry& entry,
                                        const fs::File& from, const BytesDone& done) {
  // Windows says of it that the volume is full.
  if (content_bytes(entry) > settings_.file_bytes_max) {
    return fail(base::make_error(ErrorKind::kLimit,
                                 "larger than a file can be on the target's file system"));
  }
  const Metadata* existing = planned.target != nullptr ? &planned.target->metadata : nullptr;
  if (settings_.in_place && existing != nullptr && existing->is_regular()) {
    return overwrite_in_place(spot, entry, *existing, from, done);
  }
  Installed out;
  out.source = entry.metadata;
  std::uint32_t mode = settings_.policy.wanted_mode(entry.metadata, existing) & 0777;
  // Attributes can only be set on a file its owner may write to.
  if (settings_.sets_attributes()) mode |= 0200;
  ROBOSYNC_ASSIGN(StagedFile staged, stage(spot, entry, existing == nullptr, mode));
  const auto write = [&]() -> Result<void> {
    ROBOSYNC_ASSIGN(const transfer::Existing partial, resume(entry, from, staged, out.counters));
    Metadata content = entry.metadata;
    content.size = content_bytes(entry);
    ROBOSYNC_ASSIGN(const transfer::Copied copied,
                    copier_.copy(from, content, staged.file(), spot.metadata, partial, done));
    count_copy(out.counters, copied);
    return finish(spot, entry, from, staged, {mode, existing}, out.counters);
  };
  if (auto written = write(); !written) {
    if (keeps_partial(spot, entry, written.error().kind)) {
      keep_partial(spot, entry, from, staged);
    }
    return fail(at(entry, std::move(written).error(), "copy"));
  }
  if (settings_.keep_hard_links && entry.metadata.link_count > 1) {
    ROBOSYNC_ASSIGN(const Metadata landed, staged.file().stat());
    out.identity = landed.identity;
  }
  if (staged.name() == entry.name) {
    staged.commit_in_place();
    return out;
  }
  ROBOSYNC_TRY(make_way(spot, planned));
  out.counters.backups += backup_ != nullptr && existing != nullptr ? 1 : 0;
  const bool free = existing == nullptr || planned.step == Step::kReplaceDirectory;
  ROBOSYNC_TRY(staged.commit(entry.name, free ? fs::Replace::kNo : fs::Replace::kYes));
  // A later run sweeps what cannot be removed now.
  if (is_made_from(from, *spot.directory, tree::partial_name(entry.name))) {
    (void)spot.directory->remove_file(tree::partial_name(entry.name));
  }
  return out;
}

Result<Installed> Installer::overwrite_in_place(Spot& spot, const Entry& entry,
                                                const Metadata& existing, const fs::File& from,
                                                const BytesDone& done) {
  // A system without modes keeps the owner out of what is read-only.
  const bool closed = !settings_.policy.keeps_modes && (existing.mode & kOwnerWrites) == 0;
  if (!closed) return write_in_place(spot, entry, existing, from, done);
  fs::Directory& directory = *spot.directory;
  ROBOSYNC_TRY(directory.set_entry_metadata(entry.name, {.mode = existing.mode | kOwnerWrites}));
  auto written = write_in_place(spot, entry, existing, from, done);
  if (!written) (void)directory.set_entry_metadata(entry.name, {.mode = existing.mode});
  return written;
}

Result<Installed> Installer::write_in_place(Spot& spot, const Entry& entry,
                                            const Metadata& existing, const fs::File& from,
                                            const BytesDone& done) {
  Installed out;
  out.source = entry.metadata;
  ROBOSYNC_ASSIGN(const fs::FilePtr file,
                  spot.directory->open_file(entry.name, fs::Access::kReadWrite));
  ROBOSYNC_ASSIGN(const transfer::Copied copied,
                  copier_.copy(from, entry.metadata, *file, existing, {.old_content = true}, done));
  count_copy(out.counters, copied);
  if (entry.metadata.size == 0) ROBOSYNC_TRY(file->resize(0));
  ROBOSYNC_TRY(check_unchanged(entry, from));
  fs::MetadataChange change = wanted_change(entry.metadata, existing);
  const std::uint32_t mode = settings_.policy.wanted_mode(entry.metadata, &existing);
  if ((existing.mode & kOwnerWrites) == 0) change.mode = mode;  // it may have been opened up
  if (settings_.policy.keep_times) change.mtime = entry.metadata.mtime;
  ROBOSYNC_TRY(set_owner(*file, change));
  if (settings_.sets_attributes()) {
    ROBOSYNC_ASSIGN(const AttributeChange attributes,
                    compare_attributes(from, *file, mode, settings_));
    ROBOSYNC_TRY(set_attributes(*file, attributes));
    if (attributes.acl) change.mode = mode;
  }
  ROBOSYNC_TRY(file->set_metadata(change));
  if (settings_.fsync) ROBOSYNC_TRY(file->sync());
  if (settings_.verify_after) {
    ROBOSYNC_TRY(compare_written(from, *file, entry.metadata.size, out.counters));
  }
  out.identity = existing.identity;
  return out;
}

namespace {

// What is made under a staging name and carries no lock may be taken for a leftover by another run.
auto unless_swept(const auto& attempt) {
  constexpr int kAttemptsMax = 4;
  auto result = attempt();
  for (int i = 1; i < kAttemptsMax && !result; ++i) {
    if (result.error().kind != ErrorKind::kNotFound) break;
    result = attempt();
  }
  return result;
}

}  // namespace

Result<Installed> Installer::install_special(Spot& spot, const PlannedEntry& planned,
                                             transfer::Source& source) {
  return unless_swept([&] { return try_special(spot, planned, source); });
}

Result<Installed> Installer::try_special(Spot& spot, const PlannedEntry& planned,
                                         transfer::Source& source) {
  const Entry& entry = *planned.source;
  fs::Directory& directory = *spot.directory;
  const std::string name = spot.staged ? entry.name : new_staging_name();
  const Metadata* existing = planned.target != nullptr ? &planned.target->metadata : nullptr;
  const std::uint32_t mode = settings_.policy.wanted_mode(entry.metadata, existing);
  if (entry.metadata.is_symlink()) {
    ROBOSYNC_TRY(directory.make_symlink(name, entry.link_target, entry.link_kind));
  } else {
    ROBOSYNC_TRY(
        directory.make_node(name, entry.metadata.kind, mode, entry.metadata.device_number));
  }
  const auto complete = [&]() -> Result<Installed> {
    Installed out;
    out.source = entry.metadata;
    ROBOSYNC_ASSIGN(const Entry made, directory.stat_entry(name));
    out.identity = made.metadata.identity;
    fs::MetadataChange change = wanted_change(entry.metadata, made.metadata, existing);
    if (change.mode) change.mode = mode;
    ROBOSYNC_TRY(set_entry_owner(directory, name, change));
    if (may_have_attributes(entry.metadata.kind, settings_)) {
      ROBOSYNC_ASSIGN(std::vector<fs::Xattr> from, source.xattrs(entry));
      ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> to, entry_attributes(directory, name));
      const AttributeChange attributes =
          compare_attributes(with_mode(std::move(from), mode), to, settings_);
      ROBOSYNC_TRY(set_entry_attributes(directory, name, attributes));
      if (attributes.acl) change.mode = mode;
    }
    ROBOSYNC_TRY(directory.set_entry_metadata(name, change));
    if (spot.staged) return out;
    ROBOSYNC_TRY(make_way(spot, planned));
    const bool free = planned.target == nullptr || planned.step == Step::kReplaceDirectory;
    ROBOSYNC_TRY(
        directory.rename(name, directory, entry.name, free ? fs::Replace::kNo : fs::Replace::kYes));
    return out;
  };
  auto out = complete();
  if (!out) (void)directory.remove_file(name);
  return out;
}

Result<void> Installer::update_metadata(Spot& spot, const PlannedEntry& planned,
                                        const AttributeChange& attributes) {
  const Entry& entry = *planned.source;
  fs::MetadataChange change = wanted_change(entry.metadata, planned.target->metadata);
  if (attributes.acl) {
    change.mode = settings_.policy.wanted_mode(entry.metadata, &planned.target->metadata);
  }
  // A stream that is written moves it.
  if (!attributes.empty() && settings_.policy.keeps_time(entry.metadata.kind)) {
    change.mtime = entry.metadata.mtime;
  }
  if (!attributes.empty() && entry.metadata.is_regular()) {
    // Read access is enough to hold it; the system decides about the attributes by its owner.
    ROBOSYNC_ASSIGN(const fs::FilePtr file, spot.directory->open_file(entry.name));
    ROBOSYNC_TRY(set_owner(*file, change));
    ROBOSYNC_TRY(set_attributes(*file, attributes));
    return file->set_metadata(change);
  }
  if (!attributes.empty()) {
    ROBOSYNC_TRY(set_entry_owner(*spot.directory, entry.name, change));
    ROBOSYNC_TRY(set_entry_attributes(*spot.directory, entry.name, attributes));
  }
  return spot.directory->set_entry_metadata(entry.name, change);
}

Result<void> Installer::link(Spot& spot, const PlannedEntry& planned,
                             const fs::Directory& leader_directory,
                             const std::string& leader_name) {
  fs::Directory& directory = *spot.directory;
  const std::string& final_name = planned.source->name;
  if (planned.target == nullptr)
    return directory.make_link(leader_directory, leader_name, final_name);
  return unless_swept([&]() -> Result<void> {
    const std::string name = new_staging_name();
    ROBOSYNC_TRY(directory.make_link(leader_directory, leader_name, name));
    auto way = make_way(spot, planned);
    const bool free = planned.step == Step::kReplaceDirectory;
    if (way) {
      way = directory.rename(name, directory, final_name,
                             free ? fs::Replace::kNo : fs::Replace::kYes);
    }
    // Left behind by a failure, and by rename(2) where both were one file already.
    (void)directory.remove_file(name);
    return way;
  });
}

}  // namespace robosync::apply
