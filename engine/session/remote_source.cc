#include "engine/session/remote_source.h"

#include <algorithm>
#include <utility>

#include "engine/session/remote_node.h"
#include "engine/transfer/bundle.h"
#include "engine/tree/staging_name.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;
using wire::Want;

RemoteSource::RemoteSource(RunContext& context, Channel& channel, OwnerIds& owners)
    : context_(context), channel_(channel), owners_(owners) {
  context_.wait_for_source = [this] { wait(); };
  context_.source_pending = [this] { return pending() != 0; };
  channel_.set_collector([this] { collect(); });
}

RemoteSource::~RemoteSource() {
  channel_.set_collector(nullptr);
  lose(make_error(ErrorKind::kCancelled, "the session has ended"));
  context_.wait_idle();
  context_.wait_for_source = nullptr;
  context_.source_pending = nullptr;
}

std::shared_ptr<SourceNode> RemoteSource::root(std::string single_name) {
  return std::make_shared<RemoteNode>(*this, kRootKey, tree::RelPath(), std::move(single_name));
}

// What the flow asks for

void RemoteSource::await_record(Key key, RecordThen then) {
  Result<Record> there = fail(base::Error{});
  {
    const base::MutexLock lock(mutex_);
    ++pending_;
    if (lost_) {
      there = fail(*lost_);
    } else if (const auto at = records_.find(key); at != records_.end()) {
      there = std::move(at->second);
      records_.erase(at);
    } else {
      waiting_.emplace(key, std::move(then));
      // The receiving thread fails with that, and loses us.
      if (scan_ended_) {
        channel_.abort(make_error(ErrorKind::kProtocol, "a directory without a record"));
      }
      if (building_key_ == key) credit_entries(std::exchange(building_credit_, 0));
      return;
    }
  }
  answer<Record>(std::move(then), std::move(there));
}

void RemoteSource::fetch(std::uint64_t directory, Fetch fetch, fs::FilePtr basis) {
  const Key key{directory, fetch.entry.origin};
  if (basis) return fetch_delta(key, std::move(fetch), std::move(basis));
  wire::Need need{.entry = {key.first, key.second}, .want = Want::kContent, .stream = 0};
  {
    const base::MutexLock lock(mutex_);
    ++pending_;
    if (lost_) return answer<void>(std::move(fetch.then), fail(*lost_));
    if (fetch.entry.metadata.size > transfer::kBundledFileBytesMax) {
      need.stream = next_stream_++;
      auto stream =
          std::make_shared<IncomingFile>(channel_, need.stream, IncomingFile::Form::kWhole);
      contents_[key].stream = stream;
      streams_.emplace(need.stream, std::move(stream));
      large_needs_.push_back({need, fetch.entry.metadata.size});
      ask_for_large();
    } else {
      needs_.push_back(need);
    }
    fetches_.emplace(key, std::move(fetch));
  }
  channel_.wake();
}

void RemoteSource::ask_for_large() {
  while (!large_needs_.empty()) {
    const auto& [need, file_bytes] = large_needs_.front();
    if (!take_room({need.entry.directory, need.entry.index}, file_bytes)) return;
    needs_.push_back(need);
    large_needs_.pop_front();
  }
}

bool RemoteSource::take_room(Key key, std::uint64_t file_bytes) {
  const std::uint64_t room = std::min(file_bytes, kStreamWindow);
  if (large_asked_bytes_ + room > kLargeWindow) return false;
  const auto content = contents_.find(key);
  if (content == contents_.end()) return true;
  content->second.room = room;
  large_asked_bytes_ += room;
  return true;
}

void RemoteSource::forget_content(Key key) {
  const auto content = contents_.find(key);
  if (content == contents_.end()) return;
  large_asked_bytes_ -= content->second.room;
  contents_.erase(content);
  ask_for_large();
  changed_.notify_all();
  channel_.wake();
}

RemoteSource::Then<base::Digest> RemoteSource::apart(Then<base::Digest> then) {
  return [this, then = std::move(then)](Result<base::Digest> digest) mutable {
    {
      const base::MutexLock lock(mutex_);
      ++pending_;
    }
    large_digests_.submit([this, then = std::move(then), digest = std::move(digest)]() mutable {
      then(std::move(digest));
      then = nullptr;
      ended();
    });
  };
}

void RemoteSource::digest(Key key, std::uint64_t file_bytes, Then<base::Digest> then) {
  if (file_bytes > transfer::kBundledFileBytesMax) then = apart(std::move(then));
  {
    const base::MutexLock lock(mutex_);
    ++pending_;
    if (lost_) return answer<base::Digest>(std::move(then), fail(*lost_));
    digests_.emplace(key, std::move(then));
    needs_.push_back({.entry = {key.first, key.second}, .want = Want::kDigest, .stream = 0});
  }
  channel_.wake();
}

