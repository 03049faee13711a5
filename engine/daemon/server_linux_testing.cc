#include "engine/daemon/server_linux_testing.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace robosync::daemon {
namespace {

ServerOptions options_for(const char* worker, Log::Sink sink) {
  const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return {.load = {},
          .worker_command = {(programs / worker).string()},
          .log = Log(LogFormat::kText, LogLevel::kInfo, Log::Prefix::kJournal, std::move(sink)),
          .version = "9.9.9",
          .activated = {},
          .notifier = {}};
}

sockaddr_in ipv4(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  std::memcpy(&address.sin_addr, endpoint.address.bytes.data() + 12, 4);
  return address;
}

}  // namespace

TestFolder::TestFolder() {
  std::string text = (std::filesystem::temp_directory_path() / "robosyncd-test-XXXXXX").string();
  EXPECT_NE(::mkdtemp(text.data()), nullptr);
  path_ = text;
  std::filesystem::permissions(path_, std::filesystem::perms::all);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

LineClient::LineClient(const Endpoint& endpoint, const std::optional<IpAddress>& from) {
  socket_ = Descriptor(
      ::socket(endpoint.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int connected = -1;
  if (endpoint.address.is_v4()) {
    if (from) {
      const sockaddr_in own = ipv4({*from, 0});
      const int bound = ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof(own));
      EXPECT_EQ(bound, 0) << std::strerror(errno);
    }
    const sockaddr_in address = ipv4(endpoint);
    connected =
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } else {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    std::memcpy(&address.sin6_addr, endpoint.address.bytes.data(), 16);
    connected = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  }
  EXPECT_EQ(connected, 0) << std::strerror(errno);
}

void LineClient::send(std::string_view text) const {
  ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

std::string LineClient::line() {
  std::string out;
  while (true) {
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kTestWait).count())) <= 0) {
      return out + "<time out>";
    }
    char byte = 0;
    if (::recv(socket_.get(), &byte, 1, 0) <= 0) return out + "<end>";
    if (byte == '\n') return out;
    out += byte;
  }
}

std::string LineClient::all() {
  std::string out;
  for (std::string next = line(); !next.ends_with("<end>") && !next.ends_with("<time out>");
       next = line()) {
    out += next + '\n';
  }
  return out;
}

TestServer::TestServer(std::string text, Notifier notifier, std::vector<Listening> activated) {
  set_text(std::move(text));
  ServerOptions options = options_for("daemon_worker_linux_testprog", sink());
  options.load = [this]() -> base::Result<Loaded> {
    const base::MutexLock lock(mutex_);
    ROBOSYNC_ASSIGN(Config config, parse_config(text_, "robosyncd.toml"));
    Job job;
    job.config_text = text_;
    job.config_name = "robosyncd.toml";
    return Loaded{std::move(config), std::move(job), {}};
  };
  options.activated = std::move(activated);
  options.notifier = std::move(notifier);
  start(std::move(options));
}

TestServer::TestServer(const LoadPlan& plan) {
  ServerOptions options = options_for("daemon_session_linux_testprog", sink());
  options.load = [plan] { return load_daemon(plan); };
  start(std::move(options));
}

Log::Sink TestServer::sink() {
  return [this](const std::string& line) {
    const base::MutexLock lock(mutex_);
    log_ += line;
    changed_.notify_all();
  };
}

void TestServer::start(ServerOptions options) {
  auto started = Server::start(std::move(options));
  if (!started) throw std::runtime_error(started.error().message());
  server_ = std::move(*started);
  metrics_ = server_->metrics_endpoint();
  thread_ = std::thread([this] {
    const auto ended = server_->run();
    EXPECT_TRUE(ended) << ended.error().message();
  });
}

TestServer::~TestServer() {
  // Whoever is still there is not worth the grace.
  if (thread_.joinable()) server_->request_stop();
  stop();
}

void TestServer::stop() {
  if (!thread_.joinable()) return;
  server_->request_stop();
  thread_.join();
}

void TestServer::set_text(std::string text) {
  const base::MutexLock lock(mutex_);
  text_ = std::move(text);
}

std::string TestServer::log() {
  const base::MutexLock lock(mutex_);
  return log_;
}

bool TestServer::logged(std::string_view text) {
  const auto until = std::chrono::steady_clock::now() + kTestWait;
  const base::MutexLock lock(mutex_);
  while (log_.find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() >= until) return false;
    changed_.wait_for(mutex_, std::chrono::milliseconds(100));
  }
  return true;
}

std::string TestServer::get(const std::string& page) const {
  LineClient client(*metrics_);
  client.send("GET " + page + " HTTP/1.0\r\n\r\n");
  return client.all();
}

}  // namespace robosync::daemon
