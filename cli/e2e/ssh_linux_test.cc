// Runs over ssh against a real sshd of the test's own: a free port of this machine, throw-away
// keys.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

using std::chrono::milliseconds;

class Ssh : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    run_or_throw({"mkdir", "-m", "700", at("sshd")});
    for (const char* const key : {"sshd/host", "sshd/user"}) {
      run_or_throw({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at(key)});
    }
    run_or_throw({"cp", at("sshd/user.pub"), at("sshd/authorized")});
    // It wants this folder to be there, empty; on many systems only its service makes it.
    if (is_root()) run_or_throw({"mkdir", "-p", "-m", "0755", "/run/sshd"});
    for (int attempt = 0; attempt < 10 && port_ == 0; ++attempt) try_to_start(free_port());
    ASSERT_NE(0, port_) << (sshd_ ? sshd_->errors_so_far() : "");
  }

  // `robosync verb ...` with what every run needs.
  [[nodiscard]] Arguments over_ssh(const std::string& verb, const Arguments& rest) const {
    Arguments words = {verb, "-e",
                       "ssh -p " + std::to_string(port_) + " -i " + at("sshd/user") +
                           " -o IdentitiesOnly=yes -o StrictHostKeyChecking=no"
                           " -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes",
                       "--remote-program", robosync_binary()};
    words.insert(words.end(), rest.begin(), rest.end());
    return words;
  }
  [[nodiscard]] static std::string far(const std::string& path) {
    const passwd* const user = getpwuid(getuid());
    return std::string(user->pw_name) + "@127.0.0.1:" + path;
  }

 private:
  static int free_port() {
    const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    const bool bound = bind(socket_fd, name, size) == 0 && getsockname(socket_fd, name, &size) == 0;
    close(socket_fd);
    return bound ? ntohs(address.sin_port) : 0;
  }

  void try_to_start(int port) {
    TreeBuilder(root()).file(
        "sshd/config", "Port " + std::to_string(port) + "\nListenAddress 127.0.0.1\nHostKey " +
                           at("sshd/host") + "\nAuthorizedKeysFile " + at("sshd/authorized") +
                           "\nStrictModes no\nPermitRootLogin yes\n"
                           "UsePAM no\nPidFile none\n");
    Command command{{"/usr/sbin/sshd", "-D", "-e", "-f", at("sshd/config")}};
    command.timeout = std::chrono::minutes(20);
    sshd_ = std::make_unique<Process>(command);
    for (int i = 0; i < 500 && sshd_->running(); ++i) {
      if (sshd_->errors_so_far().find("listening on") != std::string::npos) {
        port_ = port;
        return;
      }
      std::this_thread::sleep_for(milliseconds(10));
    }
  }

  std::unique_ptr<Process> sshd_;
  int port_ = 0;
};

TEST_F(Ssh, PushPullVerifyAndMove) {
  source().file("a", "alpha").file("deep/b", noise(700'000, 1), 0640).hard_link("deep/c", "a");
  source().symlink("link", "a").fifo("pipe").file("n\nl '\"$x; y\xff", "odd");
  const std::string pushed = at("pushed");
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(over_ssh("mirror", {"-H", source_slash(), far(pushed)})));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), pushed);
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(over_ssh("verify", {source_slash(), far(pushed)})));
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(over_ssh("copy", {far(pushed + "/"), at("pulled")})));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("pulled"));
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(over_ssh("move", {far(pushed + "/"), at("moved")})));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("moved"));
  EXPECT_FALSE(exists(pushed + "/a"));
}

// No shell of the far side sees a name.
TEST_F(Ssh, ASingleFileOfAnyNameBothWays) {
  const std::string plain = "o'd\"d $(touch injected); `x`\n";
  source().file(plain, "content");
  ROBOSYNC_EXPECT_EXIT(kExitOk,
                       robosync(over_ssh("copy", {source().at(plain), far(at("pushed"))})));
  EXPECT_EQ("content", read_file(at("pushed")));
  ROBOSYNC_EXPECT_EXIT(kExitOk,
                       robosync(over_ssh("copy", {far(source().at(plain)), at("pulled")})));
  EXPECT_EQ("content", read_file(at("pulled")));
  const passwd* const user = getpwuid(getuid());
  EXPECT_FALSE(exists(std::string(user->pw_dir) + "/injected"));
}

TEST_F(Ssh, RefusalsOfSshAreToldApart) {
  source().file("a", "a");
  Arguments unknown = over_ssh("copy", {source_slash(), "nosuchuser@127.0.0.1:" + at("x")});
  ROBOSYNC_EXPECT_EXIT(kExitSocket, robosync(unknown));
  Arguments missing = over_ssh("copy", {source_slash(), far(at("x"))});
  missing.at(4) = "/nonexistent/robosync";
  const Finished finished = robosync(missing);
  ROBOSYNC_EXPECT_EXIT(kExitSocket, finished);
  EXPECT_NE(std::string::npos, finished.err.find("/nonexistent/robosync")) << finished.err;
  EXPECT_FALSE(exists(at("x")));
}

TEST_F(Ssh, CtrlCLeavesNothingHalf) {
  source().file("large", noise(8'000'000, 4));
  Process process(robosync_command(
      over_ssh("copy", {"--bwlimit=1M", "--retries=0", source_slash(), far(target_path())})));
  for (int i = 0; i < 1000; ++i) {
    if (exists(target_path()) && !staging_names_in(target_path()).empty()) break;
    std::this_thread::sleep_for(milliseconds(10));
  }
  process.send(SIGINT);
  EXPECT_TRUE(process.ends_within(milliseconds(1500)));
  ROBOSYNC_EXPECT_EXIT(kExitInterrupted, process.wait());
  for (int i = 0; i < 200 && !staging_names_in(target_path()).empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_TRUE(staging_names_in(target_path()).empty());
  EXPECT_FALSE(exists(target().at("large")));
}

}  // namespace
}  // namespace robosync::e2e