void RemoteSource::remove(const wire::Remove& remove, Then<void> then) {
  {
    const base::MutexLock lock(mutex_);
    ++pending_;
    if (lost_) return answer<void>(std::move(then), fail(*lost_));
    removes_.emplace(Key{remove.entry.directory, remove.entry.index}, std::move(then));
  }
  channel_.post(Type::kRemove, wire::encode(remove));
}

void RemoteSource::done(std::uint64_t directory) {
  const base::MutexLock lock(mutex_);
  done_.push_back(directory);
  forget(directory);
  wake_if_due();
}

void RemoteSource::pass_over(Key key) {
  const base::MutexLock lock(mutex_);
  const auto at = records_.find(key);
  if (at == records_.end()) {
    passed_over_.insert(key);
    if (building_key_ == key) credit_entries(std::exchange(building_credit_, 0));
    return;
  }
  const std::uint64_t id = at->second.id;
  credit_entries(at->second.credit);
  records_.erase(at);
  done_.push_back(id);
  forget(id);
}

bool RemoteSource::is_unwanted(Key key) const {
  return passed_over_.contains(key) || (key != kRootKey && !open_.contains(key.first));
}

// Nobody asks for what is below it any more: what has arrived of that goes, with all below.
void RemoteSource::forget(std::uint64_t directory) {
  std::vector<std::uint64_t> gone = {directory};
  while (!gone.empty()) {
    const std::uint64_t id = gone.back();
    gone.pop_back();
    open_.erase(id);
    const Key first{id, 0};
    const Key last{id, UINT64_MAX};
    passed_over_.erase(passed_over_.lower_bound(first), passed_over_.upper_bound(last));
    const auto begin = records_.lower_bound(first);
    const auto end = records_.upper_bound(last);
    for (auto at = begin; at != end; ++at) {
      credit_entries(at->second.credit);
      done_.push_back(at->second.id);
      gone.push_back(at->second.id);
    }
    records_.erase(begin, end);
    if (building_key_ && building_key_->first == id) {
      credit_entries(std::exchange(building_credit_, 0));
    }
  }
}

// A large file whose first transfer failed, once more.
std::shared_ptr<IncomingFile> RemoteSource::fetch_again(Key key) {
  std::shared_ptr<IncomingFile> stream;
  {
    const base::MutexLock lock(mutex_);
    const std::uint32_t number = next_stream_++;
    stream = std::make_shared<IncomingFile>(channel_, number, IncomingFile::Form::kWhole);
    if (lost_) stream->lose(*lost_);
    contents_[key].stream = stream;
    streams_.emplace(number, stream);
    needs_.push_back({.entry = {key.first, key.second}, .want = Want::kContent, .stream = number});
  }
  channel_.wake();
  return stream;
}

Result<fs::FilePtr> RemoteSource::open(Key key, const tree::Entry& entry,
                                       std::vector<fs::Xattr> xattrs) {
  Content content;
  {
    const base::MutexLock lock(mutex_);
    const auto at = contents_.find(key);
    if (at == contents_.end()) {
      return fail(make_error(ErrorKind::kIo, "its content was not asked for"));
    }
    content = at->second;
  }
  const auto differs = [&](const tree::Metadata& now) {
    return now.size != entry.metadata.size || now.mtime != entry.metadata.mtime;
  };
  const auto changed = [] { return fail(make_error(ErrorKind::kChanged, "changed meanwhile")); };
  if (!content.stream) {
    if (content.changed && differs(*content.changed)) return changed();
    return make_memory_file(content.owner, content.bytes, content.digest, entry.metadata,
                            std::move(xattrs));
  }
  std::optional<base::Workers::Wait> wait;
  if (content.stream->was_taken()) {
    content.stream = fetch_again(key);
    // It comes when the source has sent files before it, which others here may have to read.
    wait.emplace(large_);
  }
  ROBOSYNC_ASSIGN(const tree::Metadata now, content.stream->metadata());
  if (differs(now)) return changed();
  content.stream->take();
  return make_stream_file(content.stream, content.basis, entry.metadata, std::move(xattrs));
}

tree::Entry RemoteSource::as_read(Key key, const tree::Entry& entry) {
  tree::Entry now = entry;
  std::shared_ptr<IncomingFile> stream;
  std::optional<tree::Metadata> read;
  {
    const base::MutexLock lock(mutex_);
    const auto at = contents_.find(key);
    if (at == contents_.end()) return now;
    read = at->second.changed;
    stream = at->second.stream;
  }
  if (stream && !stream->was_taken()) {
    if (auto metadata = stream->metadata()) read = *metadata;
  }
  if (!read) return now;
  now.metadata.size = read->size;
  now.metadata.allocated_bytes = read->size;
  now.metadata.mtime = read->mtime;
  now.metadata.mode = read->mode;
  now.metadata.uid = read->uid;
  now.metadata.gid = read->gid;
  return now;
}

