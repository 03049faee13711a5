// Options about the connection, against a real robosyncd, or a shell that stays on this machine.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

using std::chrono::milliseconds;

std::string daemon_binary() {
  return robosync_binary().substr(0, robosync_binary().rfind('/')) + "/robosyncd";
}

std::string last_word(const std::string& text) {
  const std::string line = text.substr(0, text.find_last_not_of('\n') + 1);
  return line.substr(line.find_last_of(" \n") + 1);
}

// A TCP port of this machine that accepts nobody.
class SilentPort {
 public:
  explicit SilentPort(int backlog) {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* name = reinterpret_cast<sockaddr*>(&address_);
    if (bind(socket_, name, size) != 0 || listen(socket_, backlog) != 0 ||
        getsockname(socket_, name, &size) != 0) {
      throw std::runtime_error("no port to listen on");
    }
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  ~SilentPort() {
    for (const int waiting : waiting_) close(waiting);
    close(socket_);
  }

  // Until the kernel answers nobody any more.
  void fill() {
    for (int& waiting : waiting_) {
      waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      static_cast<void>(connect(waiting, reinterpret_cast<sockaddr*>(&address_), sizeof address_));
    }
  }
  [[nodiscard]] std::string server() const {
    return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port));
  }

 private:
  int socket_ = -1;
  int waiting_[3] = {-1, -1, -1};
  sockaddr_in address_{};
};

// A daemon with the module `read`, the source, and `write`, the target, which is alice's only.
class Server {
 public:
  explicit Server(const std::string& root, const std::string& tls = "") : root_(root) {
    run_or_throw({"mkdir", "-p", root + "/dst"});
    const std::string account = is_root() ? "uid = 0\ngid = 0\n" : "";
    TreeBuilder(root).file(
        "server/config.toml",
        "bind = ['127.0.0.1:0']\n" + tls +
            "[limits]\nworker_memory_mib = 0\n"
            "[modules.read]\npath = '" +
            root + "/src'\n" + account + "[modules.write]\npath = '" + root +
            "/dst'\nread_only = false\nallow_delete = true\nusers = { alice = 'delete' }\n" +
            account);
    const std::string config = root + "/server/config.toml";
    fingerprint_ = last_word(run_or_throw({daemon_binary(), "fingerprint", "--config", config}));
    const std::string told =
        run_or_throw({daemon_binary(), "token", "new", "alice", "--config", config});
    const std::size_t token = told.find("rsy1_");
    TreeBuilder(root).file("token", told.substr(token, told.find('\n', token) - token), 0600);
    const std::string log = root + "/server/log";
    process_.emplace(Command{
        {"sh", "-c", "exec \"$0\" --config \"$1\" 2> \"$2\"", daemon_binary(), config, log}});
    const std::string before = "listening on=";
    for (int i = 0; i < 2000; ++i) {
      const std::string text = exists(log) ? read_file(log) : "";
      const std::size_t at = text.find(before);
      if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
        const std::size_t begin = at + before.size();
        address_ = text.substr(begin, text.find_first_of(" \n", begin) - begin);
        return;
      }
      std::this_thread::sleep_for(milliseconds(10));
    }
    throw std::runtime_error("robosyncd does not listen");
  }

  [[nodiscard]] std::string read() const { return "robosync://" + address_ + "/read/"; }
  [[nodiscard]] std::string write() const { return "robosync://" + address_ + "/write/"; }
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  [[nodiscard]] std::string token() const { return root_ + "/token"; }

 private:
  std::string root_;
  std::string fingerprint_;
  std::string address_;
  std::optional<Process> process_;
};

const std::string kOtherKey = "SHA256:" + std::string(43, 'A');

TEST_F(Option, TlsFingerprint_IsTheKeyThatTheServerHasToHave) {
  source().file("a", "alpha");
  const Server server(root());
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"copy", "--tls-fingerprint", server.fingerprint(),
                                          server.read(), at("pulled")}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("pulled"));
  const Finished other =
      robosync({"copy", "--tls-fingerprint", kOtherKey, server.read(), at("not-pulled")});
  ROBOSYNC_EXPECT_EXIT(kExitRefused, other);
  EXPECT_NE(std::string::npos, other.err.find(server.fingerprint())) << other.err;
  EXPECT_FALSE(exists(at("not-pulled")));
}

