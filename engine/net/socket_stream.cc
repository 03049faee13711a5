#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "engine/base/check.h"
#include "engine/net/socket.h"
#include "engine/net/system_socket.h"
#include "engine/net/waiting.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

class EndStream final : public Stream {
 public:
  // `write` is closed where `read` serves both directions.
  EndStream(StreamEnd read, StreamEnd write, std::unique_ptr<Waker> waker, std::string peer)
      : read_(std::move(read)),
        write_(std::move(write)),
        waker_(std::move(waker)),
        peer_(std::move(peer)) {}

  base::Result<std::size_t> read_some(std::span<std::byte> out) override {
    ROBOSYNC_CHECK(!out.empty());
    const auto begin = Clock::now();
    while (!waker_->woken()) {
      ROBOSYNC_ASSIGN(const std::optional<std::size_t> count, read_.receive(out, peer_));
      if (count) {
        last_read_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
        return *count;
      }
      ROBOSYNC_TRY(wait(read_.fd(), Until::kReadable, [&] { return begin; }));
    }
    return base::fail(cancelled());
  }

  base::Result<void> write(std::span<const std::span<const std::byte>> pieces) override {
    if (finished_) {
      return base::fail(base::make_error(ErrorKind::kConnection, "write after the end: " + peer_));
    }
    std::size_t offset = 0;  // within pieces.front()
    auto begin = Clock::now();
    while (!waker_->woken()) {
      while (!pieces.empty() && offset == pieces.front().size()) {
        pieces = pieces.subspan(1);
        offset = 0;
      }
      if (pieces.empty()) return {};
      ROBOSYNC_ASSIGN(const std::optional<std::size_t> count, output().send(pieces, offset, peer_));
      if (!count) {
        ROBOSYNC_TRY(wait(output().fd(), Until::kWritable, [&] {
          return std::max(begin, Clock::time_point(Clock::duration(last_read_.load())));
        }));
        continue;
      }
      begin = Clock::now();
      for (std::size_t left = *count; left != 0;) {
        const std::size_t step = std::min(left, pieces.front().size() - offset);
        left -= step;
        offset += step;
        if (offset != pieces.front().size()) break;
        pieces = pieces.subspan(1);
        offset = 0;
      }
    }
    return base::fail(cancelled());
  }

  base::Result<void> finish() override {
    if (waker_->woken()) return base::fail(cancelled());
    if (finished_) return {};
    finished_ = true;
    ROBOSYNC_TRY(output().end_output(peer_));
    if (write_.is_open()) write_.close();
    return {};
  }

  void abort() override { waker_->wake(); }
  void set_no_progress_time(milliseconds time) override { no_progress_.store(time.count()); }
  [[nodiscard]] std::string peer() const override { return peer_; }
  [[nodiscard]] bool is_secure() const override { return false; }
  [[nodiscard]] std::string channel_binding() const override { return {}; }

 private:
  [[nodiscard]] StreamEnd& output() { return write_.is_open() ? write_ : read_; }

  // A peer that sends is alive for the writer too. What it takes says nothing: the system takes it
  // in its stead.
  base::Result<void> wait(int fd, Until until, const auto& last_progress) {
    while (true) {
      const milliseconds time(no_progress_.load());
      std::optional<Clock::time_point> deadline;
      if (time.count() != 0) {
        deadline = last_progress() + time;
        if (Clock::now() >= *deadline) {
          return base::fail(base::make_error(
              ErrorKind::kTimeout,
              peer_ + ": no progress for " + std::to_string(time.count()) + " ms"));
        }
      }
      ROBOSYNC_ASSIGN(const Wait woken_by, wait_for(fd, until, *waker_, deadline));
      if (woken_by != Wait::kTimeout) return {};
    }
  }

  [[nodiscard]] base::Error cancelled() const {
    return base::make_error(ErrorKind::kCancelled, "connection to " + peer_ + " aborted");
  }

  StreamEnd read_;
  StreamEnd write_;
  std::unique_ptr<Waker> waker_;
  std::string peer_;
  bool finished_ = false;  // the writing thread's
  std::atomic<milliseconds::rep> no_progress_{0};
  std::atomic<Clock::rep> last_read_{0};
};

}  // namespace

base::Result<StreamPtr> stream_over_ends(StreamEnd read, StreamEnd write, std::string name) {
  ROBOSYNC_ASSIGN(auto waker, Waker::make());
  return std::make_unique<EndStream>(std::move(read), std::move(write), std::move(waker),
                                     std::move(name));
}

base::Result<StreamPtr> stream_over_socket(Socket socket) {
  set_tcp_defaults(socket.fd());
  std::string name = peer_name(socket);
  ROBOSYNC_ASSIGN(StreamEnd both, StreamEnd::take(std::move(socket)));
  return stream_over_ends(std::move(both), StreamEnd(), std::move(name));
}

}  // namespace robosync::net
