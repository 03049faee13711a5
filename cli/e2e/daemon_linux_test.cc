// robosync against the real robosyncd: many sessions at once, what an eavesdropper gets to see,
// dead workers, and a tree that keeps changing.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/generated_tree_linux_testing.h"

namespace robosync::e2e {
namespace {

using std::chrono::milliseconds;

// Passes one connection on to a server and keeps everything that went by.
class Eavesdropper {
 public:
  explicit Eavesdropper(std::uint16_t server_port) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (listening_ < 0 || ::bind(listening_, as_address(address), size) != 0 ||
        ::listen(listening_, 1) != 0 ||
        ::getsockname(listening_, as_address(address), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, server_port] { pass_on(server_port); });
  }
  ~Eavesdropper() {
    ::shutdown(listening_, SHUT_RDWR);  // ends a wait for a client that never came
    if (thread_.joinable()) thread_.join();
    ::close(listening_);
  }
  Eavesdropper(const Eavesdropper&) = delete;
  Eavesdropper& operator=(const Eavesdropper&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // All of it, once both sides have ended.
  [[nodiscard]] const std::string& heard() {
    if (thread_.joinable()) thread_.join();
    return heard_;
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  static sockaddr* as_address(sockaddr_in& address) {
    return reinterpret_cast<sockaddr*>(&address);
  }

  void pass_on(std::uint16_t server_port) {
    const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(server_port);
    std::array<pollfd, 2> ends{};
    if (::connect(server, as_address(address), sizeof address) == 0) {
      ends = {pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    }
    std::string buffer(std::size_t{64} * 1024, '\0');
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
      if (::poll(ends.data(), ends.size(), 30'000) <= 0) break;
      for (std::size_t i = 0; i < ends.size(); ++i) {
        if (ends[i].fd < 0 || ends[i].revents == 0) continue;
        const int other = i == 0 ? server : client;
        const ssize_t got = ::read(ends[i].fd, buffer.data(), buffer.size());
        if (got <= 0) {
          ::shutdown(other, SHUT_WR);
          ends[i].fd = -1;
          continue;
        }
        heard_.append(buffer, 0, static_cast<std::size_t>(got));
        for (ssize_t sent = 0; sent < got;) {
          const ssize_t count = ::send(other, buffer.data() + sent,
                                       static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
          if (count <= 0) break;
          sent += count;
        }
      }
    }
    ::close(client);
    ::close(server);
  }

  const int listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_ = 0;
  std::string heard_;
  std::thread thread_;
};

class Daemon : public EndToEnd {
 protected:
  // Serves dst/ as module m, with further lines at the top of its configuration.
  void serve(const std::string& top, std::uint16_t port = 0) {
    std::filesystem::create_directory(target_path());
    const std::string id = std::to_string(::getuid());
    const std::string group = std::to_string(::getgid());
    TreeBuilder(root()).file(
        "robosyncd.toml",
        "bind = ['127.0.0.1:" + std::to_string(port) + "']\nstate_dir = '" + at("state") + "'\n" +
            top +
            "\n[limits]\nconnections_per_address_max = 60\nworker_memory_mib = 0\n"
            "[modules.m]\npath = '" +
            target_path() + "'\nread_only = false\nallow_delete = true\nsymlinks = 'keep'\nuid = " +
            id + "\ngid = " + group + "\n");
    std::filesystem::create_directory(at("state"));
    Command command;
    command.arguments = {binary_beside("robosyncd"), "--config", at("robosyncd.toml")};
    command.timeout = std::chrono::minutes(20);
    daemon_ = std::make_unique<Process>(command);
    for (int i = 0; i < 1000; ++i) {
      const std::string said = daemon_->errors_so_far();
      const std::size_t where = said.find("on=127.0.0.1:");
      const std::size_t key = said.find("key=");
      if (where != std::string::npos && said.find('\n', where) != std::string::npos) {
        port_ = static_cast<std::uint16_t>(std::stoi(said.substr(where + 13)));
        key_ = said.substr(key + 4, said.find_first_of(" \n", key + 4) - key - 4);
        return;
      }
      std::this_thread::sleep_for(milliseconds(10));
    }
    throw std::runtime_error("the daemon does not listen: " + daemon_->errors_so_far());
  }

  [[nodiscard]] Process& daemon() { return *daemon_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] Arguments trusting() const { return {"--tls-fingerprint", key_}; }
  [[nodiscard]] static std::string plain_url(std::uint16_t port, const std::string& path) {
    return "robosync+tcp://127.0.0.1:" + std::to_string(port) + "/m/" + path;
  }
  [[nodiscard]] static std::string tls_url(std::uint16_t port, const std::string& path) {
    return "robosync://127.0.0.1:" + std::to_string(port) + "/m/" + path;
  }

 private:
  std::unique_ptr<Process> daemon_;
  std::uint16_t port_ = 0;
  std::string key_;
};

TEST_F(Daemon, FiftySessionsAtOnce) {
  constexpr int kSessions = 50;
  serve("plaintext = true");
  TreeBuilder served = target();
  for (int i = 0; i < 20; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    source().file("d" + std::to_string(i % 4) + "/f" + std::to_string(i), noise(20'000, seed));
    served.file("there/f" + std::to_string(i), noise(30'000, seed));
  }
  source().file("large", noise(1'500'000, 99));
  std::vector<std::unique_ptr<Process>> runs;
  for (int i = 0; i < kSessions; ++i) {
    const std::string number = std::to_string(i);
    const Arguments push = {"mirror", source_slash(), plain_url(port(), "pushed" + number)};
    const Arguments pull = {"copy", plain_url(port(), "there/"), at("pulled" + number)};
    runs.push_back(std::make_unique<Process>(robosync_command(i % 2 == 0 ? push : pull)));
  }
  for (const auto& run : runs) ROBOSYNC_EXPECT_EXIT(kExitOk, run->wait());
  for (int i = 0; i < kSessions; ++i) {
    const std::string number = std::to_string(i);
    const bool pushed = i % 2 == 0;
    ROBOSYNC_EXPECT_SAME_TREE(pushed ? source().root() : served.at("there"),
                              pushed ? served.at("pushed" + number) : at("pulled" + number));
  }
}

TEST_F(Daemon, NothingReadableTravels) {
  const std::string secret = "the-combination-of-the-safe-is-1-2-3-4-5";
  const std::string name = "where-the-safe-is-hidden";
  std::string large;
  while (large.size() < 2'000'000) large += secret;
  source().file(name + "/small", secret).file("large", large).symlink("link", secret);
  const auto heard_by = [&](Eavesdropper& ear, const std::string& url) {
    source().append("large", secret);  // so that the second run sends a delta
    Arguments arguments = {"mirror", "--no-compress"};
    if (url.starts_with("robosync://")) {
      const Arguments more = trusting();
      arguments.insert(arguments.end(), more.begin(), more.end());
    }
    arguments.insert(arguments.end(), {source_slash(), url});
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(arguments));
    return ear.heard();
  };
  const auto found = [](const std::string& heard, const std::string& text) {
    return heard.find(text) != std::string::npos;
  };
  serve("plaintext = true");
  for (const char* const path : {"plain", "plain"}) {  // the second time as a delta
    Eavesdropper ear(port());
    const std::string heard = heard_by(ear, plain_url(ear.port(), path));
    EXPECT_TRUE(found(heard, secret)) << "this test cannot hear";
    EXPECT_TRUE(found(heard, name)) << "this test cannot hear";
  }
  serve("");
  for (const char* const path : {"tls", "tls"}) {
    Eavesdropper ear(port());
    const std::string heard = heard_by(ear, tls_url(ear.port(), path));
    EXPECT_GT(heard.size(), 3000U);
    EXPECT_FALSE(found(heard, secret.substr(0, 16)));
    EXPECT_FALSE(found(heard, name.substr(0, 12)));
  }
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target().at("tls"));
}

TEST_F(Daemon, AWorkerThatDiesIsReplaced) {
  serve("");
  source().file("small", "small").file("large", noise(6'000'000, 4));
  Arguments arguments = {"copy", "--bwlimit=4M", "--retries=3"};
  const Arguments more = trusting();
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.insert(arguments.end(), {source_slash(), tls_url(port(), "")});
  Process run(robosync_command(arguments));
  for (int i = 0; i < 1000 && staging_names_in(target_path()).empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  const pid_t worker = daemon().child();
  ASSERT_GT(worker, 1);
  ASSERT_EQ(0, ::kill(worker, SIGKILL));
  const Finished finished = run.wait();
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  EXPECT_NE(std::string::npos, finished.err.find("trying again")) << finished.describe();
  EXPECT_TRUE(daemon().running());
  EXPECT_TRUE(staging_names_in(target_path()).empty());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Daemon, ThatComesBackIsWaitedFor) {
  serve("plaintext = true");
  source().file("small", "small").file("large", noise(6'000'000, 4));
  Process run(robosync_command(
      {"copy", "--bwlimit=4M", "--retries=6", source_slash(), plain_url(port(), "")}));
  for (int i = 0; i < 1000 && staging_names_in(target_path()).empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  daemon().send(SIGKILL);
  (void)daemon().wait();
  // Longer than until the first attempt to reach it again.
  std::this_thread::sleep_for(milliseconds(1200));
  serve("plaintext = true", port());
  const Finished finished = run.wait();
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

// Four hundred rounds when run in full.
TEST_F(Daemon, ATreeThatKeepsChangingIsFollowed) {
  serve("");
  const Shape shape{.directories = 12,
                    .files = 80,
                    .odd_modes = false,
                    .devices = false,
                    .owners = false,
                    .deep_levels = 20,
                    .wide_entries = 60};
  const int rounds = full_run() ? 400 : 4;
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    const std::uint64_t seed = test_seed() + static_cast<std::uint64_t>(round);
    if (round % 20 == 0) {
      std::filesystem::remove_all(source().root());
      generate_tree(source().root(), seed, shape);
    } else {
      mutate_tree(source().root(), seed);
    }
    // Some changes keep size and time.
    Arguments arguments = {"mirror", "-H", "-X", "--checksum"};
    const Arguments more = trusting();
    arguments.insert(arguments.end(), more.begin(), more.end());
    Arguments back = arguments;
    arguments.insert(arguments.end(), {source_slash(), tls_url(port(), "")});
    back.insert(back.end(), {tls_url(port(), ""), at("back")});
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(arguments));
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(back));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("back"));
  }
}

}  // namespace
}  // namespace robosync::e2e
