#include "engine/session/source_session.h"

#include <utility>

#include "engine/transfer/bundle.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;
using wire::Want;

namespace {

constexpr unsigned kSmallThreads = 2;

std::unexpected<base::Error> protocol(const char* text) {
  return fail(make_error(ErrorKind::kProtocol, text));
}

}  // namespace

SourceSession::~SourceSession() {
  end(std::nullopt);
  if (walker_.joinable()) walker_.join();
  for (std::thread& thread : small_threads_) thread.join();
  large_.stop();
  large_digests_.stop();
  removals_.stop();
}

void SourceSession::end(std::optional<base::Error> error) {
  stopping_.request();
  {
    const base::MutexLock lock(mutex_);
    asked_.notify_all();
    credited_.notify_all();
  }
  if (error && error->kind != ErrorKind::kCancelled) channel_.abort(std::move(*error));
}

Result<Frame> SourceSession::run(SourceRoots roots,
                                 const std::shared_ptr<const tree::FilterScope>& filter, Warn warn,
                                 const Other& other) {
  warn_ = warn;
  walker_ = std::thread([this, roots = std::move(roots), filter, warn]() mutable {
    walk(std::move(roots), filter, warn);
  });
  for (unsigned i = 0; i < kSmallThreads; ++i) {
    small_threads_.emplace_back([this] { serve_small(); });
  }
  const auto receive = [&]() -> Result<Frame> {
    for (;;) {
      ROBOSYNC_ASSIGN(Frame frame, channel_.receive());
      if (frame.type == Type::kEnd) return frame;
      ROBOSYNC_ASSIGN(const bool ours, handle(frame));
      if (!ours) ROBOSYNC_TRY(other(frame));
    }
  };
  auto received = receive();
  end(received ? std::nullopt : std::optional(received.error()));
  return received;
}

Result<bool> SourceSession::handle(const Frame& frame) {
  switch (frame.type) {
    case Type::kNeed:
      ROBOSYNC_TRY(take_needs(frame));
      return true;
    case Type::kSignature:
      ROBOSYNC_TRY(take_signature(frame));
      return true;
    case Type::kCredit:
      ROBOSYNC_TRY(take_credit(frame));
      return true;
    case Type::kDirectoryDone:
      ROBOSYNC_TRY(take_done(frame));
      return true;
    case Type::kRemove:
      ROBOSYNC_TRY(take_remove(frame));
      return true;
    default:
      return false;
  }
}

Result<SourceSession::Found> SourceSession::find(const wire::EntryRef& ref) {
  const base::MutexLock lock(mutex_);
  const auto at = listed_.find(ref.directory);
  if (at == listed_.end() || ref.index >= at->second->entries.size()) {
    return protocol("an entry was asked for that was not offered");
  }
  return Found{at->second, &at->second->entries[static_cast<std::size_t>(ref.index)]};
}

Result<void> SourceSession::take_needs(const Frame& frame) {
  ROBOSYNC_ASSIGN(const wire::NeedBatch needs, wire::decode<wire::NeedBatch>(frame.bytes()));
  for (const wire::Need& need : needs) {
    ROBOSYNC_ASSIGN(const Found found, find(need.entry));
    if (!found.entry->metadata.is_regular()) return protocol("content of what has none");
    if (need.stream != 0) {
      if (need.want == Want::kDigest) return protocol("a digest on a stream");
      {
        const base::MutexLock lock(mutex_);
        if (need.want == Want::kDelta) {
          if (signing_.size() >= kStreamsMax) return protocol("too many deltas at once");
          signing_.emplace(need.stream, Signing{need, {}, {}});
        }
        if (!stream_credit_.emplace(need.stream, kStreamWindow).second) {
          return protocol("a stream that is in use");
        }
        if (stream_credit_.size() > kNeedsMax) return protocol("too much is asked for");
      }
      if (need.want == Want::kContent) large_.submit([this, need] { send_large(need); });
      continue;
    }
    if (need.want == Want::kDelta) return protocol("a delta without a stream");
    if (found.entry->metadata.size > transfer::kBundledFileBytesMax) {
      if (need.want == Want::kContent) return protocol("a large file without a stream");
      if (++large_digests_pending_ > kNeedsMax) return protocol("too much is asked for");
      large_digests_.submit([this, need] { send_large_digest(need); });
      continue;
    }
    const base::MutexLock lock(mutex_);
    if (small_.size() >= kNeedsMax) return protocol("too much is asked for");
    small_.push_back(need);
  }
  const base::MutexLock lock(mutex_);
  if (!small_.empty()) asked_.notify_all();
  return {};
}

