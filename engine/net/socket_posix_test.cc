#include "engine/net/socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "engine/net/stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A listener whose queue is full answers nobody: Linux drops the first packet.
class BlackHole {
 public:
  BlackHole() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_.fd(), plain, size), 0);
    EXPECT_EQ(::listen(socket_.fd(), 0), 0);
    EXPECT_EQ(::getsockname(socket_.fd(), plain, &size), 0);
    port_ = ntohs(address.sin_port);
    for (int i = 0; i < 3; ++i) {
      fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
      ::fcntl(fillers_.back().fd(), F_SETFL, O_NONBLOCK);
      static_cast<void>(::connect(fillers_.back().fd(), plain, size));
    }
  }
  [[nodiscard]] Address address() const { return {.host = "127.0.0.1", .port = port_}; }

 private:
  Socket socket_;
  std::vector<Socket> fillers_;
  std::uint16_t port_ = 0;
};

TEST(Socket, ABlackHoleIsGivenUpAtTheDeadline) {
  const BlackHole hole;
  const base::Cancellation never;
  const auto begin = steady_clock::now();
  EXPECT_EQ(kind_of(connect_tcp(hole.address(), {.connect_time = milliseconds(150)}, never)),
            ErrorKind::kConnectTimeout);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(150));
}

TEST(Socket, ConnectingCanBeCancelled) {
  const BlackHole hole;
  base::Cancellation cancellation;
  std::thread canceller([&] { cancellation.request(); });
  EXPECT_EQ(kind_of(connect_tcp(hole.address(), {}, cancellation)), ErrorKind::kCancelled);
  canceller.join();
}

TEST(Socket, AdoptsOnlyWhatListens) {
  std::vector<Socket> sockets;
  sockets.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
  ASSERT_EQ(::listen(sockets[0].fd(), 1), 0);
  EXPECT_TRUE(Listener::adopt(std::move(sockets)));
  sockets.clear();
  sockets.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_EQ(kind_of(Listener::adopt(std::move(sockets))), ErrorKind::kInvalid);
}

TEST(Pipes, CarryBytesEndAndRestoreTheirFlags) {
  std::array<int, 2> there{};
  std::array<int, 2> back{};
  ASSERT_EQ(::pipe(there.data()), 0);
  ASSERT_EQ(::pipe(back.data()), 0);
  const Socket witness(::dup(there[1]));
  auto a = stream_over_pipes(back[0], there[1]);
  auto b = stream_over_pipes(there[0], back[1], "stdio");
  ASSERT_TRUE(a && b);
  EXPECT_EQ((*a)->peer(), "pipe");
  ASSERT_TRUE(send(**a, "question"));
  EXPECT_EQ(receive(**b, 8).value_or("failed"), "question");
  ASSERT_TRUE(send(**b, "answer"));
  ASSERT_TRUE((*b)->finish());
  EXPECT_EQ(receive_all(**a).value_or("failed"), "answer");
  a->reset();
  EXPECT_EQ(::fcntl(witness.fd(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(Pipes, ABrokenPipeIsNoSignal) {
  std::array<int, 2> there{};
  std::array<int, 2> back{};
  ASSERT_EQ(::pipe(there.data()), 0);
  ASSERT_EQ(::pipe(back.data()), 0);
  const Socket other(back[1]);
  ::close(there[0]);
  auto stream = stream_over_pipes(back[0], there[1]);
  ASSERT_TRUE(stream);
  EXPECT_EQ(kind_of(send(**stream, "x")), ErrorKind::kConnection);
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

}  // namespace
}  // namespace robosync::net
