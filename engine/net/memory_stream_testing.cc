#include "engine/net/memory_stream_testing.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/mutex.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Direction {
  MemoryFaults faults;
  std::deque<std::byte> buffer;
  std::uint64_t written = 0;
  std::uint64_t delivered = 0;
  bool finished = false;  // the writing end called finish()
  bool writer_gone = false;
  bool reader_gone = false;

  [[nodiscard]] bool cut() const { return faults.cut_at && written >= *faults.cut_at; }
  // How many bytes the reader may have now.
  [[nodiscard]] std::size_t deliverable() const {
    std::size_t count = std::min(buffer.size(), faults.read_bytes_max);
    if (faults.stall_at) {
      const std::uint64_t left = *faults.stall_at - std::min(delivered, *faults.stall_at);
      count = static_cast<std::size_t>(std::min<std::uint64_t>(count, left));
    }
    return count;
  }
  [[nodiscard]] bool stalled() const { return faults.stall_at && delivered >= *faults.stall_at; }
};

struct End {
  bool aborted = false;
  milliseconds no_progress{0};
  steady_clock::time_point progress = steady_clock::now();
};

// Both directions; directions[0] is from end 0 (client) to end 1 (server).
struct Link {
  base::Mutex mutex;
  base::Condition changed;
  std::size_t buffer_bytes = 0;
  bool secure = false;
  std::string channel_binding;
  std::array<Direction, 2> directions ROBOSYNC_GUARDED_BY(mutex);
  std::array<End, 2> ends ROBOSYNC_GUARDED_BY(mutex);
};

base::Error lost(const char* what) {
  return base::make_error(ErrorKind::kConnection, std::string("memory: ") + what);
}

class MemoryStream final : public Stream {
 public:
  MemoryStream(std::shared_ptr<Link> link, std::size_t end) : link_(std::move(link)), end_(end) {}
  ~MemoryStream() override {
    const base::MutexLock lock(link_->mutex);
    link_->directions[end_].writer_gone = true;
    link_->directions[1 - end_].reader_gone = true;
    link_->changed.notify_all();
  }

  base::Result<std::size_t> read_some(std::span<std::byte> out) override {
    ROBOSYNC_CHECK(!out.empty());
    Link& link = *link_;
    const base::MutexLock lock(link.mutex);
    Direction& from = link.directions[1 - end_];
    const auto begin = steady_clock::now();
    while (true) {
      if (link.ends[end_].aborted) return base::fail(cancelled());
      if (const std::size_t count = std::min(out.size(), from.deliverable()); count != 0) {
        take(from, out.first(count));
        link.ends[end_].progress = steady_clock::now();
        link.changed.notify_all();
        return count;
      }
      if (!from.stalled()) {
        if (from.cut()) return base::fail(lost("the connection was cut"));
        if (from.finished) return std::size_t{0};
        if (from.writer_gone) return base::fail(lost("the peer is gone"));
      }
      ROBOSYNC_TRY(wait(link, begin));
    }
  }

  base::Result<void> write(std::span<const std::span<const std::byte>> pieces) override {
    for (const std::span<const std::byte> piece : pieces) ROBOSYNC_TRY(write_piece(piece));
    return {};
  }

  base::Result<void> finish() override {
    const base::MutexLock lock(link_->mutex);
    if (link_->ends[end_].aborted) return base::fail(cancelled());
    if (link_->directions[end_].cut()) return base::fail(lost("the connection was cut"));
    link_->directions[end_].finished = true;
    link_->changed.notify_all();
    return {};
  }

  void abort() override {
    const base::MutexLock lock(link_->mutex);
    link_->ends[end_].aborted = true;
    link_->changed.notify_all();
  }

  void set_no_progress_time(milliseconds time) override {
    const base::MutexLock lock(link_->mutex);
    link_->ends[end_].no_progress = time;
  }

  [[nodiscard]] std::string peer() const override { return "memory"; }
  [[nodiscard]] bool is_secure() const override { return link_->secure; }
  [[nodiscard]] std::string channel_binding() const override { return link_->channel_binding; }

 private:
  static base::Error cancelled() {
    return base::make_error(ErrorKind::kCancelled, "memory: aborted");
  }

  static void take(Direction& from, std::span<std::byte> out) {
    for (std::byte& byte : out) {
      byte = from.buffer.front();
      from.buffer.pop_front();
    }
    from.delivered += out.size();
  }

  // Up to the cut.
  static std::size_t put(Direction& to, std::span<const std::byte> bytes) {
    std::size_t count = 0;
    while (count < bytes.size() && !to.cut()) {
      const std::byte byte = bytes[count++];
      const bool flipped = to.faults.flip_at && *to.faults.flip_at == to.written;
      to.buffer.push_back(flipped ? ~byte : byte);
      ++to.written;
      if (to.faults.cut_behind && to.faults.cut_behind(byte)) to.faults.cut_at = to.written;
    }
    return count;
  }

  base::Result<void> write_piece(std::span<const std::byte> piece) {
    Link& link = *link_;
    const base::MutexLock lock(link.mutex);
    Direction& to = link.directions[end_];
    ROBOSYNC_CHECK(!to.finished);
    auto begin = steady_clock::now();
    while (!piece.empty()) {
      if (link.ends[end_].aborted) return base::fail(cancelled());
      if (to.cut()) return base::fail(lost("the connection was cut"));
      if (to.reader_gone) return base::fail(lost("the peer is gone"));
      const std::size_t room = std::min(piece.size(), link.buffer_bytes - to.buffer.size());
      if (room == 0) {
        ROBOSYNC_TRY(wait(link, begin));
        continue;
      }
      piece = piece.subspan(put(to, piece.first(room)));
      begin = steady_clock::now();
      link.changed.notify_all();
    }
    return {};
  }

  // Waits for a change; kTimeout when this end made no progress for its time.
  base::Result<void> wait(Link& link, steady_clock::time_point begin)
      ROBOSYNC_REQUIRES(link.mutex) {
    const End& end = link.ends[end_];
    if (end.no_progress.count() == 0) {
      link.changed.wait(link.mutex);
      return {};
    }
    const auto deadline = std::max(begin, end.progress) + end.no_progress;
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) {
      return base::fail(base::make_error(ErrorKind::kTimeout, "memory: no progress"));
    }
    link.changed.wait_for(link.mutex, left);
    return {};
  }

  std::shared_ptr<Link> link_;
  const std::size_t end_;
};

}  // namespace

MemoryPair memory_stream_pair(const MemoryLink& link) {
  ROBOSYNC_CHECK(link.buffer_bytes >= 1);
  auto shared = std::make_shared<Link>();
  shared->buffer_bytes = link.buffer_bytes;
  shared->secure = link.secure;
  shared->channel_binding = link.channel_binding;
  {
    const base::MutexLock lock(shared->mutex);
    shared->directions[0].faults = link.to_server;
    shared->directions[1].faults = link.to_client;
  }
  return {.client = std::make_unique<MemoryStream>(shared, 0),
          .server = std::make_unique<MemoryStream>(shared, 1)};
}

}  // namespace robosync::net
