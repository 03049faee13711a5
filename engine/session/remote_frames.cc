// What arrives from the source, frame by frame.
#include <algorithm>
#include <utility>

#include "engine/session/remote_node.h"
#include "engine/session/remote_source.h"
#include "engine/transfer/bundle.h"
#include "engine/tree/staging_name.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;

namespace {

std::unexpected<base::Error> protocol(const char* text) {
  return fail(make_error(ErrorKind::kProtocol, text));
}

Result<void> check_member(const wire::BundleMember& member, std::span<const std::byte> content,
                          const tree::Entry& entry) {
  const std::uint64_t size = member.changed ? member.changed->size : entry.metadata.size;
  if (size == content.size() && base::xxh3_128(content) == member.digest) return {};
  return fail(make_error(ErrorKind::kCorrupt, "what arrived is not what was sent"));
}

}  // namespace

Result<bool> RemoteSource::handle(Frame frame) {
  switch (frame.type) {
    case Type::kOwners:
      ROBOSYNC_TRY(take_owners(frame));
      return true;
    case Type::kDirectory:
      ROBOSYNC_TRY(take_directory(frame));
      return true;
    case Type::kScanEnd:
      ROBOSYNC_TRY(take_scan_end());
      return true;
    case Type::kBundle:
      ROBOSYNC_TRY(take_bundle(std::move(frame)));
      return true;
    case Type::kFileBegin:
      ROBOSYNC_TRY(take_begin(frame));
      return true;
    case Type::kChunk:
      ROBOSYNC_TRY(take_chunk(std::move(frame)));
      return true;
    case Type::kFileEnd:
      ROBOSYNC_TRY(take_end(frame));
      return true;
    case Type::kDigests:
      ROBOSYNC_TRY(take_digests(frame));
      return true;
    case Type::kFailed:
      ROBOSYNC_TRY(take_failed(frame));
      return true;
    case Type::kRemoved:
      ROBOSYNC_TRY(take_removed(frame));
      return true;
    default:
      return false;
  }
}

Result<void> RemoteSource::take_owners(const Frame& frame) {
  ROBOSYNC_ASSIGN(const wire::Owners owners, wire::decode<wire::Owners>(frame.bytes()));
  return owners_.learn(owners);
}

Result<void> RemoteSource::take_directory(const Frame& frame) {
  if (scan_ended_) return protocol("a directory after the end of the scan");
  ROBOSYNC_ASSIGN(wire::DirectoryPart part, wire::decode<wire::DirectoryPart>(frame.bytes()));
  if (part.first == building_.has_value()) return protocol("a directory in the middle of another");
  if (part.first) {
    if (part.id != next_id_ || (part.id != 0 && part.parent >= part.id)) {
      return protocol("a directory out of order");
    }
    ++next_id_;
    building_.emplace(Record{.id = part.id, .scan = scan::Scan()});
    building_size_ = {};
    last_name_.clear();
    const base::MutexLock lock(mutex_);
    building_key_ = part.id == 0 ? kRootKey : Key{part.parent, part.index};
  }
  if (part.id != building_->id) return protocol("a part of another directory");
  ROBOSYNC_TRY(building_size_.add(items_of(part), frame.payload.size()));
  const std::uint64_t cost = part_cost(part, frame.payload.size());
  const bool last = part.last;
  {
    const base::MutexLock lock(mutex_);
    entries_held_ += cost;
    if (entries_held_ > kManifestWindow) return protocol("more of the manifest than agreed");
    building_credit_ += cost;
  }
  ROBOSYNC_TRY(add_part(std::move(part)));
  if (last) return record_complete();
  // A wide directory is taken up as a whole, so it may take more than the window; but one at a
  // time, or SOURCE could have any number of them wait here.
  const base::MutexLock lock(mutex_);
  if (waiting_.contains(*building_key_) || is_unwanted(*building_key_)) {
    credit_entries(std::exchange(building_credit_, 0));
  }
  return {};
}

