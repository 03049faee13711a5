#include "engine/net/striped_stream.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/mutex.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// What a block costs beside its bytes: a peer that sends tiny ones must not fill the memory.
constexpr std::size_t kBlockOverhead = 128;
constexpr milliseconds kPoll{100};

struct Block {
  std::uint64_t number = 0;
  std::vector<std::byte> bytes;
};

using Header = std::array<std::byte, kStripeHeaderBytes>;

template <typename T>
void put(std::span<std::byte> out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out[i] = static_cast<std::byte>(value >> (8 * i));
}

template <typename T>
T get(std::span<const std::byte> in) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(in[i]) << (8 * i);
  return value;
}

Header header_of(const Block& block) {
  Header header{};
  put(std::span(header).first<8>(), block.number);
  put(std::span(header).last<4>(), static_cast<std::uint32_t>(block.bytes.size()));
  return header;
}

// What was sent, to be sent by whichever connection is free.
class Outgoing {
 public:
  explicit Outgoing(std::size_t streams) : room_(2 * streams) {}

  // Waits while too much waits; nothing moves for `patience`: kTimeout.
  template <typename Idle>
  Result<void> add(std::vector<std::byte> bytes, const Idle& idle) ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    while (!fault_ && blocks_.size() >= room_) {
      changed_.wait_for(mutex_, kPoll);
      if (blocks_.size() >= room_) ROBOSYNC_TRY(idle());
    }
    if (fault_) return fail(*fault_);
    blocks_.push_back({next_++, std::move(bytes)});
    changed_.notify_all();
    return {};
  }

  // Nothing when there will be no more.
  std::optional<Block> take() ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    while (blocks_.empty() && !ending_ && !fault_) changed_.wait(mutex_);
    if (blocks_.empty() || fault_) return std::nullopt;
    std::optional<Block> block = std::move(blocks_.front());
    blocks_.pop_front();
    changed_.notify_all();
    return block;
  }

  void end() ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  // A stream has nothing more to write.
  void stream_ended() ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    ++ended_;
    changed_.notify_all();
  }
  template <typename Idle>
  Result<void> wait_for_end(std::size_t streams, const Idle& idle) ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    while (!fault_ && ended_ < streams) {
      changed_.wait_for(mutex_, kPoll);
      if (ended_ < streams) ROBOSYNC_TRY(idle());
    }
    if (fault_) return fail(*fault_);
    return {};
  }
  void lose(const base::Error& error) ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    if (!fault_) fault_ = error;
    changed_.notify_all();
  }
  [[nodiscard]] bool lost() ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return fault_.has_value();
  }

 private:
  const std::size_t room_;
  base::Mutex mutex_;
  base::Condition changed_;
  std::deque<Block> blocks_ ROBOSYNC_GUARDED_BY(mutex_);
  std::uint64_t next_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  std::size_t ended_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  bool ending_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::optional<base::Error> fault_ ROBOSYNC_GUARDED_BY(mutex_);
};

// What has arrived, in order.
class Incoming {
 public:
  explicit Incoming(std::size_t streams) : open_(streams) {}

