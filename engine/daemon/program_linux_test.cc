// The program robosyncd, run as people and systemd run it.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "engine/daemon/server_linux_testing.h"

namespace robosync::daemon {
namespace {

using ::testing::HasSubstr;

// docs/exit-codes.md.
constexpr int kExitOk = 0;
constexpr int kExitUsage = 2;
constexpr int kExitFileIo = 11;

// One run; what it writes, standard output and standard error alike, is kept.
class Program {
 public:
  // `listening`: handed over as systemd does.
  explicit Program(const std::vector<std::string>& words, int listening = -1) {
    const auto path =
        (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "robosyncd").string();
    std::vector<std::string> all = {path};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    arguments.reserve(all.size() + 1);
    for (std::string& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::unsetenv("STATE_DIRECTORY");
      if (listening >= 0) {
        ::dup2(listening, 3);
        ::fcntl(3, F_SETFD, 0);  // where it was 3 already
        ::setenv("LISTEN_FDS", "1", 1);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
      }
      ::execv(path.c_str(), arguments.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = Descriptor(ends[0]);
  }
  ~Program() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const { ::kill(pid_, number); }

  // Reads on until `text` has come; false at the end or after kTestWait.
  bool wrote(std::string_view text) {
    while (text_.find(text) == std::string::npos) {
      if (!read_more()) return false;
    }
    return true;
  }
  int exit_code() {
    while (read_more()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  bool read_more() {
    pollfd waiting{output_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kTestWait).count())) <= 0) {
      return false;
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
    if (got > 0) text_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  pid_t pid_ = -1;
  Descriptor output_;
  std::string text_;
};

class RobosyncdTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  [[nodiscard]] std::string file(const std::string& lines) const {
    std::filesystem::create_directory(path("m"));
    // Memory without limit: sanitizers reserve more than there is.
    std::ofstream(path("c.toml")) << lines << "\nbind = ['127.0.0.1:0']\n"
                                  << "[limits]\nworker_memory_mib = 0\n[modules.m]\npath = '"
                                  << path("m") << "'\n";
    std::filesystem::permissions(path("c.toml"), std::filesystem::perms(0644));
    return path("c.toml");
  }
  static std::pair<int, std::string> run(const std::vector<std::string>& words) {
    Program program(words);
    const int code = program.exit_code();
    return {code, program.text()};
  }

 private:
  TestFolder folder_;
};

TEST_F(RobosyncdTest, serves_reloads_and_stops) {
  Program program({"--config", file("")});
  ASSERT_TRUE(program.wrote("listening on=127.0.0.1:")) << program.text();
  program.signal(SIGHUP);
  EXPECT_TRUE(program.wrote("configuration read again"));
  std::ofstream(path("c.toml")) << "nonsense";
  program.signal(SIGHUP);
  EXPECT_TRUE(program.wrote("configuration kept as it was"));
  program.signal(SIGTERM);
  EXPECT_EQ(program.exit_code(), kExitOk);
  EXPECT_THAT(program.text(), HasSubstr("stopped"));
}

TEST_F(RobosyncdTest, serves_a_socket_of_systemds) {
  const auto listening = listen_on(parse_endpoint("127.0.0.1:0", 0).value());
  ASSERT_TRUE(listening);
  Program program({"--config", file("")}, listening->socket.get());
  ASSERT_TRUE(program.wrote("listening on=" + listening->bound.text())) << program.text();
  {
    // What is no TLS ends in the worker, which shows that one was started.
    LineClient client(listening->bound);
    client.send("hello, this is no TLS at all\n");
    EXPECT_TRUE(program.wrote("session ended"));
  }
  program.signal(SIGINT);
  EXPECT_EQ(program.exit_code(), kExitOk);
}

TEST_F(RobosyncdTest, tells_what_is_wrong_and_where) {
  const auto [code, text] = run({"check-config", file("prt = 1")});
  EXPECT_EQ(code, kExitUsage);
  EXPECT_THAT(text, HasSubstr("c.toml:1: prt: there is no such key; is it 'port'?"));
  EXPECT_EQ(run({"check-config", file("")}).first, kExitOk);
  EXPECT_FALSE(std::filesystem::exists(path("certificate.pem")));
  EXPECT_EQ(run({"check-config", path("missing.toml")}).first, kExitFileIo);
  EXPECT_EQ(run({"--writable"}).first, kExitUsage);
}

TEST_F(RobosyncdTest, a_file_that_others_may_write_is_refused) {
  const std::string name = file("");
  std::filesystem::permissions(name, std::filesystem::perms(0666));
  const auto [code, text] = run({"--config", name});
  EXPECT_NE(code, kExitOk);
  EXPECT_THAT(text, HasSubstr("may be changed by others"));
}

TEST_F(RobosyncdTest, a_token_is_shown_once_and_its_secret_is_not_kept) {
  const auto [code, text] = run({"token", "new", "alice", "--config", file("")});
  EXPECT_EQ(code, kExitOk);
  const std::size_t at = text.find("rsy1_");
  ASSERT_NE(at, std::string::npos);
  const std::string token = text.substr(at, text.find('\n', at) - at);
  std::ifstream in(path("tokens.toml"));
  const std::string kept{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_THAT(kept, HasSubstr("name = \"alice\""));
  EXPECT_THAT(kept, HasSubstr(token.substr(5, 8)));
  EXPECT_EQ(kept.find(token.substr(14)), std::string::npos);
  EXPECT_NE(run({"token", "new", "alice", "--config", path("c.toml")}).first, kExitOk);
  EXPECT_EQ(run({"token", "new", "a b", "--config", path("c.toml")}).first, kExitUsage);
}

TEST_F(RobosyncdTest, the_fingerprint_stays) {
  const std::string name = file("");
  const auto [code, text] = run({"fingerprint", "--config", name});
  EXPECT_EQ(code, kExitOk);
  EXPECT_THAT(text, testing::StartsWith("SHA256:"));
  EXPECT_EQ(run({"fingerprint", "--config", name}).second, text);
}

TEST_F(RobosyncdTest, a_worker_is_not_for_people) {
  const auto [code, text] = run({"worker"});
  EXPECT_EQ(code, 70);
  EXPECT_THAT(text, HasSubstr("started by robosyncd"));
}

}  // namespace
}  // namespace robosync::daemon
