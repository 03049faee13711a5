#include "engine/net/waiting_posix.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace robosync::net {

using base::ErrorKind;

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

base::Result<std::unique_ptr<Waker>> Waker::make() {
  auto waker = std::make_unique<Waker>();
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return base::fail(base::from_errno(errno, "pipe"));
  waker->read_ = Socket(ends[0]);
  waker->write_ = Socket(ends[1]);
  for (const int fd : ends) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return base::fail(base::from_errno(errno, "pipe: close-on-exec"));
    }
    ROBOSYNC_TRY(set_non_blocking(fd));
  }
  return waker;
}

void Waker::wake() {
  if (woken_.exchange(true)) return;
  const char byte = 0;
  // One byte into an empty pipe cannot fail but by a signal.
  while (::write(write_.fd(), &byte, 1) < 0 && errno == EINTR) {
  }
}

int poll_time(std::optional<Clock::time_point> deadline) {
  constexpr std::chrono::milliseconds kPollMax = std::chrono::minutes(1);
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kPollMax).count());
}

base::Result<Wait> wait_for(int fd, short events, const Waker* waker,
                            std::optional<Clock::time_point> deadline) {
  std::array<pollfd, 2> polled{};
  polled[0] = {.fd = fd, .events = events, .revents = 0};
  polled[1] = {.fd = waker == nullptr ? -1 : waker->fd(), .events = POLLIN, .revents = 0};
  while (true) {
    const int count = ::poll(polled.data(), polled.size(), poll_time(deadline));
    if (count < 0 && errno != EINTR) return base::fail(base::from_errno(errno, "poll"));
    if (polled[1].revents != 0) return Wait::kWoken;
    if (count > 0) return Wait::kReady;
    if (deadline && Clock::now() >= *deadline) return Wait::kTimeout;
  }
}

base::Error connection_error(int number, std::string context) {
  base::Error error = base::from_errno(number, std::move(context));
  switch (number) {
    case ETIMEDOUT:
      error.kind = ErrorKind::kTimeout;
      break;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      error.kind = ErrorKind::kLimit;
      break;
    default:
      error.kind = ErrorKind::kConnection;
  }
  return error;
}

base::Result<void> set_non_blocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
    return base::fail(base::from_errno(errno, "set non-blocking"));
  }
  return {};
}

void set_tcp_defaults(int fd) {
  const int on = 1;
  static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on));
}

}  // namespace robosync::net
