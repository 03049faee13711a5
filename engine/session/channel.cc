#include "engine/session/channel.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/allocator.h"
#include "engine/base/check.h"
#include "engine/wire/compression.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

// More than a header and some small frames is better read to where it belongs.
constexpr std::size_t kReadAheadBytes = 32 * 1024;
// Frames of one write: more pieces than the system takes at once gain nothing.
constexpr std::size_t kFramesPerWriteMax = 256;
// A link that carries more, in bytes a second, does so faster than one core compresses.
constexpr std::uint64_t kFastLink = 150'000'000;
// Queued behind what is being written: the link is slower than we are.
constexpr std::size_t kBacklogBytes = 512 * 1024;
// The same as long as its rate is not known: a slow one has to be told from a fast one early, or a
// few megabytes are queued before it is.
constexpr std::size_t kFirstBacklogBytes = 128 * 1024;
// After a payload that did not shrink.
constexpr unsigned kPassUncompressed = 16;
// A write of less than this is little. After some of them, each close behind the one before, little
// waits for company: each write wakes the other side, and a shell in between several times.
constexpr std::size_t kLittleBytes = 32 * 1024;
constexpr unsigned kLittleWrites = 16;
constexpr std::chrono::microseconds kGatherTime{500};
// Rates are taken over writes of some size only, and over some time.
constexpr std::size_t kRateBytesMin = 64 * 1024;
constexpr std::chrono::milliseconds kRateTimeMin{10};

// The digests of what is in it tell of damage, so that a checksum would only cost time.
bool has_digests(wire::Type type) {
  return type == wire::Type::kChunk || type == wire::Type::kBundle;
}

}  // namespace

Channel::Channel(net::StreamPtr stream, Heartbeats heartbeats)
    : stream_(std::move(stream)),
      checksums_(!stream_->is_secure()),
      heartbeats_(heartbeats),
      buffer_(kReadAheadBytes),
      writer_([this] { write_loop(); }) {
  base::keep_freed_memory();
}

Channel::~Channel() {
  if (!stream_) return;  // released
  abort(make_error(ErrorKind::kCancelled, "the session has ended"));
  writer_.join();
}

// Contents and the manifest, where the link is what everything waits for.
bool Channel::worth_compressing(wire::Type type, std::size_t bytes) {
  const bool compressible =
      type == wire::Type::kBundle || type == wire::Type::kChunk || type == wire::Type::kDirectory;
  if (!compressible || !compression_agreed_ || never_compress_ ||
      bytes < wire::kCompressedBytesMin) {
    return false;
  }
  const std::uint64_t rate = link_rate_;
  if (rate > kFastLink) return false;
  if (not_shrinking_ > 0) {
    --not_shrinking_;
    return false;
  }
  const base::MutexLock lock(mutex_);
  return queued_bytes_ >= (rate == 0 ? kFirstBacklogBytes : kBacklogBytes);
}

Channel::Queued Channel::make(wire::Type type, std::string payload, std::uint32_t stream) {
  ROBOSYNC_CHECK(payload.size() <= wire::kFrameBytesMax);
  wire::FrameHeader header;
  header.type = type;
  if (worth_compressing(type, payload.size())) {
    if (auto small = wire::compressed(payload)) {
      payload = std::move(*small);
      header.flags = wire::kFlagCompressed;
    } else {
      not_shrinking_ = kPassUncompressed;
    }
  }
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.stream = stream;
  if (checksums_ && !has_digests(type))
    header.checksum = wire::payload_checksum(std::as_bytes(std::span(payload)));
  return {wire::encode(header), std::move(payload)};
}

Result<void> Channel::send(wire::Type type, std::string payload, std::uint32_t stream) {
  Queued queued = make(type, std::move(payload), stream);
  const base::MutexLock lock(mutex_);
  while (!fault_ && !ending_ && queued_bytes_ >= kQueuedBytesMax) changed_.wait(mutex_);
  if (fault_) return fail(*fault_);
  if (ending_) return fail(make_error(ErrorKind::kCancelled, "the session has ended"));
  queued_bytes_ += queued.payload.size() + wire::kFrameHeaderBytes;
  queue_.push_back(std::move(queued));
  changed_.notify_all();
  return {};
}

void Channel::post(wire::Type type, std::string payload, std::uint32_t stream) {
  Queued queued = make(type, std::move(payload), stream);
  const base::MutexLock lock(mutex_);
  if (fault_ || ending_) return;
  queued_bytes_ += queued.payload.size() + wire::kFrameHeaderBytes;
  queue_.push_back(std::move(queued));
  changed_.notify_all();
}

