// windows.h takes winsock2.h for granted where both are used.
#include <winsock2.h>

#include <algorithm>
#include <array>
#include <vector>

#include "engine/net/system_socket.h"
#include "engine/net/waiting.h"

namespace robosync::net {

using base::ErrorKind;

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::closesocket(static_cast<SOCKET>(fd_));
    fd_ = other.release();
  }
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) ::closesocket(static_cast<SOCKET>(fd_));
}

// A datagram socket that is connected to itself takes datagrams from nobody else.
base::Result<std::unique_ptr<Waker>> Waker::make() {
  auto waker = std::make_unique<Waker>();
  ROBOSYNC_ASSIGN(waker->read_, new_socket(AF_INET, Transport::kDatagram));
  const auto handle = static_cast<SOCKET>(waker->read_.fd());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  int size = sizeof address;
  if (::bind(handle, plain, size) != 0 || ::getsockname(handle, plain, &size) != 0 ||
      ::connect(handle, plain, size) != 0) {
    return base::fail(connection_error(::WSAGetLastError(), "wake-up socket"));
  }
  return waker;
}

void Waker::wake() {
  if (woken_.exchange(true)) return;
  const char byte = 0;
  ::send(static_cast<SOCKET>(read_.fd()), &byte, 1, 0);
}

base::Result<void> poll_any(std::span<Polled> polled, std::optional<Clock::time_point> deadline) {
  // Two at most stand in almost every call.
  constexpr std::size_t kUsual = 2;
  std::array<WSAPOLLFD, kUsual> usual{};
  std::vector<WSAPOLLFD> more(polled.size() > kUsual ? polled.size() : 0);
  const std::span<WSAPOLLFD> all = more.empty() ? std::span(usual).first(polled.size()) : more;
  for (std::size_t i = 0; i < polled.size(); ++i) {
    const bool read = polled[i].until == Until::kReadable;
    all[i] = {.fd = static_cast<SOCKET>(polled[i].fd),
              .events = read ? short{POLLRDNORM} : short{POLLWRNORM},
              .revents = 0};
  }
  if (::WSAPoll(all.data(), static_cast<ULONG>(all.size()), poll_time(deadline)) < 0) {
    return base::fail(connection_error(::WSAGetLastError(), "poll"));
  }
  for (std::size_t i = 0; i < polled.size(); ++i) polled[i].ready = all[i].revents != 0;
  return {};
}

base::Error connection_error(int number, std::string context) {
  base::Error error{ErrorKind::kConnection, std::error_code(number, std::system_category()),
                    std::move(context)};
  if (number == WSAETIMEDOUT) error.kind = ErrorKind::kTimeout;
  if (number == WSAEMFILE || number == WSAENOBUFS || number == WSA_NOT_ENOUGH_MEMORY) {
    error.kind = ErrorKind::kLimit;
  }
  return error;
}

}  // namespace robosync::net
