// Options about the connection, against a real robosyncd, or a shell that stays on this machine.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

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

// A server that asks for certificates, and two clients' of which it takes one.
class ClientCertificates {
 public:
  explicit ClientCertificates(const std::string& root) : root_(root) {
    TreeBuilder(root).file("server/README", "made for one test");
    for (const char* const name : {"ours", "others"}) {
      run_or_throw({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=backup",
                    "-keyout", key(name), "-out", certificate(name)});
    }
  }
  [[nodiscard]] std::string certificate(const std::string& name) const {
    return root_ + "/server/" + name + ".pem";
  }
  [[nodiscard]] std::string key(const std::string& name) const {
    return root_ + "/server/" + name + "-key.pem";
  }
  [[nodiscard]] std::string server_lines() const {
    return "[tls]\nclient_ca = '" + certificate("ours") + "'\n";
  }

 private:
  std::string root_;
};

TEST_F(Option, TlsCertificate_IsWhatAServerThatAsksForOneTakes) {
  source().file("a", "alpha");
  const ClientCertificates made(root());
  const Server server(root(), made.server_lines());
  const auto pull = [&](Arguments options) {
    Arguments arguments = {"copy", "--tls-fingerprint", server.fingerprint()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {server.read(), at("pulled")});
    return robosync(arguments);
  };
  EXPECT_NE(kExitOk, pull({}).exit_code);
  EXPECT_NE(kExitOk,
            pull({"--tls-certificate", made.certificate("others"), "--tls-key", made.key("others")})
                .exit_code);
  EXPECT_FALSE(exists(at("pulled")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, pull({"--tls-certificate", made.certificate("ours"), "--tls-key",
                                      made.key("ours")}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("pulled"));
}

TEST_F(Option, TlsKey_IsOursAloneAndGoesWithItsCertificate) {
  source().file("a", "alpha");
  const ClientCertificates made(root());
  const Server server(root(), made.server_lines());
  const auto pull = [&](const std::string& key) {
    return robosync({"copy", "--tls-fingerprint", server.fingerprint(), "--tls-certificate",
                     made.certificate("ours"), "--tls-key", key, server.read(), at("pulled")});
  };
  EXPECT_NE(kExitOk, pull(made.key("others")).exit_code) << "the key of another";
  run_or_throw({"chmod", "640", made.key("ours")});
  const Finished open = pull(made.key("ours"));
  EXPECT_NE(kExitOk, open.exit_code) << "a secret that others can read is none";
  EXPECT_NE(std::string::npos, open.err.find("chmod 600")) << open.err;
  EXPECT_FALSE(exists(at("pulled")));
  run_or_throw({"chmod", "600", made.key("ours")});
  ROBOSYNC_EXPECT_EXIT(kExitOk, pull(made.key("ours")));
  ROBOSYNC_EXPECT_EXIT(
      kExitUsage, robosync({"copy", "--tls-key", made.key("ours"), server.read(), at("pulled")}));
}

// In the environment it is for the servers that want one, and in nobody else's way.
TEST_F(Option, TokenFile_InTheEnvironmentIsForTlsOnly) {
  source().file("a", "alpha");
  for (const Arguments& arguments : {Arguments{"copy", source_slash(), at("local")},
                                     over(Route::kPush, {"copy", source_slash(), at("pushed")})}) {
    Command command = robosync_command(arguments);
    command.environment = {{"ROBOSYNC_TOKEN_FILE", "/nonexistent/token"}};
    ROBOSYNC_EXPECT_EXIT(kExitOk, run(command));
  }
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("pushed"));
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

TEST_F(Option, Connections_JoinOneSession) {
  source().file("a", "alpha").file("large", noise(20'000'000, 7)).file("deep/b", "beta");
  const Server server(root());
  const auto run = [&](const std::string& from, const std::string& to, const std::string& count) {
    return robosync({"mirror", "--connections", count, "--tls-fingerprint", server.fingerprint(),
                     "--token-file", server.token(), from, to});
  };
  ROBOSYNC_EXPECT_EXIT(kExitOk, run(source_slash(), server.write(), "4"));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  ROBOSYNC_EXPECT_EXIT(kExitOk, run(server.read(), at("pulled"), "16"));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), at("pulled"));
  const auto joined = [&] {
    const std::string log = read_file(at("server/log"));
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find("joined connection ended", at)) != std::string::npos;
         ++at) {
      ++count;
    }
    return count;
  };
  for (int i = 0; i < 1000 && joined() < 3 + 15; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(joined(), 3U + 15U) << read_file(at("server/log"));
  ROBOSYNC_EXPECT_EXIT(kExitUsage, run(server.read(), at("not-pulled"), "17"));
  ROBOSYNC_EXPECT_EXIT(kExitUsage,
                       robosync({"copy", "--connections", "2", source_slash(), "far:dst"}));
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

// The far side runs in a mount name space of its own, where "games" has another number.
TEST_F(Option, NumericIds_OverAConnectionKeepsTheNumbers) {
  if (!is_root()) GTEST_SKIP() << "only root gives files away";
  const passwd* const games = ::getpwnam("games");
  ASSERT_NE(games, nullptr);
  const uid_t here = games->pw_uid;
  constexpr uid_t kThere = 4242;
  constexpr uid_t kNameless = 54321;
  TreeBuilder(root())
      .file("passwd", "root:x:0:0::/:/bin/sh\ngames:x:4242:4242::/:/bin/sh\n")
      .file("shell",
            "#!/bin/sh\nshift\nexec unshare -m sh -c 'mount --bind \"$0\" /etc/passwd && exec "
            "\"$@\"' '" +
                at("passwd") + "' \"$@\"\n",
            0755);
  const auto run = [&](const std::string& from, const std::string& to,
                       const std::vector<std::string>& options) {
    std::vector<std::string> words{"copy", "-e", at("shell"), "--remote-program",
                                   robosync_binary()};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {from, to});
    ROBOSYNC_EXPECT_EXIT(kExitOk, robosync(words));
  };
  const auto owner = [](const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_uid;
  };
  source().file("theirs", "x").file("nobody's", "x").directory("folder");
  source().owner("theirs", here, 0).owner("folder", here, 0).owner("nobody's", kNameless, 0);
  ASSERT_EQ(::chown(source().root().c_str(), here, 0), 0);
  run(source_slash(), "far:" + target_path(), {});
  EXPECT_EQ(owner(target().at("theirs")), kThere);
  EXPECT_EQ(owner(target().at("folder")), kThere);
  EXPECT_EQ(owner(target_path()), kThere);
  EXPECT_EQ(owner(target().at("nobody's")), kNameless);
  run("far:" + target_path() + "/", at("pulled"), {});
  EXPECT_EQ(owner(at("pulled/theirs")), here);
  EXPECT_EQ(owner(at("pulled")), here);
  run(source_slash(), "far:" + at("by-number"), {"--numeric-ids"});
  EXPECT_EQ(owner(at("by-number/theirs")), here);
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