  // False: it is over. Waits while much has arrived that is not the next. No deadlock: numbers
  // ascend on each stream, so that the next block stands at the front of one.
  Result<bool> add(Block block) ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    const auto too_much = [&]() ROBOSYNC_REQUIRES(mutex_) {
      return block.number != next_ && held_ + cost(block) > kStripeAheadBytesMax;
    };
    while (!fault_ && too_much()) changed_.wait(mutex_);
    if (fault_) return false;
    if (block.number < next_ || blocks_.contains(block.number)) {
      return fail(make_error(ErrorKind::kProtocol, "a block that was there already"));
    }
    held_ += cost(block);
    blocks_.emplace(block.number, std::move(block));
    changed_.notify_all();
    return true;
  }

  template <typename Idle>
  Result<std::size_t> read(std::span<std::byte> out, const Idle& idle) ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    for (;;) {
      const auto next = blocks_.find(next_);
      if (next != blocks_.end()) {
        Block& block = next->second;
        const std::size_t count = std::min(out.size(), block.bytes.size() - taken_);
        std::memcpy(out.data(), block.bytes.data() + taken_, count);
        taken_ += count;
        if (taken_ == block.bytes.size()) {
          held_ -= cost(block);
          blocks_.erase(next);
          taken_ = 0;
          ++next_;
          changed_.notify_all();
        }
        return count;
      }
      if (fault_) return fail(*fault_);
      if (open_ == 0) {
        if (blocks_.empty()) return std::size_t{0};
        return fail(make_error(ErrorKind::kConnection, "a block is missing"));
      }
      changed_.wait_for(mutex_, kPoll);
      if (!blocks_.contains(next_) && !fault_ && open_ != 0) ROBOSYNC_TRY(idle());
    }
  }

  void stream_ended() ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    --open_;
    changed_.notify_all();
  }
  void lose(const base::Error& error) ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    if (!fault_) fault_ = error;
    changed_.notify_all();
  }

 private:
  static std::size_t cost(const Block& block) { return block.bytes.size() + kBlockOverhead; }

  base::Mutex mutex_;
  base::Condition changed_;
  std::map<std::uint64_t, Block> blocks_ ROBOSYNC_GUARDED_BY(mutex_);
  std::uint64_t next_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  std::size_t taken_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // of the next block
  std::size_t held_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  std::size_t open_ ROBOSYNC_GUARDED_BY(mutex_);
  std::optional<base::Error> fault_ ROBOSYNC_GUARDED_BY(mutex_);
};

class StripedStream final : public Stream {
 public:
  StripedStream(std::vector<StreamPtr> streams, std::string ahead)
      : streams_(std::move(streams)),
        ahead_(std::move(ahead)),
        out_(streams_.size()),
        in_(streams_.size()) {
    // Of one connection alone silence says nothing.
    for (const StreamPtr& stream : streams_) stream->set_no_progress_time(milliseconds(0));
    try {
      for (std::size_t i = 0; i < streams_.size(); ++i) {
        threads_.emplace_back([this, i] { write_stream(*streams_[i]); });
        threads_.emplace_back([this, i] { read_stream(*streams_[i], i == 0 ? ahead_ : ""); });
      }
    } catch (const std::system_error&) {
      lose(make_error(ErrorKind::kLimit, "the system gives no thread for each connection"));
    }
  }
  ~StripedStream() override {
    StripedStream::abort();
    for (std::thread& thread : threads_) thread.join();
  }

  Result<std::size_t> read_some(std::span<std::byte> out) override {
    ROBOSYNC_CHECK(!out.empty());
    const auto begin = Clock::now();
    return in_.read(out, [&] { return idle(begin, read_); });
  }

  Result<void> write(std::span<const std::span<const std::byte>> pieces) override {
    std::vector<std::byte> bytes;
    const auto flush = [&]() -> Result<void> {
      const auto begin = Clock::now();
      return out_.add(std::exchange(bytes, {}), [&] { return idle(begin, written_); });
    };
    for (std::span<const std::byte> piece : pieces) {
      while (!piece.empty()) {
        if (bytes.capacity() == 0) bytes.reserve(kStripeBlockBytes);
        const std::size_t count = std::min(piece.size(), kStripeBlockBytes - bytes.size());
        bytes.insert(bytes.end(), piece.begin(),
                     piece.begin() + static_cast<std::ptrdiff_t>(count));
        piece = piece.subspan(count);
        if (bytes.size() == kStripeBlockBytes) ROBOSYNC_TRY(flush());
      }
    }
    return bytes.empty() ? Result<void>() : flush();
  }

  Result<void> finish() override {
    const auto begin = Clock::now();
    out_.end();
    return out_.wait_for_end(streams_.size(), [&] { return idle(begin, written_); });
  }

  void abort() override { lose(make_error(ErrorKind::kCancelled, "aborted")); }