Result<void> RemoteSource::add_part(wire::DirectoryPart part) {
  scan::Scan& scan = *building_->scan;
  std::vector<tree::Entry>& entries = scan.snapshot.entries;
  if (!part.entries.empty() && part.entries.front().name <= last_name_) {
    return protocol("names out of order");
  }
  if (!part.attributes.empty()) building_->attributes.resize(entries.size());
  owners_.translate(part.entries);
  apply::Counters bytes;
  for (tree::Entry& entry : part.entries) {
    if (tree::is_staging_name(entry.name)) return protocol("a name that is ours");
    entry.origin = static_cast<std::uint32_t>(entries.size());
    if (entry.metadata.is_regular()) bytes.source_bytes += entry.metadata.size;
    last_name_ = entry.name;
    entries.push_back(std::move(entry));
  }
  context_.ledger.total(part.entries.size(), bytes.source_bytes, false);
  std::move(part.attributes.begin(), part.attributes.end(),
            std::back_inserter(building_->attributes));
  for (auto& [path, fault] : part.problems) {
    scan.snapshot.problems.push_back({std::move(path), wire::to_error(fault)});
  }
  std::move(part.protected_names.begin(), part.protected_names.end(),
            std::back_inserter(scan.snapshot.protected_names));
  for (wire::DirectoryPart::Omission& omission : part.omissions) {
    scan.omissions.push_back({std::move(omission.name), omission.kind, std::move(omission.reason)});
  }
  if (!part.last) return {};
  scan.snapshot.completeness = part.completeness;
  std::sort(scan.snapshot.protected_names.begin(), scan.snapshot.protected_names.end());
  for (auto& [name, content] : part.merge_files) {
    scan.merge_files.push_back({std::move(name), std::move(content)});
  }
  building_->own_attributes = std::move(part.own_attributes);
  if (part.fault) building_->scan = fail(wire::to_error(*part.fault));
  return {};
}

Result<void> RemoteSource::record_complete() {
  Record record = std::move(*building_);
  building_.reset();
  RecordThen then;
  {
    const base::MutexLock lock(mutex_);
    if (lost_) return {};
    const Key key = *std::exchange(building_key_, std::nullopt);
    record.credit = std::exchange(building_credit_, 0);
    if (is_unwanted(key)) {
      passed_over_.erase(key);
      credit_entries(record.credit);
      done_.push_back(record.id);
      return {};
    }
    // What could not be listed is not open at the source either.
    if (record.scan) open_.insert(record.id);
    if (open_.size() > kRecordsHeldMax) return protocol("more directories at once than agreed");
    const auto at = waiting_.find(key);
    if (at == waiting_.end()) {
      const bool is_new = records_.try_emplace(key, std::move(record)).second;
      return is_new ? Result<void>() : protocol("a directory twice");
    }
    then = std::move(at->second);
    waiting_.erase(at);
  }
  answer<Record>(std::move(then), std::move(record));
  return {};
}

// Every directory has its record by now.
Result<void> RemoteSource::take_scan_end() {
  if (scan_ended_ || building_) return protocol("an end of the scan out of place");
  {
    const base::MutexLock lock(mutex_);
    scan_ended_ = true;
    if (!waiting_.empty()) return protocol("a directory without a record");
  }
  context_.ledger.total(0, 0, true);
  return {};
}

Result<void> RemoteSource::take_bundle(Frame frame) {
  {
    // Bundles wait in memory until the pool has time for them.
    const base::MutexLock lock(mutex_);
    bundle_bytes_held_ += frame.payload.size();
    if (bundle_bytes_held_ > kBundleWindow) return protocol("more bundles than agreed");
  }
  auto payload = std::make_shared<const std::string>(std::move(frame.payload));
  context_.pool.submit([this, payload] { unpack(payload); });
  return {};
}