Result<void> SourceSession::take_signature(const Frame& frame) {
  const base::MutexLock lock(mutex_);
  const auto at = signing_.find(frame.stream);
  if (at == signing_.end() || at->second.signature) return protocol("a signature of nothing");
  Signing& signing = at->second;
  if (!signing.reader) {
    constexpr std::size_t kHeader = transfer::Signature::kHeaderBytes;
    if (frame.payload.size() != kHeader) return protocol("a signature without its header");
    ROBOSYNC_ASSIGN(signing.reader,
                    transfer::SignatureReader::start(frame.bytes().first<kHeader>()));
  } else {
    ROBOSYNC_TRY(signing.reader->add(frame.bytes()));
  }
  if (signing.reader->missing_bytes() > 0) return {};
  ROBOSYNC_ASSIGN(signing.signature, signing.reader->finish());
  signing.reader.reset();
  large_.submit([this, need = signing.need] { send_large(need); });
  return {};
}

Result<void> SourceSession::take_credit(const Frame& frame) {
  ROBOSYNC_ASSIGN(const wire::Credit credit, wire::decode<wire::Credit>(frame.bytes()));
  const base::MutexLock lock(mutex_);
  // What was taken comes back, and no more.
  const auto fits = [](std::uint64_t have, std::uint64_t more, std::uint64_t window) {
    return more <= window - have;
  };
  const auto stream = stream_credit_.find(credit.stream);
  const bool has_stream = stream != stream_credit_.end();  // it may have ended meanwhile
  if (!fits(entry_credit_, credit.entries, kManifestWindow) ||
      !fits(bundle_credit_, credit.bundle_bytes, kBundleWindow) ||
      (has_stream && !fits(stream->second, credit.stream_bytes, kStreamWindow))) {
    return protocol("more credit than was taken");
  }
  entry_credit_ += credit.entries;
  bundle_credit_ += credit.bundle_bytes;
  if (has_stream) stream->second += credit.stream_bytes;
  credited_.notify_all();
  return {};
}

Result<void> SourceSession::take_done(const Frame& frame) {
  ROBOSYNC_ASSIGN(const wire::DirectoryIds ids, wire::decode<wire::DirectoryIds>(frame.bytes()));
  std::vector<ListedPtr> closed;  // outside the lock
  const base::MutexLock lock(mutex_);
  for (const std::uint64_t id : ids) {
    if (id >= next_id_) return protocol("done with a directory that was not offered");
    const auto at = listed_.find(id);
    if (at == listed_.end()) continue;  // it could not be listed
    closed.push_back(std::move(at->second));
    listed_.erase(at);
  }
  credited_.notify_all();
  return {};
}

Result<void> SourceSession::take_remove(const Frame& frame) {
  if (options_.goal != Goal::kMove || options_.dry_run) return protocol("removal in no move");
  ROBOSYNC_ASSIGN(const wire::Remove remove_it, wire::decode<wire::Remove>(frame.bytes()));
  ROBOSYNC_ASSIGN(const Found found, find(remove_it.entry));
  if (remove_it.is_directory != found.entry->metadata.is_directory()) {
    return protocol("removal of something else");
  }
  if (++removals_pending_ > kNeedsMax) return protocol("too much is asked for");
  removals_.submit([this, remove_it] { remove(remove_it); });
  return {};
}

}  // namespace robosync::session
