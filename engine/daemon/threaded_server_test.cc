// The daemon in one process: whole sessions over the loopback, its limits, and its end.
#include "engine/daemon/threaded_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "engine/daemon/held_transfer_testing.h"
#include "engine/daemon/token_maker.h"
#include "engine/net/authority_testing.h"
#include "engine/net/socket.h"
#include "engine/net/stream_testing.h"
#include "engine/net/tls.h"
#include "engine/net/token.h"
#include "engine/session/client.h"
#include "engine/session/connect.h"
#include "engine/session/listing.h"

namespace robosync::daemon {
namespace {

using session::ClientRole;
using std::filesystem::path;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kTestWait{20};

std::string content(const path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class ThreadedServerTest : public testing::Test {
 protected:
  ThreadedServerTest() {
    for (const char* name : {"module", "local", "state"}) {
      std::filesystem::create_directories(folder_ / name);
    }
    std::ofstream(folder_ / "module" / "a.txt", std::ios::binary) << "from the module";
    std::ofstream(folder_ / "local" / "c.txt", std::ios::binary) << "from here";
  }
  ~ThreadedServerTest() override {
    if (server_) stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // `top`, `limits` and `module` are lines of the file.
  void start(const std::string& top, const std::string& limits = "",
             const std::string& module = "") {
    LoadPlan plan;
    plan.config_text =
        top + "\nbind = ['127.0.0.1:0']\n[metrics]\nbind = '127.0.0.1:0'\n[limits]\n" + limits +
        "\n[modules.m]\npath = '" + (folder_ / "module").generic_string() + "'\n" + module + "\n";
    plan.default_state_dir = (folder_ / "state").generic_string();
    auto loaded = load_daemon(plan);
    ASSERT_TRUE(loaded) << loaded.error().message();
    Log log(LogFormat::kText, LogLevel::kInfo, Log::Prefix::kTime, [this](const std::string& line) {
      const base::MutexLock lock(mutex_);
      log_ += line;
    });
    auto server = ThreadedServer::start(std::move(*loaded), std::move(log), "1.2.3");
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
    runs_ = std::thread([this] { EXPECT_TRUE(server_->run()); });
  }

  void stop() {
    server_->request_stop();
    runs_.join();
    server_.reset();
  }

  [[nodiscard]] bool logged(const std::string& text) {
    const auto until = std::chrono::steady_clock::now() + kTestWait;
    while (std::chrono::steady_clock::now() < until) {
      {
        const base::MutexLock lock(mutex_);
        if (log_.find(text) != std::string::npos) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  net::StreamPtr connect() {
    const base::Cancellation never;
    auto stream = net::connect_tcp(server_->addresses().front(), {}, never);
    EXPECT_TRUE(stream);
    (*stream)->set_no_progress_time(kTestWait);
    return std::move(*stream);
  }

  // With a token or a certificate of its own: over TLS.
  base::Result<Report> run(ClientRole role, const std::string& token = "",
                           const net::Identity& identity = {}) {
    const base::Cancellation never;
    net::StreamPtr stream = connect();
    session::Opening opening{.role = role, .verb = Verb::kCopy, .module = "m"};
    opening.paths = {"/"};
    if (!token.empty() || !identity.certificate.empty()) {
      net::TlsClientOptions options;
      options.pin = [](const std::string&) { return base::Result<void>(); };
      options.identity = identity;
      ROBOSYNC_ASSIGN(stream, net::tls_client(std::move(stream), options));
    }
    if (!token.empty()) {
      ROBOSYNC_ASSIGN(const net::Token parsed, net::parse_token(token));
      opening.token_id = parsed.id;
      ROBOSYNC_ASSIGN(opening.proof, net::prove(parsed, stream->channel_binding()));
    }
    Request request;
    const std::string local = (folder_ / "local").generic_string() + "/";
    if (role == ClientRole::kTarget) {
      request.target = local;
    } else {
      request.sources = {local};
    }
    apply::Observer observer;
    return session::run_client(std::move(stream), opening, request, fs::native_file_system(),
                               observer, never);
  }

  std::string page(const std::string& name) {
    const base::Cancellation never;
    auto stream = net::connect_tcp(server_->metrics_addresses().front(), {}, never);
    EXPECT_TRUE(stream);
    EXPECT_TRUE(net::send(**stream, "GET " + name + " HTTP/1.0\r\n\r\n"));
    return net::receive_all(**stream).value_or("");
  }

  path folder_ = std::filesystem::temp_directory_path() /
                 ("robosync-daemon-" + std::to_string(base::random64()));
  std::unique_ptr<ThreadedServer> server_;

 private:
  base::Mutex mutex_;
  std::string log_ ROBOSYNC_GUARDED_BY(mutex_);
  std::thread runs_;
};

TEST_F(ThreadedServerTest, ServesBothDirectionsAndCounts) {
  start("plaintext = true", "", "read_only = false");
  const auto pulled = run(ClientRole::kTarget);
  ASSERT_TRUE(pulled) << pulled.error().message();
  EXPECT_EQ(pulled->outcome, robosync::Outcome::kOk);
  EXPECT_EQ(content(folder_ / "local" / "a.txt"), "from the module");
  const auto pushed = run(ClientRole::kSource);
  ASSERT_TRUE(pushed) << pushed.error().message();
  EXPECT_EQ(content(folder_ / "module" / "c.txt"), "from here");
  EXPECT_TRUE(logged("outcome=ok"));
  EXPECT_THAT(page("/metrics"), HasSubstr("robosync_sessions_total{outcome=\"ok\"}"));
  EXPECT_THAT(page("/healthz"), HasSubstr("200 OK"));
}

TEST_F(ThreadedServerTest, WhoIsStuckInALargeFileHoldsUpNobody) {
  std::ofstream(folder_ / "module" / "large", std::ios::binary).close();
  std::filesystem::resize_file(folder_ / "module" / "large", kHeldFileBytes);
  start("plaintext = true", "", "read_only = false");
  HeldTransfer pull(connect(), ClientRole::kTarget);
  ASSERT_TRUE(pull.is_held());
  HeldTransfer push(connect(), ClientRole::kSource);
  ASSERT_TRUE(push.is_held());
  EXPECT_TRUE(run(ClientRole::kSource));
  EXPECT_EQ(content(folder_ / "module" / "c.txt"), "from here");
  EXPECT_TRUE(run(ClientRole::kTarget));
  EXPECT_EQ(content(folder_ / "local" / "a.txt"), "from the module");
  EXPECT_TRUE(pull.ends_well());
  EXPECT_TRUE(push.ends_well());
}

TEST_F(ThreadedServerTest, ClientsMustShowACertificateWhereOneIsAskedFor) {
  const net::TestAuthority ours(folder_ / "state");
  const net::TestAuthority other(folder_ / "local");
  start("", "\n[tls]\nclient_ca = '" + ours.file().generic_string() + "'\n");
  EXPECT_TRUE(run(ClientRole::kTarget, "", ours.issue("backup")));
  EXPECT_FALSE(run(ClientRole::kTarget, "", other.issue("backup")));
}

TEST_F(ThreadedServerTest, AServerIsMetAtLeisure) {
  start("", "handshake_timeout_s = 1");
  const net::Address address = server_->addresses().front();
  const session::Location place{
      .carrier = session::Location::Carrier::kTls, .server = address, .module = "m"};
  RemoteSettings settings;
  settings.known_hosts_file = (folder_ / "state" / "known_hosts").generic_string();
  settings.trusts = [](const std::string&, const std::string&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2500));
    return true;
  };
  session::Opening opening{.role = ClientRole::kLister};
  opening.paths = {"/"};
  const base::Cancellation never;
  auto stream = session::connect(place, settings, never, opening);
  ASSERT_TRUE(stream) << stream.error().message();
  const auto listing = session::receive_listing(std::move(*stream), opening, never);
  ASSERT_TRUE(listing) << listing.error().message();
  EXPECT_EQ(listing->size(), 1U);
}

TEST_F(ThreadedServerTest, ATokenOverTlsOpensAModuleOfItsOwner) {
  const auto made = make_token("alice");
  ASSERT_TRUE(made);
  ASSERT_TRUE(add_token((folder_ / "state" / "tokens.toml").generic_string(), made->stored));
  start("", "", "users.alice = 'read'");
  const auto pulled = run(ClientRole::kTarget, made->secret);
  ASSERT_TRUE(pulled) << pulled.error().message();
  EXPECT_EQ(content(folder_ / "local" / "a.txt"), "from the module");
  const auto stranger = make_token("bob");
  EXPECT_EQ(net::kind_of(run(ClientRole::kTarget, stranger->secret)), base::ErrorKind::kRefused);
  EXPECT_EQ(net::kind_of(run(ClientRole::kSource, made->secret)), base::ErrorKind::kRefused);
}

TEST_F(ThreadedServerTest, ConnectionsHaveALimit) {
  start("plaintext = true", "connections_per_address_max = 1");
  const net::StreamPtr first = connect();
  // Until it is counted.
  ASSERT_THAT(page("/metrics"), HasSubstr("robosync"));
  const auto until = std::chrono::steady_clock::now() + kTestWait;
  while (server_->metrics().sessions_active == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const net::StreamPtr second = connect();
  const auto answer = net::receive_all(*second);
  EXPECT_TRUE(!answer || answer->empty());
  EXPECT_EQ(server_->metrics().turned_away.at(static_cast<std::size_t>(Turned::kAddress)), 1U);
}

TEST_F(ThreadedServerTest, WhoOpensNothingIsCut) {
  start("plaintext = true", "handshake_timeout_s = 1");
  const net::StreamPtr silent = connect();
  const auto begin = std::chrono::steady_clock::now();
  static_cast<void>(net::receive_all(*silent));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
  EXPECT_TRUE(logged("session ended"));
}

TEST_F(ThreadedServerTest, StopsAtOnceWithoutSessionsAndCutsThoseThatDoNotEnd) {
  start("plaintext = true", "grace_s = 1");
  const net::StreamPtr silent = connect();
  const auto until = std::chrono::steady_clock::now() + kTestWait;
  while (server_->metrics().sessions_active == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const auto begin = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_TRUE(logged("sessions are cut"));
  EXPECT_TRUE(logged("stopped"));
}

}  // namespace
}  // namespace robosync::daemon
