// Contents: what TARGET asks SOURCE for, in bundles, in chunks, as digests; and removals.
#include <algorithm>
#include <utility>

#include "engine/apply/attributes.h"
#include "engine/session/proof.h"
#include "engine/session/source_session.h"
#include "engine/transfer/bundle.h"
#include "engine/transfer/copy.h"
#include "engine/transfer/delta_encoder.h"
#include "engine/transfer/delta_ops.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;
using wire::Want;

namespace {

// A file that changes while it is read is read again so many times.
constexpr int kReadsMax = 4;
// Others wait for what is behind it in its bundle.
constexpr auto kRetryWaitMax = std::chrono::milliseconds(1000);

// What a member's entry in the index of a bundle may take, roughly.
constexpr std::size_t kIndexedBytes = 32;

bool same_version(const tree::Metadata& a, const tree::Metadata& b) {
  return may_be_same(a.identity, b.identity) && a.size == b.size && a.mtime == b.mtime &&
         a.ctime == b.ctime;
}

std::unexpected<base::Error> changed() {
  return fail(make_error(ErrorKind::kChanged, "changed while it was read"));
}

}  // namespace

// A small file, read whole to its place in a bundle.
struct SourceSession::Small {
  transfer::BundleWriter& writer;
  std::span<std::byte> content;
  std::optional<tree::Metadata> changed;
};

// Transient faults are tried again, as TARGET does with its own.
bool SourceSession::waits_for(const base::Error& error, unsigned retry) const {
  constexpr unsigned kDoubledMax = 10;
  const apply::Settings& settings = options_.settings;
  if (!base::is_transient(error.kind) || error.kind == ErrorKind::kChanged || ending() ||
      retry >= settings.retries) {
    return false;
  }
  const unsigned doubled = settings.retry_wait_doubles ? std::min(retry, kDoubledMax) : 0;
  const auto wait = settings.retry_wait * (1U << doubled);
  std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(wait, kRetryWaitMax));
  return true;
}

Result<void> SourceSession::read_small(const Found& found, Small& out) {
  for (unsigned retry = 0;; ++retry) {
    auto read = try_read_small(found, out);
    if (read || !waits_for(read.error(), retry)) return read;
  }
}

Result<void> SourceSession::try_read_small(const Found& found, Small& out) {
  tree::Entry entry = *found.entry;
  out.changed.reset();
  for (int read = 0; read < kReadsMax; ++read) {
    ROBOSYNC_ASSIGN(const fs::FilePtr file, found.listed->directory->open_file(entry));
    out.content = out.writer.room(static_cast<std::size_t>(entry.metadata.size));
    ROBOSYNC_ASSIGN(const std::size_t got, file->read_at(out.content, 0));
    ROBOSYNC_ASSIGN(const tree::Metadata now, file->stat());
    if (got == out.content.size() && same_version(now, entry.metadata)) {
      note_streams(*file);
      return out.changed ? check_attributes(found, *file) : Result<void>();
    }
    if (!now.is_regular() || now.size > transfer::kBundledFileBytesMax) return changed();
    entry.metadata = now;
    out.changed = now;
  }
  return changed();
}

Result<void> SourceSession::check_attributes(const Found& found, const fs::File& file) const {
  // Where all are compared each time, the next run sets what is new.
  if (options_.settings.keeps_attributes()) return {};
  const auto& marks = found.listed->attribute_marks;
  const auto index = static_cast<std::size_t>(found.entry - found.listed->entries.data());
  if (index >= marks.size()) return {};
  ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> now, apply::attributes_of(file));
  if (mark_of(now) == marks[index]) return {};
  return fail(make_error(ErrorKind::kChanged, "its alternate data streams changed"));
}

void SourceSession::send_failed(const wire::EntryRef& entry, const base::Error& error) {
  if (ending()) return;
  (void)channel_.send(Type::kFailed, wire::encode(wire::EntryFault{entry, wire::to_fault(error)}));
}

SourceSession::SmallNeeds SourceSession::next_small() {
  const base::MutexLock lock(mutex_);
  while (!ending() && small_.empty()) asked_.wait_for(mutex_, kPoll);
  SmallNeeds next;
  while (!ending() && !small_.empty() && next.bytes < kBundleBytes &&
         next.needs.size() < transfer::kBundleMembersMax &&
         (next.needs.empty() || small_.front().want == next.needs.front().want)) {
    const wire::Need& need = small_.front();
    const auto listed = listed_.find(need.entry.directory);
    if (listed != listed_.end()) {
      const std::size_t at = static_cast<std::size_t>(need.entry.index);
      next.bytes += transfer::bundled_bytes(listed->second->entries[at].metadata.size);
    }
    next.needs.push_back(need);
    small_.pop_front();
  }
  return next;
}

void SourceSession::serve_small() {
  while (!ending()) {
    const SmallNeeds next = next_small();
    if (next.needs.empty()) continue;
    auto sent =
        next.needs.front().want == Want::kDigest ? send_digests(next.needs) : send_bundle(next);
    if (!sent) end(std::move(sent).error());
  }
}

