// Sessions over several connections, in memory.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/base/mutex.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/net/striped_stream.h"
#include "engine/session/client.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

using base::ErrorKind;
using base::Result;

constexpr const char* kTicket = "a secret";

// A server in one process, each connection in a thread of its own: those that join are handed to
// the session as they are.
class Server {
 public:
  explicit Server(fs::FileSystem& files) : files_(files) {}
  ~Server() {
    for (std::thread& thread : threads_) thread.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The client's end of another connection.
  net::StreamPtr connect(const net::MemoryLink& link = {}) {
    net::MemoryPair pair = net::memory_stream_pair(link);
    threads_.emplace_back([this, stream = std::move(pair.server)]() mutable {
      Gate gate(*this);
      const Served served = session::serve(std::move(stream), gate, never_);
      if (served.joined && !served.fault) ++joined_;
    });
    return std::move(pair.client);
  }
  [[nodiscard]] int joined() const { return joined_; }
  bool takes_more = true;  // connections

 private:
  class Gate final : public Gatekeeper {
   public:
    explicit Gate(Server& server) : server_(server) {}
    Result<Grant> admit(const Opening& opening, const net::Stream&) override {
      Grant grant;
      grant.file_system = &server_.files_;
      if (!opening.more_connections || !server_.takes_more) return grant;
      grant.ticket = kTicket;
      grant.joined = [this](std::size_t count) { return server_.take(count); };
      return grant;
    }
    Result<Relay> join(const std::string& ticket) override {
      if (ticket != kTicket) {
        return base::fail(base::make_error(ErrorKind::kRefused, "no such session"));
      }
      return Relay([this](net::StreamPtr stream) -> Result<void> {
        const base::MutexLock lock(server_.mutex_);
        server_.streams_.push_back(std::move(stream));
        server_.changed_.notify_all();
        return {};
      });
    }

   private:
    Server& server_;
  };

  Result<std::vector<net::StreamPtr>> take(std::size_t count) {
    const base::MutexLock lock(mutex_);
    while (streams_.size() < count) changed_.wait(mutex_);
    return std::move(streams_);
  }

  fs::FileSystem& files_;
  const base::Cancellation never_;
  std::atomic<int> joined_{0};
  base::Mutex mutex_;
  base::Condition changed_;
  std::vector<net::StreamPtr> streams_ ROBOSYNC_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

class Warnings final : public apply::Observer {
 public:
  void on_warning(const std::string& text) override { text_ += text + "\n"; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class StripedSession : public testing::TestWithParam<ClientRole> {
 protected:
  StripedSession() {
    memory_.build("/src", "small = content\nsub/large = " + std::string(3'000'000, 'x') + "\n");
    memory_.build("/dst", "");
    request_.sources = {"/src/"};
    request_.target = "/dst";
    request_.remote.connections = 4;
  }

  // `links`: of the connections, the first one first; after those there are no more.
  Result<Report> run(const std::vector<net::MemoryLink>& links) {
    Server server(memory_);
    server.takes_more = takes_more_;
    Opening opening;
    opening.role = GetParam();
    opening.paths =
        GetParam() == ClientRole::kSource ? std::vector{request_.target} : request_.sources;
    opening.more_connections = true;
    std::size_t next = 1;
    const auto another = [&]() -> Result<net::StreamPtr> {
      if (next < links.size()) return server.connect(links[next++]);
      return base::fail(base::make_error(ErrorKind::kConnection, "no more"));
    };
    const base::Cancellation never;
    auto report =
        run_client(server.connect(links[0]), opening, request_, memory_, warnings_, never, another);
    joined_ = server.joined();
    return report;
  }

  void expect_same() {
    EXPECT_EQ(memory_.dump("/dst", {.modes = false}), memory_.dump("/src", {.modes = false}));
  }

  fs::MemoryFileSystem memory_;
  Request request_;
  Warnings warnings_;
  bool takes_more_ = true;
  int joined_ = 0;
};

std::string role_name(const testing::TestParamInfo<ClientRole>& info) {
  return info.param == ClientRole::kSource ? "Push" : "Pull";
}

INSTANTIATE_TEST_SUITE_P(Over, StripedSession,
                         testing::Values(ClientRole::kSource, ClientRole::kTarget), role_name);

TEST_P(StripedSession, EverythingArrivesOverAllConnections) {
  const auto report = run({{}, {}, {.buffer_bytes = 1000}, {}});
  ASSERT_TRUE(report) << report.error().message();
  ASSERT_FALSE(report->fatal) << report->fatal->message();
  EXPECT_EQ(report->outcome, Outcome::kOk);
  EXPECT_EQ(joined_, 3);
  EXPECT_EQ(warnings_.text(), "");
  expect_same();
}

TEST_P(StripedSession, ItGoesOnWithThoseItGets) {
  const auto report = run({{}, {}});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->outcome, Outcome::kOk);
  EXPECT_EQ(joined_, 1);
  EXPECT_TRUE(warnings_.text().starts_with("only 2 of 4 connections: ")) << warnings_.text();
  expect_same();
}

TEST_P(StripedSession, OneAloneWillDo) {
  const auto report = run({{}});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->outcome, Outcome::kOk);
  expect_same();
}

TEST_P(StripedSession, AServerThatTakesOneOnlySaysSo) {
  takes_more_ = false;
  const auto report = run({{}, {}});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(memory_.dump("/dst"), "");
}

// Whichever it is, and in the middle of what.
TEST_P(StripedSession, AConnectionThatIsLostLeavesOldOrNew) {
  for (const std::size_t which : {0U, 1U}) {
    for (const std::uint64_t at : {2'000U, 100'000U, 400'000U}) {
      std::vector<net::MemoryLink> links(3);
      links[which].to_server.cut_at = links[which].to_client.cut_at = at;
      const auto report = run(links);
      if (report && !report->fatal) continue;  // it was not needed that long
      const std::string dump = memory_.dump("/dst", {.modes = false});
      EXPECT_TRUE(dump.find("large = ") == std::string::npos ||
                  dump.find(std::string(3'000'000, 'x')) != std::string::npos);
    }
  }
  const auto report = run({{}, {}});
  ASSERT_TRUE(report) << report.error().message();
  expect_same();
}

// The time that the user set holds for all connections together.
TEST(StripedClient, AServerThatFallsSilentIsGivenUp) {
  net::MemoryPair pair = net::memory_stream_pair();
  std::thread server([stream = std::move(pair.server)]() mutable {
    Channel channel(std::move(stream), Channel::Heartbeats::kNone);
    ASSERT_TRUE(receive_beginning(channel));
    ASSERT_TRUE(accept(channel, kTicket));
    ASSERT_TRUE(receive_request(channel));
    ASSERT_TRUE(receive_stripe(channel, [](std::size_t) { return std::vector<net::StreamPtr>(); }));
    while (channel.receive()) {
    }
  });
  fs::MemoryFileSystem memory;
  memory.build("/dst", "");
  Request request;
  request.sources = {"/src/"};
  request.target = "/dst";
  request.remote.connections = 2;
  request.remote.no_progress_time = std::chrono::milliseconds(300);
  Opening opening{.role = ClientRole::kTarget};
  opening.paths = request.sources;
  opening.more_connections = true;
  Warnings warnings;
  const base::Cancellation never;
  const auto report =
      run_client(std::move(pair.client), opening, request, memory, warnings, never,
                 [] { return base::fail(base::make_error(ErrorKind::kConnection, "no more")); });
  server.join();
  const std::optional<base::Error> fault =
      report ? report->fatal : std::optional<base::Error>(report.error());
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, ErrorKind::kTimeout) << fault->message();
}

// What a hostile client may say where a number of connections is expected.
TEST(ReceiveStripe, OnlyANumberWithinTheLimitIsTaken) {
  const auto answer_to = [](wire::Type type, const std::string& payload) {
    net::MemoryPair pair = net::memory_stream_pair();
    Channel client(std::move(pair.client));
    Channel server(std::move(pair.server));
    client.post(type, payload);
    return receive_stripe(server, [](std::size_t) { return std::vector<net::StreamPtr>(); });
  };
  EXPECT_TRUE(answer_to(wire::Type::kStripe, std::string(1, '\0')));
  EXPECT_TRUE(answer_to(wire::Type::kStripe, std::string(1, net::kStripesMax - 1)));
  for (const std::string& payload :
       {std::string(), std::string(1, net::kStripesMax), std::string("\1\1")}) {
    const auto answer = answer_to(wire::Type::kStripe, payload);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::kProtocol);
  }
  EXPECT_FALSE(answer_to(wire::Type::kRequest, std::string(1, '\0')));
}

}  // namespace
}  // namespace robosync::session
