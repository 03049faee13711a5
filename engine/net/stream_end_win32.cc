#include <winsock2.h>

#include <algorithm>
#include <utility>

#include "engine/net/system_socket.h"
#include "engine/net/waiting.h"

namespace robosync::net {
namespace {

constexpr std::size_t kPiecesPerCall = 64;
// A non-blocking socket of Windows takes whatever it is given at once, so that a peer that reads
// nothing would never be noticed.
constexpr std::size_t kBytesPerCall = std::size_t{256} * 1024;

StreamEnd::Count failed(const char* what, const std::string& peer) {
  const int number = ::WSAGetLastError();
  if (number == WSAEWOULDBLOCK) return std::nullopt;
  return base::fail(connection_error(number, std::string(what).append(" ").append(peer)));
}

}  // namespace

base::Result<StreamEnd> StreamEnd::take(Socket fd) {
  StreamEnd end;
  ROBOSYNC_TRY(set_non_blocking(fd.fd()));
  end.fd_ = std::move(fd);
  return end;
}

void StreamEnd::close() { fd_ = Socket(); }

StreamEnd::Count StreamEnd::receive(std::span<std::byte> out, const std::string& peer) {
  const int size = static_cast<int>(std::min(out.size(), kBytesPerCall));
  const int count =
      ::recv(static_cast<SOCKET>(fd_.fd()), reinterpret_cast<char*>(out.data()), size, 0);
  if (count < 0) return failed("read", peer);
  return static_cast<std::size_t>(count);
}

StreamEnd::Count StreamEnd::send(std::span<const std::span<const std::byte>> pieces,
                                 std::size_t offset, const std::string& peer) {
  std::array<WSABUF, kPiecesPerCall> parts{};
  std::size_t left = kBytesPerCall;
  DWORD count = 0;
  for (; count < std::min(pieces.size(), kPiecesPerCall) && left != 0; ++count) {
    const auto piece = count == 0 ? pieces[0].subspan(offset) : pieces[count];
    const std::size_t size = std::min(piece.size(), left);
    left -= size;
    // WSASend does not write through this pointer.
    parts[count] = {.len = static_cast<ULONG>(size),
                    .buf = const_cast<char*>(reinterpret_cast<const char*>(piece.data()))};
  }
  DWORD sent = 0;
  if (::WSASend(static_cast<SOCKET>(fd_.fd()), parts.data(), count, &sent, 0, nullptr, nullptr) !=
      0) {
    return failed("write", peer);
  }
  return sent;
}

base::Result<void> StreamEnd::end_output(const std::string& peer) {
  if (::shutdown(static_cast<SOCKET>(fd_.fd()), SD_SEND) == 0) return {};
  const int number = ::WSAGetLastError();
  // A peer that has gone meanwhile needs not be told; whether it may go is the reader's to see.
  if (number == WSAENOTCONN || number == WSAECONNRESET || number == WSAECONNABORTED) return {};
  return base::fail(connection_error(number, "finish " + peer));
}

}  // namespace robosync::net