Result<void> SourceSession::send_bundle(const SmallNeeds& next) {
  transfer::BundleWriter writer(next.bytes + next.needs.size() * kIndexedBytes);
  std::vector<wire::BundleMember> members;
  members.reserve(next.needs.size());
  Small small{.writer = writer, .content = {}, .changed = {}};
  for (const wire::Need& need : next.needs) {
    if (ending()) return {};
    auto found = find(need.entry);
    if (!found) return fail(std::move(found).error());
    if (auto read = read_small(*found, small); !read) {
      send_failed(need.entry, read.error());
      continue;
    }
    wire::BundleMember& member = members.emplace_back();
    member.entry = need.entry;
    member.size = small.content.size();
    member.digest = base::xxh3_128(small.content);
    ROBOSYNC_TRY(writer.add());
    member.changed = small.changed;
    if (member.changed) owner_names_.tell(*member.changed);
  }
  if (members.empty()) return {};
  ROBOSYNC_ASSIGN(std::string archive, writer.finish());
  std::string payload = wire::encode_bundle(members, std::move(archive));
  ROBOSYNC_TRY(take_bundle_credit(payload.size()));
  throttle_.take(payload.size(), stopping_);
  return channel_.send(Type::kBundle, std::move(payload));
}

Result<void> SourceSession::send_digests(const std::vector<wire::Need>& needs) {
  wire::DigestBatch batch;
  std::uint64_t read_bytes = 0;
  for (const wire::Need& need : needs) {
    if (ending()) return {};
    ROBOSYNC_ASSIGN(const Found found, find(need.entry));
    const auto digest = [&]() -> Result<base::Digest> {
      ROBOSYNC_ASSIGN(const fs::FilePtr file, found.listed->directory->open_file(*found.entry));
      return transfer::digest_of(*file, found.entry->metadata.size, options_.settings.digest,
                                 stopping_, read_bytes);
    };
    if (auto value = digest()) {
      batch.push_back({need.entry, *value});
    } else {
      send_failed(need.entry, value.error());
    }
  }
  return batch.empty() ? Result<void>() : channel_.send(Type::kDigests, wire::encode(batch));
}

void SourceSession::send_large_digest(const wire::Need& need) {
  auto sent = send_digests({need});
  --large_digests_pending_;
  if (!sent) end(std::move(sent).error());
}

Result<void> SourceSession::take_stream_credit(std::uint32_t stream, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  std::uint64_t& credit = stream_credit_[stream];
  while (!ending() && stream_credit_[stream] < bytes) credited_.wait_for(mutex_, kPoll);
  if (ending()) return fail(make_error(ErrorKind::kCancelled, "stopped"));
  credit -= bytes;
  return {};
}

Result<void> SourceSession::take_bundle_credit(std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  while (!ending() && bundle_credit_ < bytes) credited_.wait_for(mutex_, kPoll);
  if (ending()) return fail(make_error(ErrorKind::kCancelled, "stopped"));
  bundle_credit_ -= bytes;
  return {};
}

void SourceSession::send_large(const wire::Need& need) {
  auto sent = send_content(need);
  {
    const base::MutexLock lock(mutex_);
    stream_credit_.erase(need.stream);
    signing_.erase(need.stream);
  }
  if (sent || ending()) return;
  if (channel_.fault()) return end(std::move(sent).error());
  wire::FileEnd end_message;
  end_message.fault = wire::to_fault(sent.error());
  (void)channel_.send(Type::kFileEnd, wire::encode(end_message), need.stream);
}

// Begin, chunks, end. A fault of the file is its end's to tell.
Result<void> SourceSession::send_content(const wire::Need& need) {
  ROBOSYNC_ASSIGN(const Found found, find(need.entry));
  const bool is_delta = need.want == Want::kDelta;
  wire::FileBegin begin{
      .entry = need.entry, .is_delta = is_delta, .metadata = found.entry->metadata};
  auto file = found.listed->directory->open_file(*found.entry);
  if (file) {
    if (auto now = (*file)->stat(); !now) {
      file = fail(std::move(now).error());
    } else if (now->is_regular()) {
      const bool as_listed = same_version(*now, found.entry->metadata);
      begin.metadata = *now;
      note_streams(**file);
      auto attributes = as_listed ? Result<void>() : check_attributes(found, **file);
      if (!attributes) file = fail(std::move(attributes).error());
    } else {
      file = changed();
    }
  }
  owner_names_.tell(begin.metadata);
  ROBOSYNC_TRY(channel_.send(Type::kFileBegin, wire::encode(begin), need.stream));
  if (!file) return fail(std::move(file).error());
  const auto hasher = base::make_hasher(base::DigestKind::kXxh3_128);
  const std::uint64_t size = begin.metadata.size;
  ROBOSYNC_TRY(is_delta ? send_delta(need, **file, size, *hasher)
                        : send_whole(need, **file, size, *hasher));
  ROBOSYNC_ASSIGN(const tree::Metadata now, (*file)->stat());
  if (!same_version(now, begin.metadata)) return changed();
  wire::FileEnd end_message;
  end_message.digest = hasher->finish();
  return channel_.send(Type::kFileEnd, wire::encode(end_message), need.stream);
}

