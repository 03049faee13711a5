#include "engine/daemon/server_linux.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include "engine/daemon/server_linux_testing.h"

namespace robosync::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// uid and gid: the tests may be run by root, and the build tree may be closed to others. Memory
// without limit: sanitizers reserve more than there is.
std::string config(const std::string& top = "", const std::string& limits = "",
                   const std::string& module = "", const std::string& bind = "127.0.0.1:0") {
  return "bind = ['" + bind + "']\nplaintext = true\n" + top +
         "\n[metrics]\nbind = '127.0.0.1:0'\n[limits]\nworker_memory_mib = 0\n" + limits +
         "\n[modules.m]\npath = '/nonexistent'\nuid = " + std::to_string(::getuid()) +
         "\ngid = " + std::to_string(::getgid()) + "\n" + module + "\n";
}

TEST(ServerTest, each_connection_gets_a_worker_of_its_own) {
  TestServer server(config("", "", "comment = 'as configured'"));
  LineClient first(server.endpoint());
  LineClient second(server.endpoint());
  EXPECT_EQ(first.ask("describe peer"), "127.0.0.1");
  EXPECT_EQ(first.ask("describe comment"), "as configured");
  EXPECT_EQ(first.ask("enter m"), "ok");
  first.send("abort\n");
  EXPECT_EQ(first.line(), "<end>");
  EXPECT_EQ(second.ask("describe peer"), "127.0.0.1");
  EXPECT_TRUE(server.logged("worker died peer=127.0.0.1"));
  LineClient third(server.endpoint());
  EXPECT_EQ(third.ask("describe peer"), "127.0.0.1");
}

TEST(ServerTest, a_worker_inherits_nothing) {
  TestServer server(config());
  LineClient other(server.endpoint());
  LineClient client(server.endpoint());
  EXPECT_EQ(client.ask("describe environment"), "empty");
  EXPECT_EQ(client.ask("describe inherited"), "none");
}

TEST(ServerTest, serves_ipv6) {
  TestServer server(config("", "", "", "[::1]:0"));
  LineClient client(server.endpoint());
  EXPECT_EQ(client.ask("describe peer"), "::1");
}

TEST(ServerTest, connections_are_limited_per_address) {
  TestServer server(config("", "connections_per_address_max = 2"));
  LineClient first(server.endpoint());
  LineClient second(server.endpoint());
  EXPECT_EQ(first.ask("describe peer"), "127.0.0.1");
  EXPECT_EQ(second.ask("describe peer"), "127.0.0.1");
  LineClient third(server.endpoint());
  EXPECT_EQ(third.line(), "<end>");
  EXPECT_THAT(server.get("/metrics"), HasSubstr("turned_away_total{reason=\"address_limit\"} 1\n"));
  first.close();
  EXPECT_TRUE(server.logged("session ended"));
  LineClient fourth(server.endpoint());
  EXPECT_EQ(fourth.ask("describe peer"), "127.0.0.1");
}

// Whoever has used up its own places has not used up those of others.
TEST(ServerTest, an_address_at_its_limit_leaves_the_others_theirs) {
  TestServer server(config("", "connections_max = 4\nconnections_per_address_max = 2"));
  const auto greedy = parse_address("127.0.0.2").value();
  LineClient opened(server.endpoint(), greedy);
  EXPECT_EQ(opened.ask("enter m"), "ok");
  LineClient silent(server.endpoint(), greedy);
  for (int i = 0; i < 5; ++i) {
    LineClient more(server.endpoint(), greedy);
    EXPECT_EQ(more.line(), "<end>");
  }
  for (const char* const other : {"127.0.0.3", "127.0.0.4"}) {
    LineClient client(server.endpoint(), parse_address(other).value());
    EXPECT_EQ(client.ask("describe peer"), other);
    EXPECT_EQ(client.ask("enter m"), "ok");
  }
  EXPECT_EQ(opened.ask("describe peer"), "127.0.0.2");
  EXPECT_EQ(silent.ask("describe peer"), "127.0.0.2");
}