Result<void> Channel::send_last(wire::Type type, std::string payload) {
  Queued queued = make(type, std::move(payload), 0);
  const base::MutexLock lock(mutex_);
  if (!fault_) {
    queued_bytes_ += queued.payload.size() + wire::kFrameHeaderBytes;
    queue_.push_back(std::move(queued));
    quiet_ = true;
    changed_.notify_all();
  }
  while (!fault_ && (!queue_.empty() || writing_)) changed_.wait(mutex_);
  if (fault_) return fail(*fault_);
  return {};
}

std::string Channel::take_ahead() {
  std::string ahead(reinterpret_cast<const char*>(buffer_.data() + begin_), end_ - begin_);
  begin_ = end_ = 0;
  return ahead;
}

void Channel::replace_stream(const Make& make) {
  const base::MutexLock lock(mutex_);
  stream_ = make(std::move(stream_), take_ahead());
  if (fault_) stream_->abort();
  quiet_ = false;
  changed_.notify_all();
}

Result<net::StreamPtr> Channel::release() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  writer_.join();
  const base::MutexLock lock(mutex_);
  net::StreamPtr stream = std::move(stream_);
  if (fault_) return fail(*fault_);
  if (!take_ahead().empty()) {
    return fail(make_error(ErrorKind::kProtocol, "more than was agreed upon"));
  }
  return stream;
}

void Channel::set_collector(std::function<void()> collect) {
  const base::MutexLock lock(collect_mutex_);
  collect_ = std::move(collect);
}

void Channel::wake() {
  const base::MutexLock lock(mutex_);
  if (woken_) return;
  woken_ = true;
  changed_.notify_all();
}

void Channel::write_loop() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      if (queue_.empty() && !ending_ && !fault_ && !woken_) {
        changed_.wait_for(mutex_, std::chrono::milliseconds(kHeartbeatInterval));
      }
      woken_ = false;
    }
    gather();
    {
      const base::MutexLock lock(collect_mutex_);
      if (collect_) collect_();
    }
    std::deque<Queued> frames;
    bool says_something = false;
    {
      const base::MutexLock lock(mutex_);
      if (fault_ || (ending_ && queue_.empty())) {
        writing_ = false;
        changed_.notify_all();
        return;
      }
      if (queue_.empty() && (quiet_ || heartbeats_ == Heartbeats::kNone)) continue;
      says_something = !queue_.empty();
      if (!says_something) {
        frames.push_back(make(wire::Type::kPing, {}, 0));
      } else {
        const std::size_t count = std::min(queue_.size(), kFramesPerWriteMax);
        for (std::size_t i = 0; i < count; ++i) {
          queued_bytes_ -= queue_.front().payload.size() + wire::kFrameHeaderBytes;
          frames.push_back(std::move(queue_.front()));
          queue_.pop_front();
        }
      }
      writing_ = true;
      changed_.notify_all();
    }
    auto written = write(frames);
    if (!written) writing_failed(std::move(written).error());
    if (says_something) note_progress();
    last_write_ = std::chrono::steady_clock::now();
    const base::MutexLock lock(mutex_);
    writing_ = false;
    changed_.notify_all();
  }
}

void Channel::gather() {
  const auto until = last_write_ + kGatherTime;
  {
    const base::MutexLock lock(mutex_);
    const bool close_behind = std::chrono::steady_clock::now() < until;
    little_writes_ = close_behind && queued_bytes_ < kLittleBytes ? little_writes_ + 1 : 0;
    if (little_writes_ < kLittleWrites || quiet_ || ending_ || fault_) return;
  }
  std::this_thread::sleep_until(until);
}

// A peer that refuses closes the connection while we still write: what it said before is to be
// read.
void Channel::writing_failed(base::Error error) {
  if (error.kind != ErrorKind::kConnection) return abort(std::move(error));
  const base::MutexLock lock(mutex_);
  if (!fault_) fault_ = std::move(error);
  changed_.notify_all();
}

Result<void> Channel::write(const std::deque<Queued>& frames) {
  std::vector<std::span<const std::byte>> pieces;
  pieces.reserve(2 * frames.size());
  std::size_t bytes = 0;
  for (const Queued& frame : frames) {
    pieces.emplace_back(frame.header);
    if (!frame.payload.empty()) pieces.push_back(std::as_bytes(std::span(frame.payload)));
    bytes += frame.header.size() + frame.payload.size();
  }
  const auto begin = std::chrono::steady_clock::now();
  ROBOSYNC_TRY(stream_->write(pieces));
  bytes_sent_ += bytes;
  if (bytes >= kRateBytesMin) {
    rate_bytes_ += bytes;
    rate_time_ += std::chrono::steady_clock::now() - begin;
    // What the socket's own buffer swallows says little: writes that had to wait are believed.
    if (rate_time_ >= kRateTimeMin) {
      link_rate_ = static_cast<std::uint64_t>(static_cast<double>(rate_bytes_) /
                                              std::chrono::duration<double>(rate_time_).count());
      rate_bytes_ = 0;
      rate_time_ = {};
    }
  }
  return {};
}