TEST_F(Option, KnownHosts_RemembersServersAndRefusesAnotherKey) {
  source().file("a", "alpha");
  const Server server(root());
  const std::string file = at("known/hosts");
  const auto pull = [&] {
    return robosync({"copy", "--known-hosts", file, server.read(), at("pulled")});
  };
  run_or_throw({"mkdir", "-m", "700", at("known")});
  // Nobody is there to be asked.
  const Finished unknown = pull();
  ROBOSYNC_EXPECT_EXIT(kExitRefused, unknown);
  EXPECT_NE(std::string::npos, unknown.err.find(server.fingerprint())) << unknown.err;
  EXPECT_FALSE(exists(at("pulled")));
  TreeBuilder(root()).file("known/hosts", server.address() + " " + kOtherKey + "\n", 0600);
  const Finished changed = pull();
  ROBOSYNC_EXPECT_EXIT(kExitRefused, changed);
  EXPECT_NE(std::string::npos, changed.err.find(file)) << changed.err;
  TreeBuilder(root()).file("known/hosts", server.address() + " " + server.fingerprint() + "\n",
                           0600);
  ROBOSYNC_EXPECT_EXIT(kExitOk, pull());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("pulled"));
}

TEST_F(Option, TlsCa_IsWhoVouchesForTheServer) {
  source().file("a", "alpha");
  TreeBuilder(root()).file("server/README", "made for one test");
  run_or_throw({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", at("server/own-key.pem"), "-out",
                at("server/own.pem")});
  const Server server(root(), "[tls]\ncertificate = '" + at("server/own.pem") + "'\nkey = '" +
                                  at("server/own-key.pem") + "'\n");
  ROBOSYNC_EXPECT_EXIT(
      kExitOk, robosync({"copy", "--tls-ca", at("server/own.pem"), server.read(), at("pulled")}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("pulled"));
  ROBOSYNC_EXPECT_EXIT(kExitRefused,
                       robosync({"copy", "--tls-ca", "system", server.read(), at("not-pulled")}));
  EXPECT_FALSE(exists(at("not-pulled")));
}

TEST_F(Option, TokenFile_SaysWhoWeAre) {
  source().file("a", "alpha").file("deep/b", noise(300'000, 1));
  const Server server(root());
  const auto push = [&](const Arguments& options) {
    Arguments arguments = {"mirror", "--tls-fingerprint", server.fingerprint()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {source_slash(), server.write()});
    return robosync(arguments);
  };
  ROBOSYNC_EXPECT_EXIT(kExitRefused, push({}));
  EXPECT_FALSE(exists(target().at("a")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, push({"--token-file", server.token()}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  source().remove("a");
  ROBOSYNC_EXPECT_EXIT(kExitOk, push({"--token-file", server.token()}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  run_or_throw({"chmod", "644", server.token()});
  EXPECT_NE(kExitOk, push({"--token-file", server.token()}).exit_code)
      << "a secret that all can read is none";
}

TEST_F(Option, Rsh_IsWhatReachesTheFarSide) {
  source().file("a", "alpha");
  TreeBuilder(root()).file("shell",
                           "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$0.words\"\n"
                           "while [ \"$1\" != far ]; do shift; done\nshift\nexec \"$@\"\n",
                           0755);
  ROBOSYNC_EXPECT_EXIT(
      kExitOk, robosync({"copy", "-e", at("shell") + " -p 2222 -o 'two words'", "--remote-program",
                         robosync_binary(), source_slash(), "far:" + target_path()}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  const std::string words = read_file(at("shell.words"));
  EXPECT_TRUE(words.starts_with("-p\n2222\n-o\ntwo words\n")) << words;
}

TEST_F(Option, RemoteProgram_IsWhatIsStartedThere) {
  source().file("a", "alpha");
  TreeBuilder(root())
      .file("shell", "#!/bin/sh\nshift\nexec \"$@\"\n", 0755)
      .file("program",
            "#!/bin/sh\necho started > \"$0.seen\"\nexec '" + robosync_binary() + "' \"$@\"\n",
            0755);
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"copy", "-e", at("shell"), "--remote-program",
                                          at("program"), source_slash(), "far:" + target_path()}));
  EXPECT_TRUE(exists(at("program.seen")));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

// The bytes that one push sends: what passes to the far side is counted on its way, slowly enough
// for compression to pay.
class Counted {
 public:
  explicit Counted(const std::string& root) : root_(root) {
    TreeBuilder(root).file("count.py",
                           "import os, select, sys, time\ntotal = 0\n"
                           "while select.select([0], [], []) and (data := os.read(0, 65536)):\n"
                           "  total += len(data)\n  time.sleep(len(data) / 60e6)\n"
                           "  while data: data = data[os.write(1, data):]\n"
                           "open(sys.argv[1] + '~', 'w').write(str(total))\n"
                           "os.rename(sys.argv[1] + '~', sys.argv[1])\n");
    TreeBuilder(root).file(
        "counting-shell",
        "#!/bin/sh\nshift\npython3 '" + root + "/count.py' '" + root + "/count' | \"$@\"\n", 0755);
  }
  [[nodiscard]] Arguments over() const {
    return {"-e", root_ + "/counting-shell", "--remote-program", robosync_binary()};
  }
  // Of the last run, which may have ended a moment before its count is written.
  [[nodiscard]] long bytes() const {
    for (int i = 0; i < 1000 && !exists(root_ + "/count"); ++i) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    const long count = std::stol(read_file(root_ + "/count"));
    TreeBuilder(root_).remove("count");
    return count;
  }

 private:
  std::string root_;
};

Arguments joined(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

TEST_F(Option, WholeFile_SendsNoDifferences) {
  std::string content = noise(3'000'000, 5);
  const Counted counted(root());
  const auto sent = [&](const Arguments& options) {
    source().file("image", content, 0644, kNewTime);
    target().file("image", noise(3'000'000, 5));
    const Arguments all = joined(joined({"copy"}, options), counted.over());
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(joined(all, {source_slash(), "far:" + target_path()})));
    EXPECT_TRUE(content == read_file(target().at("image")));
    return counted.bytes();
  };
  content.replace(1'000'000, 3, "new");
  EXPECT_LT(sent({}), 300'000);
  EXPECT_GT(sent({"--whole-file"}), 3'000'000);
}

TEST_F(Option, NoCompress_SendsItAsItIs) {
  std::string content;
  while (content.size() < 40'000'000) content += "a line that is much like the others\n";
  source().file("log", content);
  const Counted counted(root());
  const auto sent = [&](const Arguments& options) {
    remove_tree(target_path());
    const Arguments all = joined(joined({"copy"}, options), counted.over());
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(joined(all, {source_slash(), "far:" + target_path()})));
    EXPECT_TRUE(content == read_file(target().at("log")));
    return counted.bytes();
  };
  EXPECT_LT(sent({}), 30'000'000);
  EXPECT_GT(sent({"--no-compress"}), 40'000'000);
}

TEST_F(Option, Timeout_EndsTheWaitForASilentServer) {
  const SilentPort port(5);
  Process process(
      robosync_command({"ls", "--timeout", "10", "robosync+tcp://" + port.server() + "/m"}));
  EXPECT_FALSE(process.ends_within(milliseconds(8'000)));
  ROBOSYNC_EXPECT_EXIT(kExitTimeout, process.wait());
}

TEST_F(Option, Contimeout_EndsTheWaitForAnAnswer) {
  SilentPort port(0);
  port.fill();
  const Finished finished =
      robosync({"ls", "--contimeout", "1", "robosync+tcp://" + port.server() + "/m"});
  ROBOSYNC_EXPECT_EXIT(kExitConnectTimeout, finished);
  EXPECT_NE(std::string::npos, finished.err.find(port.server())) << finished.err;
}

}  // namespace
}  // namespace robosync::e2e