TEST(ServerTest, connections_are_limited_in_total) {
  TestServer server(config("", "connections_max = 1"));
  LineClient first(server.endpoint());
  EXPECT_EQ(first.ask("describe peer"), "127.0.0.1");
  LineClient second(server.endpoint());
  EXPECT_EQ(second.line(), "<end>");
  EXPECT_THAT(server.get("/metrics"), HasSubstr("turned_away_total{reason=\"total_limit\"} 1\n"));
}

TEST(ServerTest, a_module_has_so_many_places) {
  TestServer server(config("", "", "connections_max = 1"));
  LineClient first(server.endpoint());
  LineClient second(server.endpoint());
  EXPECT_EQ(first.ask("enter m"), "ok");
  EXPECT_THAT(second.ask("enter m"), HasSubstr("all its connections are taken"));
  first.close();
  EXPECT_TRUE(server.logged("session ended"));
  LineClient third(server.endpoint());
  EXPECT_EQ(third.ask("enter m"), "ok");
}

TEST(ServerTest, a_module_without_places_leaves_the_others_theirs) {
  TestServer server(config(
      "", "",
      "connections_max = 1\n[modules.n]\npath = '/nonexistent'\nconnections_max = 1\nuid = " +
          std::to_string(::getuid()) + "\ngid = " + std::to_string(::getgid())));
  LineClient first(server.endpoint());
  LineClient second(server.endpoint());
  EXPECT_EQ(first.ask("enter m"), "ok");
  EXPECT_THAT(second.ask("enter m"), HasSubstr("all its connections are taken"));
  LineClient third(server.endpoint());
  EXPECT_EQ(third.ask("enter n"), "ok");
}

TEST(ServerTest, queues_are_told) {
  TestServer server(config());
  LineClient client(server.endpoint());
  EXPECT_EQ(client.ask("describe peer"), "127.0.0.1");
  EXPECT_THAT(server.get("/metrics"), HasSubstr("robosync_connections_opening 1\n"));
  EXPECT_EQ(client.ask("enter m"), "ok");
  const std::string metrics = server.get("/metrics");
  EXPECT_THAT(metrics, HasSubstr("robosync_connections_opening 0\n"));
  EXPECT_THAT(metrics, HasSubstr("robosync_connections_waiting 0\n"));
}

// Connections that nobody takes yet are seen where they wait.
TEST(ListenTest, connections_that_wait_are_counted) {
  const auto listening = listen_on(parse_endpoint("127.0.0.1:0", 0).value());
  ASSERT_TRUE(listening);
  EXPECT_EQ(waiting_on(*listening), 0U);
  const LineClient first(listening->bound);
  const LineClient second(listening->bound);
  EXPECT_EQ(waiting_on(*listening), 2U);
  ASSERT_TRUE(accept_from(*listening));
  EXPECT_EQ(waiting_on(*listening), 1U);
}