Result<void> SourceSession::send_chunk(std::uint32_t stream, std::string chunk) {
  ROBOSYNC_TRY(take_stream_credit(stream, chunk.size()));
  throttle_.take(chunk.size(), stopping_);
  return channel_.send(Type::kChunk, std::move(chunk), stream);
}

Result<void> SourceSession::send_whole(const wire::Need& need, const fs::File& file,
                                       std::uint64_t size, base::Hasher& hasher) {
  for (std::uint64_t at = 0; at < size;) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, size - at));
    std::string chunk;
    Result<std::size_t> got = 0;
    chunk.resize_and_overwrite(want, [&](char* data, std::size_t) {
      got = file.read_at(std::as_writable_bytes(std::span(data, want)), at);
      return got ? *got : 0;
    });
    if (!got) return fail(std::move(got).error());
    if (*got == 0) return changed();
    at += *got;
    hasher.add(std::as_bytes(std::span(chunk)));
    ROBOSYNC_TRY(send_chunk(need.stream, std::move(chunk)));
  }
  return {};
}

Result<void> SourceSession::send_delta(const wire::Need& need, const fs::File& file,
                                       std::uint64_t size, base::Hasher& hasher) {
  std::optional<transfer::Signature> signature;
  {
    const base::MutexLock lock(mutex_);
    const auto at = signing_.find(need.stream);
    if (at == signing_.end()) return fail(make_error(ErrorKind::kProtocol, "no signature"));
    signature = std::move(at->second.signature);
    signing_.erase(at);
  }
  transfer::DeltaOpWriter writer(kChunkBytes, [&](std::span<const std::byte> frame) {
    return send_chunk(need.stream,
                      std::string(reinterpret_cast<const char*>(frame.data()), frame.size()));
  });
  transfer::DeltaEncoder encoder(*signature, writer);
  for (std::uint64_t at = 0; at < size;) {
    if (ending()) return fail(make_error(ErrorKind::kCancelled, "stopped"));
    const std::span<std::byte> room = encoder.room();
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), size - at));
    ROBOSYNC_ASSIGN(const std::size_t got, file.read_at(room.first(want), at));
    if (got == 0) return changed();
    hasher.add(room.first(got));
    ROBOSYNC_TRY(encoder.advance(got));
    at += got;
  }
  ROBOSYNC_TRY(encoder.finish());
  return writer.flush();
}

// What has landed is removed here, once its content is proven to be ours.
void SourceSession::remove(const wire::Remove& remove) {
  wire::Removed answer{.entry = remove.entry, .fault = {}};
  if (auto removed = remove_proven(remove); !removed) {
    answer.fault = wire::to_fault(removed.error());
  }
  (void)channel_.send(Type::kRemoved, wire::encode(answer));
  --removals_pending_;
}

Result<void> SourceSession::remove_proven(const wire::Remove& remove) {
  ROBOSYNC_ASSIGN(const Found found, find(remove.entry));
  const scan::SourceDirectory& directory = *found.listed->directory;
  const tree::Entry& entry = *found.entry;
  // TARGET says so of what it has been sent.
  const bool sends_none =
      options_.settings.keep_native_attributes && !channel_.peer_has_native_attributes();
  if (remove.is_directory) {
    fs::Directory& parent = directory.directory_of(entry);
    if (options_.settings.keep_native_attributes) {
      ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> own,
                      apply::entry_attributes(parent, directory.name_of(entry)));
      if (sends_none) ROBOSYNC_TRY(check_streams_landed({}, own, options_.settings));
      if (!sends_none && mark_of(own) != found.listed->attribute_marks[remove.entry.index]) {
        return kept_at_source("it changed since it was read", ErrorKind::kChanged);
      }
    }
    return parent.remove_directory(directory.name_of(entry));
  }
  if (entry.metadata.is_regular()) {
    ROBOSYNC_ASSIGN(const fs::FilePtr file, directory.open_file(entry));
    if (sends_none) {
      ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> own, apply::attributes_of(*file));
      ROBOSYNC_TRY(check_streams_landed({}, own, options_.settings));
    }
    std::uint64_t read_bytes = 0;
    ROBOSYNC_ASSIGN(const base::Digest ours,
                    transfer::digest_of(*file, entry.metadata.size, base::DigestKind::kSha256,
                                        stopping_, read_bytes));
    if (remove.size != entry.metadata.size || !(ours == remove.digest)) return content_differs();
  }
  return remove_if_unchanged(directory, entry);
}

}  // namespace robosync::session