void RemoteSource::unpack(const std::shared_ptr<const std::string>& payload) {
  if (auto done = deliver_bundle(payload); !done) channel_.abort(std::move(done).error());
  give_credit(0, payload->size());
}

// Of those asked for takes what has arrived. The lock is taken per bundle, not per file.
Result<void> RemoteSource::take_fetches(const std::shared_ptr<const std::string>& payload,
                                        const std::vector<wire::BundleMember>& members,
                                        const std::vector<std::span<const std::byte>>& contents,
                                        std::vector<Arrived>& out) {
  out.reserve(members.size());
  const base::MutexLock lock(mutex_);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const wire::BundleMember& member = members[i];
    const Key key{member.entry.directory, member.entry.index};
    const auto at = fetches_.find(key);
    if (at == fetches_.end() && lost_) continue;
    if (at == fetches_.end()) return protocol("a file that was not asked for");
    out.push_back({key, i, std::move(at->second)});
    fetches_.erase(at);
    contents_[key] = {payload, contents[i], member.digest, member.changed, nullptr, nullptr};
  }
  return {};
}

Result<void> RemoteSource::deliver_bundle(const std::shared_ptr<const std::string>& payload) {
  ROBOSYNC_ASSIGN(wire::BundleView view, wire::decode_bundle(std::as_bytes(std::span(*payload))));
  std::vector<std::uint64_t> sizes;
  sizes.reserve(view.members.size());
  for (wire::BundleMember& member : view.members) {
    sizes.push_back(member.size);
    if (member.changed) owners_.translate(*member.changed);
  }
  ROBOSYNC_ASSIGN(const std::vector<std::span<const std::byte>> contents,
                  transfer::read_bundle(view.archive, sizes));
  std::vector<Arrived> arrived;
  Result<void> taken = take_fetches(payload, view.members, contents, arrived);
  for (Arrived& one : arrived) {
    one.fetch.then(check_member(view.members[one.member], contents[one.member], one.fetch.entry));
    one.fetch.then = nullptr;
  }
  {
    const base::MutexLock lock(mutex_);
    for (const Arrived& one : arrived) contents_.erase(one.key);
  }
  const std::size_t count = arrived.size();
  arrived.clear();
  ended(count);
  return taken;
}

Result<void> RemoteSource::take_begin(const Frame& frame) {
  ROBOSYNC_ASSIGN(wire::FileBegin begin, wire::decode<wire::FileBegin>(frame.bytes()));
  owners_.translate(begin.metadata);
  const Key key{begin.entry.directory, begin.entry.index};
  std::shared_ptr<IncomingFile> stream;
  std::optional<Fetch> fetch;
  {
    const base::MutexLock lock(mutex_);
    if (lost_) return {};
    const auto at = streams_.find(frame.stream);
    const auto content = contents_.find(key);
    if (at == streams_.end() || content == contents_.end() ||
        content->second.stream != at->second) {
      return protocol("a file that was not asked for");
    }
    stream = at->second;
  }
  // Where these fail, who asked for the file has its answer from lose().
  if (streams_begun_ == kStreamsMax) return protocol("too many files at once");
  ROBOSYNC_TRY(stream->begin(
      begin.metadata, begin.is_delta ? IncomingFile::Form::kDelta : IncomingFile::Form::kWhole));
  ++streams_begun_;
  {
    const base::MutexLock lock(mutex_);
    // None when it is transferred once more: whoever asked waits for it.
    const auto asked = fetches_.find(key);
    if (asked == fetches_.end()) return {};
    fetch.emplace(std::move(asked->second));
    fetches_.erase(asked);
  }
  large_.submit([this, key, stream, fetch = std::move(*fetch)]() mutable {
    fetch.then({});
    fetch.then = nullptr;
    std::shared_ptr<IncomingFile> last;  // where it was asked for again
    {
      const base::MutexLock lock(mutex_);
      if (const auto at = contents_.find(key); at != contents_.end()) last = at->second.stream;
      forget_content(key);
    }
    fetch.node.reset();
    ended();
    stream->abandon();
    if (last) last->abandon();
  });
  return {};
}