TEST(ServerTest, reports_are_added_up_and_deaths_counted) {
  TestServer server(config());
  {
    LineClient client(server.endpoint());
    client.send("count 7\n\n");
    EXPECT_EQ(client.line(), "<end>");
  }
  EXPECT_TRUE(server.logged("outcome=ok"));
  LineClient dying(server.endpoint());
  dying.send("abort\n");
  EXPECT_TRUE(server.logged("how=\"signal 6\""));
  const std::string text = server.get("/metrics");
  EXPECT_THAT(text, HasSubstr("robosync_build_info{version=\"9.9.9\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("robosync_sessions_total{outcome=\"ok\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("robosync_entries_total{kind=\"file\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("robosync_workers_died_total 1\n"));
  EXPECT_THAT(text, HasSubstr("robosync_sessions_active 0\n"));
  EXPECT_THAT(server.get("/healthz"), HasSubstr("200 OK"));
}

TEST(ServerTest, a_worker_that_talks_nonsense_is_killed_and_its_report_ignored) {
  for (const std::string& lie : {std::string("nonsense"), std::string("report outcome=ok"),
                                 std::string("enter"), std::string(kReportBytesMax + 65, 'x')}) {
    TestServer server(config());
    LineClient client(server.endpoint());
    client.send("lie " + lie + "\n");
    EXPECT_EQ(client.line(), "<end>");
    EXPECT_TRUE(server.logged("worker died"));
    EXPECT_THAT(server.log(), HasSubstr("signal 9"));
    EXPECT_THAT(server.get("/metrics"), HasSubstr("robosync_workers_died_total 1\n"));
  }
}

TEST(ServerTest, a_second_module_is_not_entered) {
  TestServer server(config());
  LineClient client(server.endpoint());
  EXPECT_EQ(client.ask("enter m"), "ok");
  client.send("lie enter m\n");
  EXPECT_EQ(client.line(), "<end>");
  EXPECT_TRUE(server.logged("a message that makes no sense"));
}

TEST(ServerTest, who_opens_no_session_in_time_is_ended) {
  TestServer server(config("", "handshake_timeout_s = 1"));
  LineClient silent(server.endpoint());
  LineClient entered(server.endpoint());
  EXPECT_EQ(entered.ask("enter m"), "ok");
  EXPECT_EQ(silent.line(), "<end>");
  EXPECT_TRUE(server.logged("no session was opened in time"));
  EXPECT_EQ(entered.ask("describe peer"), "127.0.0.1");
}

TEST(ServerTest, stopping_lets_sessions_finish) {
  TestServer server(config());
  LineClient client(server.endpoint());
  EXPECT_EQ(client.ask("enter m"), "ok");
  server.server().request_stop();
  EXPECT_TRUE(server.logged("stopping sessions=1"));
  EXPECT_EQ(client.ask("describe peer"), "127.0.0.1");
  EXPECT_THAT(server.get("/healthz"), HasSubstr("503"));
  client.close();
  EXPECT_TRUE(server.logged("stopped"));
  EXPECT_THAT(server.log(), Not(HasSubstr("abort")));
  EXPECT_THAT(server.log(), HasSubstr("outcome=ok"));
}

TEST(ServerTest, after_the_grace_sessions_are_told_to_abort) {
  TestServer server(config("", "grace_s = 0"));
  LineClient client(server.endpoint());
  EXPECT_EQ(client.ask("wait"), "waiting");
  server.server().request_stop();
  EXPECT_EQ(client.line(), "cancelled");
  EXPECT_TRUE(server.logged("stopped"));
  EXPECT_THAT(server.log(), HasSubstr("outcome=partial"));
}

TEST(ServerTest, a_second_request_does_not_wait_for_the_grace) {
  TestServer server(config("", "grace_s = 3600"));
  LineClient client(server.endpoint());
  EXPECT_EQ(client.ask("wait"), "waiting");
  server.server().request_stop();
  EXPECT_TRUE(server.logged("stopping sessions=1"));
  server.server().request_stop();
  EXPECT_EQ(client.line(), "cancelled");
  EXPECT_TRUE(server.logged("stopped"));
}

TEST(ServerTest, a_reload_holds_for_new_sessions_and_keeps_the_port) {
  TestServer server(config("", "", "comment = 'one'"));
  const Endpoint endpoint = server.endpoint();
  LineClient before(endpoint);
  EXPECT_EQ(before.ask("describe comment"), "one");
  server.set_text(config("", "", "comment = 'two'"));
  server.server().request_reload();
  EXPECT_TRUE(server.logged("configuration read again"));
  LineClient after(endpoint);
  EXPECT_EQ(after.ask("describe comment"), "two");
  EXPECT_EQ(before.ask("describe comment"), "one");
}

TEST(ServerTest, a_reload_with_mistakes_changes_nothing) {
  TestServer server(config("", "", "comment = 'one'"));
  server.set_text(config("", "", "hosts_deny = ['all']"));
  server.server().request_reload();
  EXPECT_TRUE(server.logged("modules.m.hosts_deny: 'all' is not"));
  LineClient after(server.endpoint());
  EXPECT_EQ(after.ask("describe comment"), "one");
  EXPECT_THAT(server.get("/metrics"), HasSubstr("robosync_reloads_total{result=\"failed\"} 1\n"));
}

TEST(ServerTest, a_worker_that_cannot_be_confined_serves_nobody) {
  TestServer server(config());
  // An account that does not exist is found when the worker starts.
  server.set_text(config("", "", "").replace(config().find("uid = "), 6, "uid = 'no-such-user'#"));
  server.server().request_reload();
  EXPECT_TRUE(server.logged("configuration read again"));
  LineClient client(server.endpoint());
  EXPECT_EQ(client.line(), "<end>");
  EXPECT_TRUE(server.logged("how=\"exit 70\""));
}

// What systemd would hear.
class NotifySocket {
 public:
  explicit NotifySocket(const std::filesystem::path& path) {
    socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    timeval wait{kTestWait.count(), 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  }
  [[nodiscard]] std::string next() const {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return got < 0 ? "<time out>" : std::string(buffer.data(), static_cast<std::size_t>(got));
  }
  // The next one that is no sign of life.
  [[nodiscard]] std::string next_state() const {
    std::string text = next();
    while (text == "WATCHDOG=1") text = next();
    return text;
  }

 private:
  Descriptor socket_;
};

TEST(ServerTest, tells_systemd_how_it_is) {
  const TestFolder folder;
  const NotifySocket systemd(folder.path() / "notify");
  ::setenv("NOTIFY_SOCKET", (folder.path() / "notify").c_str(), 1);
  ::setenv("WATCHDOG_USEC", "20000", 1);
  Notifier notifier = Notifier::from_environment();
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  EXPECT_EQ(notifier.watchdog_interval().count(), 10);
  TestServer server(config(), std::move(notifier));
  EXPECT_THAT(systemd.next_state(), testing::StartsWith("READY=1\nSTATUS=listening on 127.0.0.1:"));
  EXPECT_EQ(systemd.next(), "WATCHDOG=1");
  EXPECT_EQ(systemd.next(), "WATCHDOG=1");
  server.server().request_reload();
  EXPECT_THAT(systemd.next_state(), testing::StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_THAT(systemd.next_state(), testing::StartsWith("READY=1"));
  server.stop();
  EXPECT_EQ(systemd.next_state(), "STOPPING=1");
}

TEST(NotifierTest, somebody_elses_watchdog_is_not_ours) {
  ::setenv("NOTIFY_SOCKET", "/nonexistent", 1);
  ::setenv("WATCHDOG_USEC", "20000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_interval().count(), 0);
}

TEST(ActivationTest, serves_the_sockets_that_it_is_given) {
  auto listening = listen_on(parse_endpoint("127.0.0.1:0", 0).value());
  ASSERT_TRUE(listening);
  listening->activated = true;
  const Endpoint bound = listening->bound;
  std::vector<Listening> activated;
  activated.push_back(std::move(*listening));
  TestServer server(config(), {}, std::move(activated));
  ASSERT_EQ(server.server().endpoints().size(), 1U);
  EXPECT_EQ(server.endpoint(), bound);
  LineClient client(bound);
  EXPECT_EQ(client.ask("describe peer"), "127.0.0.1");
}

TEST(ActivationTest, variables_for_another_process_are_not_ours) {
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  const auto taken = take_activated_sockets();
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

TEST(ActivationTest, there_is_a_limit_and_what_does_not_listen_is_refused) {
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", std::to_string(kActivatedSocketsMax + 1).c_str(), 1);
  EXPECT_EQ(take_activated_sockets().error().kind, base::ErrorKind::kLimit);
}

TEST(ListenTest, an_address_in_use_is_told) {
  const auto first = listen_on(parse_endpoint("127.0.0.1:0", 0).value());
  ASSERT_TRUE(first);
  const auto second = listen_on(first->bound);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(), HasSubstr("listen on " + first->bound.text()));
}

TEST(MetricsServerTest, clients_are_limited_and_do_not_hold_it_up) {
  TestServer server(config());
  std::vector<LineClient> silent;
  silent.reserve(kHttpClientsMax);
  for (std::size_t i = 0; i < kHttpClientsMax - 1; ++i) {
    silent.emplace_back(*server.server().metrics_endpoint());
  }
  EXPECT_THAT(server.get("/healthz"), HasSubstr("200 OK"));
  // All places taken: this one waits until a silent one has used up its time.
  silent.emplace_back(*server.server().metrics_endpoint());
  EXPECT_THAT(server.get("/healthz"), HasSubstr("200 OK"));
  EXPECT_EQ(silent.front().line(), "<end>");
}

}  // namespace
}  // namespace robosync::daemon
