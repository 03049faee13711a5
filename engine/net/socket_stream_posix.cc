#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

#include "engine/base/check.h"
#include "engine/net/socket.h"
#include "engine/net/waiting_posix.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

constexpr std::size_t kPiecesPerCall = 64;

// Keeps SIGPIPE from this thread for the length of one writev, which unlike sendmsg has no flag
// for that. The process's own disposition is not ours to change.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::sigemptyset(&sigpipe_);
    ::sigaddset(&sigpipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;
  ~NoSigpipe() {
    const int number = errno;
    sigset_t pending;
    ::sigpending(&pending);
    if (!was_pending_ && ::sigismember(&pending, SIGPIPE) == 1) {
      int signal = 0;
      ::sigwait(&sigpipe_, &signal);
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = number;
  }

 private:
  bool was_pending_ = false;
  sigset_t sigpipe_{};
  sigset_t before_{};
};

bool would_block(int number) {
  if (number == EAGAIN) return true;
  return number == EWOULDBLOCK;  // the same here, another number elsewhere
}

bool is_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

// One end of the stream with the flags it had before.
struct Half {
  Socket fd;
  int flags_before = 0;
  bool socket = false;

  Half() = default;
  Half(Half&&) = default;
  Half& operator=(Half&&) = default;
  ~Half() { close(); }

  void close() {
    if (!fd.is_open()) return;
    // Standard streams are shared with a shell that does not expect them to be non-blocking.
    static_cast<void>(::fcntl(fd.fd(), F_SETFL, flags_before));
    fd = Socket();
  }

  static base::Result<Half> take(Socket fd) {
    Half half;
    half.flags_before = ::fcntl(fd.fd(), F_GETFL);
    if (half.flags_before < 0) return base::fail(base::from_errno(errno, "stream"));
    ROBOSYNC_TRY(set_non_blocking(fd.fd()));
    half.socket = is_socket(fd.fd());
    half.fd = std::move(fd);
    return half;
  }
};

class FdStream final : public Stream {
 public:
  // `write` is closed where `read` serves both directions.
  FdStream(Half read, Half write, std::unique_ptr<Waker> waker, std::string peer)
      : read_(std::move(read)),
        write_(std::move(write)),
        waker_(std::move(waker)),
        peer_(std::move(peer)) {}

  base::Result<std::size_t> read_some(std::span<std::byte> out) override {
    ROBOSYNC_CHECK(!out.empty());
    const auto begin = Clock::now();
    const int fd = read_.fd.fd();
    while (!waker_->woken()) {
      const ssize_t count = ::read(fd, out.data(), out.size());
      if (count >= 0) {
        last_read_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
        return static_cast<std::size_t>(count);
      }
      if (errno == EINTR) continue;
      if (!would_block(errno)) return base::fail(lost(errno, "read"));
      ROBOSYNC_TRY(wait(fd, POLLIN, [&] { return begin; }));
    }
    return base::fail(cancelled());
  }

  base::Result<void> write(std::span<const std::span<const std::byte>> pieces) override {
    if (finished_) return base::fail(lost(EPIPE, "write"));
    std::size_t offset = 0;  // within pieces.front()
    auto begin = Clock::now();
    while (!waker_->woken()) {
      while (!pieces.empty() && offset == pieces.front().size()) {
        pieces = pieces.subspan(1);
        offset = 0;
      }
      if (pieces.empty()) return {};
      const ssize_t count = write_once(pieces, offset);
      if (count < 0) {
        if (errno == EINTR) continue;
        if (!would_block(errno)) return base::fail(lost(errno, "write"));
        ROBOSYNC_TRY(wait(write_fd(), POLLOUT, [&] {
          return std::max(begin, Clock::time_point(Clock::duration(last_read_.load())));
        }));
        continue;
      }
      begin = Clock::now();
      for (auto left = static_cast<std::size_t>(count); left != 0;) {
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
    if (writes_to_socket()) {
      if (::shutdown(write_fd(), SHUT_WR) != 0) return base::fail(lost(errno, "finish"));
    }
    if (write_.fd.is_open()) write_.close();
    return {};
  }

  void abort() override { waker_->wake(); }
  void set_no_progress_time(milliseconds time) override { no_progress_.store(time.count()); }
  [[nodiscard]] std::string peer() const override { return peer_; }
  [[nodiscard]] bool is_secure() const override { return false; }
  [[nodiscard]] std::string channel_binding() const override { return {}; }

 private:
  [[nodiscard]] int write_fd() const {
    return write_.fd.is_open() ? write_.fd.fd() : read_.fd.fd();
  }
  [[nodiscard]] bool writes_to_socket() const {
    return write_.fd.is_open() ? write_.socket : read_.socket;
  }

  ssize_t write_once(std::span<const std::span<const std::byte>> pieces, std::size_t offset) {
    std::array<iovec, kPiecesPerCall> parts{};
    const std::size_t count = std::min(pieces.size(), kPiecesPerCall);
    for (std::size_t i = 0; i < count; ++i) {
      const auto piece = i == 0 ? pieces[i].subspan(offset) : pieces[i];
      // writev does not write through this pointer.
      parts[i] = {.iov_base = const_cast<std::byte*>(piece.data()), .iov_len = piece.size()};
    }
    if (writes_to_socket()) {
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = count;
      return ::sendmsg(write_fd(), &message, MSG_NOSIGNAL);
    }
    const NoSigpipe guard;
    return ::writev(write_fd(), parts.data(), static_cast<int>(count));
  }

  // A peer that sends is alive for the writer too. What it takes says nothing: the system takes it
  // in its stead.
  base::Result<void> wait(int fd, short events, const auto& last_progress) {
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
      ROBOSYNC_ASSIGN(const Wait woken_by, wait_for(fd, events, waker_.get(), deadline));
      if (woken_by != Wait::kTimeout) return {};
    }
  }

  [[nodiscard]] base::Error lost(int number, const char* what) const {
    return connection_error(number, std::string(what).append(" ").append(peer_));
  }
  [[nodiscard]] base::Error cancelled() const {
    return base::make_error(ErrorKind::kCancelled, "connection to " + peer_ + " aborted");
  }

  Half read_;
  Half write_;
  std::unique_ptr<Waker> waker_;
  std::string peer_;
  bool finished_ = false;  // the writing thread's
  std::atomic<milliseconds::rep> no_progress_{0};
  std::atomic<Clock::rep> last_read_{0};
};

}  // namespace

base::Result<StreamPtr> stream_over_socket(Socket socket) {
  set_tcp_defaults(socket.fd());
  std::string name = peer_name(socket);
  ROBOSYNC_ASSIGN(auto waker, Waker::make());
  ROBOSYNC_ASSIGN(Half both, Half::take(std::move(socket)));
  return std::make_unique<FdStream>(std::move(both), Half(), std::move(waker), std::move(name));
}

base::Result<StreamPtr> stream_over_pipes(int read_fd, int write_fd, std::string name) {
  Socket write_socket(read_fd == write_fd ? -1 : write_fd);
  ROBOSYNC_ASSIGN(Half read, Half::take(Socket(read_fd)));
  Half write;
  if (write_socket.is_open()) {
    ROBOSYNC_ASSIGN(write, Half::take(std::move(write_socket)));
    // Two numbers of one socket share their flags, which `read` has changed before.
    if (read.socket && write.socket) write.flags_before = read.flags_before;
  }
  ROBOSYNC_ASSIGN(auto waker, Waker::make());
  return std::make_unique<FdStream>(std::move(read), std::move(write), std::move(waker),
                                    std::move(name));
}

}  // namespace robosync::net
