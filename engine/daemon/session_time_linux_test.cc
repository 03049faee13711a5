// Sessions that keep their places: how long the daemon lets them, and who may join them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/daemon/access.h"
#include "engine/daemon/held_transfer_testing.h"
#include "engine/daemon/session_linux_testing.h"
#include "engine/net/socket.h"
#include "engine/net/striped_stream.h"
#include "engine/session/channel.h"

namespace robosync::daemon {
namespace {

using session::ClientRole;
using ::testing::HasSubstr;

TEST_F(SessionTest, who_only_sends_heartbeats_loses_its_place) {
  TestServer server(plan("", plaintext(), "stall_timeout_s = 1"));
  const base::Cancellation never;
  auto stream = net::connect_tcp({"127.0.0.1", server.endpoint().port}, {}, never);
  ASSERT_TRUE(stream);
  session::Channel client(std::move(*stream), session::Channel::Heartbeats::kNone);
  session::Opening opening{.role = ClientRole::kTarget, .module = "m"};
  opening.paths = {"/"};
  ASSERT_TRUE(session::open_session(client, opening, {}));
  std::thread beating([&] {
    while (!client.fault()) {
      client.post(wire::Type::kPing, {});
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  while (client.receive()) {
  }
  client.abort(base::make_error(base::ErrorKind::kCancelled, "seen"));
  beating.join();
  EXPECT_TRUE(server.logged("outcome=failed")) << server.log();
  EXPECT_THAT(server.get("/metrics"), HasSubstr("robosync_sessions_active 0\n"));
}

// A client may keep a connection that joined, but not its place here.
TEST_F(SessionTest, a_joined_connection_ends_with_its_session) {
  TestServer server(plan("", plaintext(), "idle_timeout_s = 1"));
  const base::Cancellation never;
  const auto connect = [&] {
    auto stream = net::connect_tcp({"127.0.0.1", server.endpoint().port}, {}, never);
    return std::make_unique<session::Channel>(std::move(stream).value(),
                                              session::Channel::Heartbeats::kNone);
  };
  auto first = connect();
  session::Opening opening{.role = ClientRole::kTarget, .module = "m"};
  opening.paths = {"/"};
  opening.more_connections = true;
  const auto ticket = session::open_session(*first, opening, {});
  ASSERT_TRUE(ticket);
  const auto second = connect();
  ASSERT_TRUE(session::join_session(*second, *ticket));
  first.reset();
  EXPECT_TRUE(server.logged("joined connection ended")) << server.log();
}

// Neither whoever takes nothing more of a large file nor whoever sends nothing more of one.
TEST_F(SessionTest, who_is_stuck_in_a_large_file_holds_up_nobody) {
  constexpr int kFiles = 200;
  write(path("module") / "large", "");
  std::filesystem::resize_file(path("module") / "large", kHeldFileBytes);
  std::filesystem::create_directory(path("module") / "small");
  for (int i = 0; i < kFiles; ++i) {
    write(path("module") / "small" / std::to_string(i), "small");
    write(path("local") / ("pushed" + std::to_string(i)), "pushed");
  }
  TestServer server(plan("read_only = false", plaintext()));
  const base::Cancellation never;
  const auto connect = [&] {
    return net::connect_tcp({"127.0.0.1", server.endpoint().port}, {}, never).value();
  };
  HeldTransfer pull(connect(), ClientRole::kTarget);
  ASSERT_TRUE(pull.is_held());
  HeldTransfer push(connect(), ClientRole::kSource);
  ASSERT_TRUE(push.is_held());
  const auto pushed = run(server, {.role = ClientRole::kSource});
  EXPECT_EQ(message_of(pushed), "");
  EXPECT_EQ(content(path("module") / ("pushed" + std::to_string(kFiles - 1))), "pushed");
  const auto pulled = run(server, {.remote = "/small/"});
  EXPECT_EQ(message_of(pulled), "");
  EXPECT_EQ(content(path("local") / std::to_string(kFiles - 1)), "small");
  EXPECT_TRUE(pull.ends_well()) << server.log();
  EXPECT_TRUE(push.ends_well()) << server.log();
}

// A ticket is good for its own session, as long as that lasts, and for so many connections.
TEST_F(SessionTest, only_who_shows_its_ticket_joins_a_session) {
  TestServer server(plan("", plaintext()));
  const base::Cancellation never;
  const auto connect = [&] {
    auto stream = net::connect_tcp({"127.0.0.1", server.endpoint().port}, {}, never);
    return std::make_unique<session::Channel>(std::move(stream).value(),
                                              session::Channel::Heartbeats::kNone);
  };
  const auto join = [&](const std::string& ticket) {
    return session::join_session(*connect(), ticket);
  };
  auto first = connect();
  session::Opening opening{.role = ClientRole::kTarget, .module = "m"};
  opening.paths = {"/"};
  opening.more_connections = true;
  const auto ticket = session::open_session(*first, opening, {});
  ASSERT_TRUE(ticket) << ticket.error().message();
  ASSERT_GE(ticket->size(), 32U);
  for (const std::string& other : {std::string(), std::string("x"), ticket->substr(1)}) {
    const auto joined = join(other);
    ASSERT_FALSE(joined);
    EXPECT_THAT(joined.error().message(), HasSubstr(std::string(kRefusalText)));
  }
  std::vector<std::unique_ptr<session::Channel>> others;
  for (std::size_t i = 1; i < net::kStripesMax; ++i) {
    others.push_back(connect());
    const auto joined = session::join_session(*others.back(), *ticket);
    EXPECT_TRUE(joined) << joined.error().message();
  }
  EXPECT_FALSE(join(*ticket)) << "one too many";
  others.clear();
  first.reset();
  EXPECT_TRUE(server.logged("outcome=failed"));
  EXPECT_FALSE(join(*ticket)) << "its session is over";
  const std::string metrics = server.get("/metrics");
  EXPECT_THAT(metrics, HasSubstr("robosync_workers_died_total 0\n")) << server.log();
  EXPECT_THAT(metrics, HasSubstr("robosync_sessions_total{outcome=\"failed\"} 1\n"));
}

}  // namespace
}  // namespace robosync::daemon
