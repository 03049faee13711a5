#include "engine/session/incoming_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/session/limits.h"
#include "engine/wire/message.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

// Credit goes back in pieces: a frame per chunk would double the frames.
constexpr std::uint64_t kCreditBytes = kStreamWindow / 8;

std::unexpected<base::Error> protocol(const char* text) {
  return fail(make_error(ErrorKind::kProtocol, text));
}

}  // namespace

Result<void> IncomingFile::begin(const tree::Metadata& metadata) {
  const base::MutexLock lock(mutex_);
  if (metadata_) return protocol("a file that begins twice");
  metadata_ = metadata;
  changed_.notify_all();
  return {};
}

Result<void> IncomingFile::add(std::string chunk) {
  const std::uint64_t bytes = chunk.size();
  {
    const base::MutexLock lock(mutex_);
    if (!metadata_ || digest_ || fault_) return protocol("a chunk of no file");
    arrived_ += bytes;
    if (arrived_ > metadata_->size || bytes == 0) return protocol("more than was announced");
    if (!abandoned_) {
      chunks_.push_back(std::move(chunk));
      changed_.notify_all();
      return {};
    }
  }
  give_credit(bytes);
  return {};
}

Result<void> IncomingFile::finish(const Result<base::Digest>& digest) {
  const base::MutexLock lock(mutex_);
  if (!metadata_ || digest_ || fault_) return protocol("an end of no file");
  if (!digest) {
    fault_ = digest.error();
  } else {
    if (arrived_ != metadata_->size) return protocol("less than was announced");
    digest_ = *digest;
  }
  changed_.notify_all();
  return {};
}

void IncomingFile::lose(const base::Error& error) {
  const base::MutexLock lock(mutex_);
  if (!fault_ && !digest_) fault_ = error;
  changed_.notify_all();
}

void IncomingFile::abandon() {
  std::uint64_t dropped = 0;
  {
    const base::MutexLock lock(mutex_);
    abandoned_ = true;
    for (const std::string& chunk : chunks_) dropped += chunk.size();
    chunks_.clear();
  }
  if (dropped > 0) give_credit(dropped);
}

Result<tree::Metadata> IncomingFile::metadata() {
  const base::MutexLock lock(mutex_);
  while (!metadata_ && !fault_) changed_.wait(mutex_);
  if (metadata_) return *metadata_;
  return fail(*fault_);
}

void IncomingFile::take() {
  const base::MutexLock lock(mutex_);
  taken_ = true;
}

bool IncomingFile::was_taken() {
  const base::MutexLock lock(mutex_);
  return taken_;
}

base::Digest IncomingFile::digest() {
  const base::MutexLock lock(mutex_);
  return digest_.value_or(base::Digest{});
}

void IncomingFile::give_credit(std::uint64_t bytes) {
  wire::Credit credit;
  credit.stream = stream_;
  credit.stream_bytes = bytes;
  channel_.post(wire::Type::kCredit, wire::encode(credit));
}

Result<void> IncomingFile::wait_for_chunk() {
  while (chunks_.empty() && !fault_ && !digest_) changed_.wait(mutex_);
  // What came before a fault counts for nothing.
  if (fault_) return fail(*fault_);
  return {};
}

Result<std::size_t> IncomingFile::read(std::span<std::byte> out) {
  std::size_t done = 0;
  if (!hasher_) hasher_ = base::make_hasher(base::DigestKind::kXxh3_128);
  while (done < out.size()) {
    std::string chunk;
    {
      const base::MutexLock lock(mutex_);
      ROBOSYNC_TRY(wait_for_chunk());
      if (chunks_.empty()) break;
      chunk = std::move(chunks_.front());
      chunks_.pop_front();
    }
    const std::size_t count = std::min(out.size() - done, chunk.size() - taken_of_first_);
    const auto bytes = std::as_bytes(std::span(chunk)).subspan(taken_of_first_, count);
    std::memcpy(out.data() + done, bytes.data(), count);
    hasher_->add(bytes);
    done += count;
    const base::MutexLock lock(mutex_);
    taken_of_first_ += count;
    if (taken_of_first_ == chunk.size()) {
      taken_of_first_ = 0;
      credit_due_ += chunk.size();
    } else {
      chunks_.push_front(std::move(chunk));
    }
  }
  if (done == 0) return done;
  read_ += done;
  if (credit_due_ >= kCreditBytes) give_credit(std::exchange(credit_due_, 0));
  const base::MutexLock lock(mutex_);
  if (read_ < metadata_->size) return done;
  while (!fault_ && !digest_) changed_.wait(mutex_);
  if (fault_) return fail(*fault_);
  if (!(hasher_->finish() == *digest_)) {
    return fail(make_error(ErrorKind::kCorrupt, "what arrived is not what was sent"));
  }
  return done;
}

namespace {

class MemoryFile final : public transfer::ReceivedFile {
 public:
  MemoryFile(std::shared_ptr<const std::string> owner, std::span<const std::byte> bytes,
             const base::Digest& digest, const tree::Metadata& metadata,
             std::vector<fs::Xattr> xattrs)
      : ReceivedFile(metadata, std::move(xattrs)),
        owner_(std::move(owner)),
        bytes_(bytes),
        digest_(digest) {}

  base::Digest content_digest() const override { return digest_; }
  Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset) const override {
    const std::size_t begin = std::min<std::uint64_t>(offset, bytes_.size());
    const std::size_t count = std::min(out.size(), bytes_.size() - begin);
    if (count > 0) std::memcpy(out.data(), bytes_.data() + begin, count);
    return count;
  }

 private:
  std::shared_ptr<const std::string> owner_;
  std::span<const std::byte> bytes_;
  base::Digest digest_;
};

class StreamFile final : public transfer::ReceivedFile {
 public:
  StreamFile(std::shared_ptr<IncomingFile> incoming, const tree::Metadata& metadata,
             std::vector<fs::Xattr> xattrs)
      : ReceivedFile(metadata, std::move(xattrs)), incoming_(std::move(incoming)) {}
  ~StreamFile() override { incoming_->abandon(); }

  base::Digest content_digest() const override { return incoming_->digest(); }
  Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset) const override {
    if (offset != at_) {
      return fail(make_error(ErrorKind::kUnsupported, "a stream is read in order, once"));
    }
    ROBOSYNC_ASSIGN(const std::size_t got, incoming_->read(out));
    at_ += got;
    return got;
  }

 private:
  std::shared_ptr<IncomingFile> incoming_;
  mutable std::uint64_t at_ = 0;
};

}  // namespace

fs::FilePtr make_memory_file(std::shared_ptr<const std::string> owner,
                             std::span<const std::byte> bytes, const base::Digest& digest,
                             const tree::Metadata& metadata, std::vector<fs::Xattr> xattrs) {
  return std::make_unique<MemoryFile>(std::move(owner), bytes, digest, metadata, std::move(xattrs));
}

fs::FilePtr make_stream_file(std::shared_ptr<IncomingFile> incoming, const tree::Metadata& metadata,
                             std::vector<fs::Xattr> xattrs) {
  return std::make_unique<StreamFile>(std::move(incoming), metadata, std::move(xattrs));
}

}  // namespace robosync::session