Result<void> Channel::fill(std::size_t wanted) {
  if (end_ - begin_ >= wanted) return {};
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (end_ < wanted) {
    ROBOSYNC_ASSIGN(const std::size_t got, stream_->read_some(std::span(buffer_).subspan(end_)));
    if (got == 0) {
      ended_in_order_ = end_ == 0;
      return fail(make_error(ErrorKind::kConnection, "the other side has ended the connection"));
    }
    end_ += got;
    bytes_received_ += got;
  }
  return {};
}

Result<void> Channel::read_into(std::span<std::byte> out) {
  const std::size_t ahead = std::min(out.size(), end_ - begin_);
  std::memcpy(out.data(), buffer_.data() + begin_, ahead);
  begin_ += ahead;
  out = out.subspan(ahead);
  // What is small is read together with what follows it.
  if (out.size() < buffer_.size() / 4 && !out.empty()) {
    auto filled = fill(out.size());
    ended_in_order_ = false;  // not in the middle of a frame
    ROBOSYNC_TRY(std::move(filled));
    std::memcpy(out.data(), buffer_.data() + begin_, out.size());
    begin_ += out.size();
    return {};
  }
  while (!out.empty()) {
    ROBOSYNC_ASSIGN(const std::size_t got, stream_->read_some(out));
    if (got == 0) {
      return fail(make_error(ErrorKind::kConnection, "the connection ended in the middle"));
    }
    bytes_received_ += got;
    out = out.subspan(got);
  }
  return {};
}

Result<Frame> Channel::receive() {
  const auto next = [this]() -> Result<Frame> {
    for (;;) {
      ROBOSYNC_TRY(fill(wire::kFrameHeaderBytes));
      wire::FrameHeaderBytes bytes;
      std::memcpy(bytes.data(), buffer_.data() + begin_, bytes.size());
      begin_ += bytes.size();
      ROBOSYNC_ASSIGN(const wire::FrameHeader header,
                      wire::decode_frame_header(bytes, payload_bytes_max_));
      Frame frame{.type = header.type, .stream = header.stream, .payload = {}};
      // The size that the call passes on may be the capacity (libstdc++ 12).
      frame.payload.resize_and_overwrite(header.payload_bytes,
                                         [&](char*, std::size_t) { return header.payload_bytes; });
      ROBOSYNC_TRY(read_into(std::as_writable_bytes(std::span(frame.payload))));
      if (checksums_ && !has_digests(frame.type) &&
          header.checksum != wire::payload_checksum(frame.bytes())) {
        return fail(make_error(ErrorKind::kCorrupt, "a frame was damaged on its way"));
      }
      if ((header.flags & wire::kFlagCompressed) != 0) {
        if (!compression_agreed_) {
          return fail(make_error(ErrorKind::kProtocol, "compression was not agreed upon"));
        }
        ROBOSYNC_ASSIGN(frame.payload, wire::decompressed(frame.payload, wire::kFrameBytesMax));
      }
      if (frame.type == wire::Type::kPing) continue;
      note_progress();
      return frame;
    }
  };
  auto frame = next();
  if (frame || ended_in_order_) return frame;
  if (const auto first = fault()) return fail(*first);
  abort(frame.error());
  return frame;
}

Result<void> Channel::finish() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
    while (!fault_ && (!queue_.empty() || writing_)) changed_.wait(mutex_);
    if (fault_) return fail(*fault_);
  }
  return stream_->finish();
}

void Channel::linger() {
  stream_->set_no_progress_time(kLingerTime);
  const auto until = std::chrono::steady_clock::now() + kLingerTime;
  while (std::chrono::steady_clock::now() < until) {
    const auto got = stream_->read_some(buffer_);
    if (!got || *got == 0) return;
  }
}

void Channel::abort(base::Error error) {
  const base::MutexLock lock(mutex_);
  if (!fault_) fault_ = std::move(error);
  changed_.notify_all();
  if (stream_) stream_->abort();
}

std::optional<base::Error> Channel::fault() {
  const base::MutexLock lock(mutex_);
  return fault_;
}

}  // namespace robosync::session
