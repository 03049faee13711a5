#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "engine/net/system_socket.h"
#include "engine/net/waiting.h"

namespace robosync::net {
namespace {

constexpr std::size_t kPiecesPerCall = 64;

// Keeps SIGPIPE from this thread for the length of one writev, which unlike sendmsg has no flag
// for that. The process's own disposition is not ours to change.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;
  ~NoSigpipe() {
    const int number = errno;
    sigset_t pending;
    ::sigpending(&pending);
    if (!was_pending_ && sigismember(&pending, SIGPIPE) == 1) {
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

// Nothing when it must be waited for or tried again.
StreamEnd::Count counted(ssize_t count, const char* what, const std::string& peer) {
  if (count >= 0) return static_cast<std::size_t>(count);
  const int number = errno;
  // EWOULDBLOCK is the same here, another number elsewhere.
  const bool later = number == EAGAIN || number == EINTR;
  if (later || number == EWOULDBLOCK) return std::nullopt;  // NOLINT(misc-redundant-expression)
  return base::fail(connection_error(number, std::string(what).append(" ").append(peer)));
}

bool is_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

}  // namespace

base::Result<StreamEnd> StreamEnd::take(Socket fd) {
  StreamEnd end;
  end.flags_before_ = ::fcntl(fd.fd(), F_GETFL);
  if (end.flags_before_ < 0) return base::fail(base::from_errno(errno, "stream"));
  ROBOSYNC_TRY(set_non_blocking(fd.fd()));
  end.socket_ = is_socket(fd.fd());
  end.fd_ = std::move(fd);
  return end;
}

void StreamEnd::close() {
  if (!fd_.is_open()) return;
  // Standard streams are shared with a shell that does not expect them to be non-blocking.
  static_cast<void>(::fcntl(fd_.fd(), F_SETFL, flags_before_));
  fd_ = Socket();
}

void StreamEnd::share_flags(const StreamEnd& other) {
  if (socket_ && other.socket_) flags_before_ = other.flags_before_;
}

StreamEnd::Count StreamEnd::receive(std::span<std::byte> out, const std::string& peer) {
  return counted(::read(fd_.fd(), out.data(), out.size()), "read", peer);
}

StreamEnd::Count StreamEnd::send(std::span<const std::span<const std::byte>> pieces,
                                 std::size_t offset, const std::string& peer) {
  std::array<iovec, kPiecesPerCall> parts{};
  const std::size_t count = std::min(pieces.size(), kPiecesPerCall);
  for (std::size_t i = 0; i < count; ++i) {
    const auto piece = i == 0 ? pieces[i].subspan(offset) : pieces[i];
    // writev does not write through this pointer.
    parts[i] = {.iov_base = const_cast<std::byte*>(piece.data()), .iov_len = piece.size()};
  }
  if (socket_) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
    return counted(::sendmsg(fd_.fd(), &message, MSG_NOSIGNAL), "write", peer);
  }
  const NoSigpipe guard;
  return counted(::writev(fd_.fd(), parts.data(), static_cast<int>(count)), "write", peer);
}

base::Result<void> StreamEnd::end_output(const std::string& peer) {
  if (!socket_ || ::shutdown(fd_.fd(), SHUT_WR) == 0) return {};
  // A peer that has gone meanwhile needs not be told; whether it may go is the reader's to see.
  if (errno == ENOTCONN) return {};
  return base::fail(connection_error(errno, "finish " + peer));
}

base::Result<StreamPtr> stream_over_pipes(int read_fd, int write_fd, std::string name) {
  Socket write_socket(read_fd == write_fd ? -1 : write_fd);
  ROBOSYNC_ASSIGN(StreamEnd read, StreamEnd::take(Socket(read_fd)));
  StreamEnd write;
  if (write_socket.is_open()) {
    ROBOSYNC_ASSIGN(write, StreamEnd::take(std::move(write_socket)));
    write.share_flags(read);
  }
  return stream_over_ends(std::move(read), std::move(write), std::move(name));
}

}  // namespace robosync::net