Result<void> RemoteSource::take_chunk(Frame frame) {
  std::shared_ptr<IncomingFile> stream;
  {
    const base::MutexLock lock(mutex_);
    if (lost_) return {};
    const auto at = streams_.find(frame.stream);
    if (at == streams_.end()) return protocol("a chunk of no file");
    stream = at->second;
  }
  return stream->add(std::move(frame.payload));
}

Result<void> RemoteSource::take_end(const Frame& frame) {
  ROBOSYNC_ASSIGN(const wire::FileEnd end, wire::decode<wire::FileEnd>(frame.bytes()));
  std::shared_ptr<IncomingFile> stream;
  {
    const base::MutexLock lock(mutex_);
    if (lost_) return {};
    const auto at = streams_.find(frame.stream);
    if (at == streams_.end()) return protocol("an end of no file");
    if (streams_begun_ == 0) return protocol("an end of no file");
    stream = at->second;
    streams_.erase(at);
    if (stream->form() == IncomingFile::Form::kDelta && deltas_ > 0) --deltas_;
    changed_.notify_all();
  }
  --streams_begun_;
  Result<base::Digest> digest = end.digest;
  if (end.fault) digest = fail(wire::to_error(*end.fault));
  auto finished = stream->finish(digest);
  // No lose() finds it any more, and somebody may wait for it.
  if (!finished) stream->lose(finished.error());
  return finished;
}

Result<void> RemoteSource::take_digests(const Frame& frame) {
  ROBOSYNC_ASSIGN(const wire::DigestBatch batch, wire::decode<wire::DigestBatch>(frame.bytes()));
  for (const wire::EntryDigest& one : batch) {
    Then<base::Digest> then;
    {
      const base::MutexLock lock(mutex_);
      if (lost_) return {};
      const auto at = digests_.find({one.entry.directory, one.entry.index});
      if (at == digests_.end()) return protocol("a digest that was not asked for");
      then = std::move(at->second);
      digests_.erase(at);
    }
    answer<base::Digest>(std::move(then), one.digest);
  }
  return {};
}

Result<void> RemoteSource::take_failed(const Frame& frame) {
  ROBOSYNC_ASSIGN(const wire::EntryFault fault, wire::decode<wire::EntryFault>(frame.bytes()));
  const Key key{fault.entry.directory, fault.entry.index};
  const base::Error error = wire::to_error(fault.fault);
  std::optional<Fetch> fetch;
  Then<base::Digest> digest;
  {
    const base::MutexLock lock(mutex_);
    if (lost_) return {};
    if (const auto at = fetches_.find(key); at != fetches_.end()) {
      if (contents_.contains(key)) return protocol("a failure beside the file's stream");
      fetch.emplace(std::move(at->second));
      fetches_.erase(at);
    } else if (const auto asked = digests_.find(key); asked != digests_.end()) {
      digest = std::move(asked->second);
      digests_.erase(asked);
    } else {
      return protocol("a failure of what was not asked for");
    }
  }
  if (fetch) {
    answer<void>(std::move(fetch->then), fail(error));
  } else {
    answer<base::Digest>(std::move(digest), fail(error));
  }
  return {};
}

Result<void> RemoteSource::take_removed(const Frame& frame) {
  ROBOSYNC_ASSIGN(const wire::Removed removed, wire::decode<wire::Removed>(frame.bytes()));
  Then<void> then;
  {
    const base::MutexLock lock(mutex_);
    if (lost_) return {};
    const auto at = removes_.find({removed.entry.directory, removed.entry.index});
    if (at == removes_.end()) return protocol("a removal that was not asked for");
    then = std::move(at->second);
    removes_.erase(at);
  }
  answer<void>(std::move(then),
               removed.fault ? Result<void>(fail(wire::to_error(*removed.fault))) : Result<void>());
  return {};
}

}  // namespace robosync::session