// What goes to the peer

void RemoteSource::give_credit(std::uint64_t entries, std::uint64_t bundle_bytes) {
  const base::MutexLock lock(mutex_);
  credit_.bundle_bytes += bundle_bytes;
  bundle_bytes_held_ -= std::min(bundle_bytes, bundle_bytes_held_);
  credit_entries(entries);
}

void RemoteSource::credit_entries(std::uint64_t entries) {
  credit_.entries += entries;
  entries_held_ -= std::min(entries, entries_held_);
  wake_if_due();
}

// What was asked for is remembered until it comes: while that is much, no more of the manifest is
// asked for. Contents need no credit of the manifest, so they go on coming.
std::uint64_t RemoteSource::entries_due() const {
  return fetches_.size() + digests_.size() < kAskedMax ? credit_.entries : 0;
}

void RemoteSource::wake_if_due() {
  constexpr std::uint64_t kShare = 8;
  if (entries_due() >= kManifestWindow / kShare || credit_.bundle_bytes >= kBundleWindow / kShare ||
      done_.size() >= kOpenDirectoriesMax / kShare) {
    channel_.wake();
  }
}

void RemoteSource::collect() {
  wire::NeedBatch needs;
  wire::DirectoryIds done;
  wire::Credit credit;
  {
    const base::MutexLock lock(mutex_);
    needs.swap(needs_);
    done.swap(done_);
    credit.entries = entries_due();
    credit_.entries -= credit.entries;
    credit.bundle_bytes = std::exchange(credit_.bundle_bytes, 0);
  }
  const auto batches = [&](auto& all, Type type) {
    for (std::size_t at = 0; at < all.size(); at += wire::kBatchMax) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
      const auto end = begin + static_cast<std::ptrdiff_t>(
                                   std::min<std::size_t>(wire::kBatchMax, all.size() - at));
      channel_.post(type, wire::encode(std::remove_reference_t<decltype(all)>(begin, end)));
    }
  };
  batches(needs, Type::kNeed);
  if (credit.entries + credit.bundle_bytes > 0) {
    channel_.post(Type::kCredit, wire::encode(credit));
  }
  batches(done, Type::kDirectoryDone);
}

// How answers get to the flow

template <typename T>
void RemoteSource::answer(Then<T> then, Result<T> result) {
  context_.pool.submit([this, then = std::move(then), result = std::move(result)]() mutable {
    then(std::move(result));
    then = nullptr;
    ended();
  });
}

template void RemoteSource::answer(Then<void>, Result<void>);
template void RemoteSource::answer(Then<base::Digest>, Result<base::Digest>);
template void RemoteSource::answer(Then<Record>, Result<Record>);

void RemoteSource::ended(std::size_t count) {
  const base::MutexLock lock(mutex_);
  wake_if_due();
  pending_ -= count;
  if (pending_ == 0) changed_.notify_all();
}

std::size_t RemoteSource::pending() {
  const base::MutexLock lock(mutex_);
  return pending_;
}

void RemoteSource::wait() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      if (pending_ > 0) changed_.wait_for(mutex_, kPoll);
      if (pending_ == 0) return;
    }
    if (context_.stopping()) lose(make_error(ErrorKind::kCancelled, "stopped"));
  }
}

void RemoteSource::lose(const base::Error& error) {
  std::map<Key, RecordThen> waiting;
  ByKey<Fetch> fetches;
  ByKey<Then<base::Digest>> digests;
  ByKey<Then<void>> removes;
  std::vector<std::shared_ptr<IncomingFile>> streams;
  {
    const base::MutexLock lock(mutex_);
    if (!lost_) lost_ = error;
    waiting.swap(waiting_);
    fetches.swap(fetches_);
    digests.swap(digests_);
    removes.swap(removes_);
    for (const auto& [number, stream] : streams_) streams.push_back(stream);
  }
  for (const auto& stream : streams) stream->lose(error);
  for (auto& [key, then] : waiting) answer<Record>(std::move(then), fail(error));
  for (auto& [key, fetch] : fetches) answer<void>(std::move(fetch.then), fail(error));
  for (auto& [key, then] : digests) answer<base::Digest>(std::move(then), fail(error));
  for (auto& [key, then] : removes) answer<void>(std::move(then), fail(error));
}

}  // namespace robosync::session
