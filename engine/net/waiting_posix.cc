#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "engine/net/system_socket.h"
#include "engine/net/waiting.h"

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

base::Result<void> poll_any(std::span<Polled> polled, std::optional<Clock::time_point> deadline) {
  // Two at most stand in almost every call.
  constexpr std::size_t kUsual = 2;
  std::array<pollfd, kUsual> usual{};
  std::vector<pollfd> more(polled.size() > kUsual ? polled.size() : 0);
  const std::span<pollfd> all = more.empty() ? std::span(usual).first(polled.size()) : more;
  for (std::size_t i = 0; i < polled.size(); ++i) {
    const bool read = polled[i].until == Until::kReadable;
    all[i] = {.fd = polled[i].fd, .events = read ? short{POLLIN} : short{POLLOUT}, .revents = 0};
  }
  if (::poll(all.data(), static_cast<nfds_t>(all.size()), poll_time(deadline)) < 0 &&
      errno != EINTR) {
    return base::fail(base::from_errno(errno, "poll"));
  }
  for (std::size_t i = 0; i < polled.size(); ++i) polled[i].ready = all[i].revents != 0;
  return {};
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

}  // namespace robosync::net