  void set_no_progress_time(milliseconds time) override { patience_ = time; }
  std::string peer() const override { return streams_.front()->peer(); }
  bool is_secure() const override {
    return std::ranges::all_of(streams_, [](const StreamPtr& one) { return one->is_secure(); });
  }
  std::string channel_binding() const override { return streams_.front()->channel_binding(); }

 private:
  void lose(const base::Error& error) {
    out_.lose(error);
    in_.lose(error);
    for (const StreamPtr& stream : streams_) stream->abort();
  }

  // When a block last passed in one direction, over whichever connection. Apart, as for a stream
  // of one: what the system takes from us says nothing of a peer from which nothing comes.
  using LastPassed = std::atomic<Clock::rep>;
  static void note(LastPassed& passed) { passed = Clock::now().time_since_epoch().count(); }

  // Of whoever waits since `begin`: whether anything has passed meanwhile.
  Result<void> idle(Clock::time_point begin, const LastPassed& passed) const {
    const milliseconds patience = patience_;
    const Clock::time_point since = std::max(begin, Clock::time_point(Clock::duration(passed)));
    if (patience == milliseconds(0) || Clock::now() - since < patience) return {};
    return fail(make_error(ErrorKind::kTimeout, peer() + ": nothing has passed for too long"));
  }

  void write_stream(Stream& stream) {
    const auto write_all = [&]() -> Result<void> {
      while (const std::optional<Block> block = out_.take()) {
        const Header header = header_of(*block);
        const std::array<std::span<const std::byte>, 2> pieces{header, block->bytes};
        ROBOSYNC_TRY(stream.write(pieces));
        note(written_);
      }
      if (out_.lost()) return {};
      return stream.finish();
    };
    // What the peer said before can still be read.
    if (auto done = write_all(); !done) return out_.lose(done.error());
    out_.stream_ended();
  }

  void read_stream(Stream& stream, std::string_view ahead) {
    const auto read_all = [&]() -> Result<void> {
      for (;;) {
        Header header{};
        ROBOSYNC_ASSIGN(const std::size_t got, read_up_to(stream, ahead, header));
        if (got == 0) return {};
        Block block{.number = get<std::uint64_t>(std::span(header).first<8>()), .bytes = {}};
        const auto size = get<std::uint32_t>(std::span(header).last<4>());
        if (got != header.size() || size == 0 || size > kStripeBlockBytes) {
          return fail(make_error(ErrorKind::kProtocol, "a block that makes no sense"));
        }
        block.bytes.resize(size);
        ROBOSYNC_ASSIGN(const std::size_t arrived, read_up_to(stream, ahead, block.bytes));
        if (arrived != size) {
          return fail(make_error(ErrorKind::kConnection, "the connection ended in the middle"));
        }
        note(read_);
        ROBOSYNC_ASSIGN(const bool more, in_.add(std::move(block)));
        if (!more) return {};
      }
    };
    if (auto done = read_all(); !done) return in_.lose(done.error());
    in_.stream_ended();
  }

  // Fewer bytes only where the stream ends.
  static Result<std::size_t> read_up_to(Stream& stream, std::string_view& ahead,
                                        std::span<std::byte> out) {
    std::size_t done = std::min(ahead.size(), out.size());
    std::memcpy(out.data(), ahead.data(), done);
    ahead.remove_prefix(done);
    while (done < out.size()) {
      ROBOSYNC_ASSIGN(const std::size_t got, stream.read_some(out.subspan(done)));
      if (got == 0) break;
      done += got;
    }
    return done;
  }

  const std::vector<StreamPtr> streams_;
  const std::string ahead_;
  Outgoing out_;
  Incoming in_;
  std::atomic<milliseconds> patience_{milliseconds(0)};
  LastPassed read_{Clock::now().time_since_epoch().count()};
  LastPassed written_{Clock::now().time_since_epoch().count()};
  std::vector<std::thread> threads_;
};

}  // namespace

StreamPtr striped_stream(std::vector<StreamPtr> streams, std::string ahead) {
  ROBOSYNC_CHECK(!streams.empty() && streams.size() <= kStripesMax);
  return std::make_unique<StripedStream>(std::move(streams), std::move(ahead));
}

}  // namespace robosync::net
