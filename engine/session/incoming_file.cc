#include "engine/session/incoming_file.h"

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

Result<void> IncomingFile::begin(const tree::Metadata& metadata, Form form) {
  const base::MutexLock lock(mutex_);
  if (metadata_) return protocol("a file that begins twice");
  if (form != form_) return protocol("a file in another form than was asked for");
  metadata_ = metadata;
  changed_.notify_all();
  return {};
}

Result<void> IncomingFile::add(std::string chunk) {
  const std::uint64_t bytes = chunk.size();
  {
    const base::MutexLock lock(mutex_);
    if (!metadata_ || digest_ || fault_) return protocol("a chunk of no file");
    if (bytes == 0) return protocol("a chunk of nothing");
    arrived_ += bytes;
    if (form_ == Form::kWhole && arrived_ > metadata_->size) {
      return protocol("more than was announced");
    }
    if (!abandoned_) {
      held_ += bytes;
      if (held_ > kStreamWindow) return protocol("more of a file than agreed");
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
    if (form_ == Form::kWhole && arrived_ != metadata_->size) {
      return protocol("less than was announced");
    }
    digest_ = *digest;
  }
  changed_.notify_all();
  return {};
}

void IncomingFile::lose(const base::Error& error) {
  const base::MutexLock lock(mutex_);
  if (!fault_ && !digest_) {
    fault_ = error;
    lost_ = error.kind == ErrorKind::kConnection || error.kind == ErrorKind::kTimeout;
  }
  changed_.notify_all();
}

void IncomingFile::abandon() {
  std::uint64_t dropped = 0;
  {
    const base::MutexLock lock(mutex_);
    abandoned_ = true;
    for (const std::string& chunk : chunks_) dropped += chunk.size();
    chunks_.clear();
    held_ = 0;
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

void IncomingFile::give_credit(std::uint64_t bytes) {
  wire::Credit credit;
  credit.stream = stream_;
  credit.stream_bytes = bytes;
  channel_.post(wire::Type::kCredit, wire::encode(credit));
}

Result<std::string> IncomingFile::next_chunk() {
  std::string chunk;
  {
    const base::MutexLock lock(mutex_);
    while (chunks_.empty() && !fault_ && !digest_) changed_.wait(mutex_);
    // What came before the source gave the file up counts for nothing; what came before the
    // connection was lost a later run can go on from.
    if (fault_ && (!lost_ || chunks_.empty())) return fail(*fault_);
    if (chunks_.empty()) return chunk;
    chunk = std::move(chunks_.front());
    chunks_.pop_front();
    credit_due_ += chunk.size();
    if (credit_due_ < kCreditBytes) return chunk;
    held_ -= credit_due_;
  }
  give_credit(std::exchange(credit_due_, 0));
  return chunk;
}

Result<base::Digest> IncomingFile::await_end() {
  const base::MutexLock lock(mutex_);
  while (!fault_ && !digest_) changed_.wait(mutex_);
  if (fault_) return fail(*fault_);
  return *digest_;
}

}  // namespace robosync::session
