// Streams over pipes. Waiting for a pipe of Windows with a deadline, and waking up who waits, needs
// it to have been opened for that, which standard input and output usually are not. So two threads
// carry the bytes between the pipes and a pair of sockets, of which the Stream is one.
#include <winsock2.h>

#include <windows.h>

#include <array>
#include <memory>
#include <thread>
#include <utility>

#include "engine/net/owned_handle_win32.h"
#include "engine/net/system_socket.h"
#include "engine/net/waiting.h"

namespace robosync::net {
namespace {

constexpr std::size_t kCarriedBytes = std::size_t{64} * 1024;

struct Bridge {
  Socket socket;  // blocking
  OwnedHandle read;
  OwnedHandle write;

  [[nodiscard]] SOCKET handle() const { return static_cast<SOCKET>(socket.fd()); }

  // From the pipe to the stream, until either ends.
  void carry_in() {
    std::array<char, kCarriedBytes> buffer{};
    DWORD count = 0;
    while (ReadFile(read.get(), buffer.data(), static_cast<DWORD>(buffer.size()), &count,
                    nullptr) != 0 &&
           count != 0) {
      for (int sent = 0; sent < static_cast<int>(count);) {
        const int now = ::send(handle(), buffer.data() + sent, static_cast<int>(count) - sent, 0);
        if (now <= 0) return;
        sent += now;
      }
    }
    ::shutdown(handle(), SD_SEND);
  }

  void carry_out() {
    std::array<char, kCarriedBytes> buffer{};
    while (true) {
      const int count = ::recv(handle(), buffer.data(), static_cast<int>(buffer.size()), 0);
      if (count <= 0) break;
      DWORD written = 0;
      // A pipe takes all of it or is broken, which whoever writes must learn.
      if (WriteFile(write.get(), buffer.data(), static_cast<DWORD>(count), &written, nullptr) ==
          0) {
        ::shutdown(handle(), SD_RECEIVE);
        break;
      }
    }
    write.reset();
  }
};

struct Pair {
  Socket ours;
  Socket theirs;  // blocking
};

// Two ends of one connection over the loopback. Whoever else connects meanwhile is turned away.
base::Result<Pair> socket_pair() {
  ROBOSYNC_ASSIGN(const std::vector<Endpoint> local,
                  resolve({.host = "127.0.0.1", .port = 0}, Lookup::kNumeric));
  ROBOSYNC_ASSIGN(const Socket listener, listen_on(local.front(), "loopback"));
  const auto where = local_endpoint(listener);
  if (!where) return base::fail(connection_error(::WSAGetLastError(), "socket pair"));
  Pair pair;
  ROBOSYNC_ASSIGN(pair.ours, new_socket(where->family));
  ROBOSYNC_TRY(begin_connect(pair.ours, *where));
  while (true) {
    std::array<Polled, 1> waiting = {Polled{.fd = listener.fd()}};
    ROBOSYNC_TRY(poll_any(waiting, std::nullopt));
    auto accepted = accept_on(listener.fd());
    if (!accepted) {
      if (accepted.error().kind == base::ErrorKind::kTransient) continue;
      return base::fail(std::move(accepted).error());
    }
    const auto mine = local_endpoint(pair.ours);
    const auto peer = peer_endpoint(*accepted);
    if (!mine || !peer || address_of(*mine) != address_of(*peer)) continue;
    pair.theirs = std::move(*accepted);
    break;
  }
  u_long off = 0;
  ::ioctlsocket(static_cast<SOCKET>(pair.theirs.fd()), static_cast<long>(FIONBIO), &off);
  return pair;
}

OwnedHandle handle_of(int number) {
  // Handles have 32 significant bits, which are a signed number for the system.
  return owned(reinterpret_cast<HANDLE>(static_cast<INT_PTR>(number)));
}

}  // namespace

base::Result<StreamPtr> stream_over_pipes(int read_fd, int write_fd, std::string name) {
  auto bridge = std::make_shared<Bridge>();
  bridge->read = handle_of(read_fd);
  bridge->write = handle_of(write_fd);
  ROBOSYNC_ASSIGN(Pair pair, socket_pair());
  bridge->socket = std::move(pair.theirs);
  set_tcp_defaults(bridge->socket.fd());
  set_tcp_defaults(pair.ours.fd());
  ROBOSYNC_ASSIGN(StreamEnd end, StreamEnd::take(std::move(pair.ours)));
  ROBOSYNC_ASSIGN(StreamPtr stream, stream_over_ends(std::move(end), StreamEnd(), std::move(name)));
  try {
    // They end with the pipes and the stream; a read of standard input may last until the process
    // ends.
    std::thread([bridge] { bridge->carry_in(); }).detach();
    std::thread([bridge] { bridge->carry_out(); }).detach();
  } catch (const std::system_error& error) {
    return base::fail(base::from_errno(error.code().value(), "threads for a pipe"));
  }
  return stream;
}

}  // namespace robosync::net
