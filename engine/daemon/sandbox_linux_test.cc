// What a confined worker can still do, asked of a real one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <fstream>

#include "engine/daemon/accounts_posix.h"
#include "engine/daemon/sandbox.h"
#include "engine/daemon/sandbox_parts_linux.h"
#include "engine/daemon/server_linux_testing.h"

namespace robosync::daemon {
namespace {

using ::testing::HasSubstr;

constexpr const char* kNotPermitted = "1";
constexpr const char* kNoAccess = "13";
constexpr const char* kNoSuchCall = "38";

bool is_root() { return ::geteuid() == 0; }

class SandboxTest : public testing::Test {
 protected:
  SandboxTest() {
    for (const char* name : {"one", "two", "outside"}) {
      std::filesystem::create_directory(folder_.path() / name);
      std::filesystem::permissions(folder_.path() / name, std::filesystem::perms::all);
      std::ofstream(folder_.path() / name / "file") << "x";
    }
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  // Module "one" is writable, "two" is not.
  [[nodiscard]] std::string config(const std::string& one = "", const std::string& two = "",
                                   const std::string& limits = "worker_memory_mib = 0") const {
    const std::string self =
        "uid = " + std::to_string(::getuid()) + "\ngid = " + std::to_string(::getgid()) + "\n";
    return "bind = ['127.0.0.1:0']\nplaintext = true\n[limits]\n" + limits + "\n[modules.one]\n" +
           "path = '" + path("one") + "'\nread_only = false\n" + (one.empty() ? self : one) +
           "\n[modules.two]\npath = '" + path("two") + "'\n" + (two.empty() ? self : two) + "\n";
  }

 private:
  TestFolder folder_;
};

TEST_F(SandboxTest, reaches_its_modules_and_nothing_else) {
  if (landlock_abi() == 0) GTEST_SKIP() << "no Landlock";
  TestServer server(config());
  LineClient worker(server.endpoint());
  EXPECT_EQ(worker.ask("read " + path("one/file")), "ok");
  EXPECT_EQ(worker.ask("write " + path("one/new")), "ok");
  EXPECT_EQ(worker.ask("fifo " + path("one/fifo")), "ok");
  EXPECT_EQ(worker.ask("read " + path("two/file")), "ok");
  EXPECT_EQ(worker.ask("write " + path("two/new")), kNoAccess);
  EXPECT_EQ(worker.ask("read " + path("outside/file")), kNoAccess);
  EXPECT_EQ(worker.ask("write " + path("outside/new")), kNoAccess);
  EXPECT_EQ(worker.ask("read " + path("one/../outside/file")), kNoAccess);
  EXPECT_EQ(worker.ask("read /etc/hostname"), kNoAccess);
  EXPECT_EQ(worker.ask("read /etc/passwd"), "ok");
}

TEST_F(SandboxTest, after_entering_reaches_one_module) {
  if (landlock_abi() == 0) GTEST_SKIP() << "no Landlock";
  TestServer server(config());
  LineClient worker(server.endpoint());
  EXPECT_EQ(worker.ask("enter two"), "ok");
  EXPECT_EQ(worker.ask("read " + path("two/file")), "ok");
  EXPECT_EQ(worker.ask("read " + path("one/file")), kNoAccess);
  EXPECT_EQ(worker.ask("write " + path("one/new")), kNoAccess);
}

TEST_F(SandboxTest, runs_no_programs_and_opens_no_connections) {
  TestServer server(config());
  LineClient worker(server.endpoint());
  EXPECT_EQ(worker.ask("connect"), kNoSuchCall);
  EXPECT_EQ(worker.ask("fork"), kNotPermitted);
  EXPECT_EQ(worker.ask("thread"), "ok");
  worker.send("exec\n");
  EXPECT_EQ(worker.line(), "<end>");
  EXPECT_TRUE(server.logged("how=\"signal 31\""));
}

// As systemd's @privileged does.
void refuse_capset() {
  std::array program{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_capset, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) std::abort();
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) std::abort();
}

TEST_F(SandboxTest, needs_no_call_that_an_unprivileged_unit_refuses) {
  if (!is_root()) GTEST_SKIP() << "not root";
  const auto enters_as = [](std::uint32_t uid) {
    if (::setresuid(uid, uid, uid) != 0) std::abort();
    refuse_capset();
    const auto entered = enter_sandbox({.kernel = SandboxPlan::Kernel::kOff});
    ::_exit(entered ? 0 : 1);
  };
  EXPECT_EXIT(enters_as(65534), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(enters_as(0), testing::ExitedWithCode(1), "") << "this test cannot tell";
}

TEST_F(SandboxTest, has_the_limits_of_the_configuration) {
  TestServer server(config("", "", "worker_memory_mib = 0\nworker_open_files = 100"));
  LineClient worker(server.endpoint());
  EXPECT_EQ(worker.ask("describe files"), "100");
}

TEST_F(SandboxTest, becomes_the_account_of_all_its_modules_at_once) {
  if (!is_root()) GTEST_SKIP() << "not root";
  TestServer server(config("uid = 65534\ngid = 65533", "uid = 65534\ngid = 65533"));
  LineClient worker(server.endpoint());
  EXPECT_EQ(worker.ask("describe identity"), "65534:65533");
  EXPECT_EQ(worker.ask("root"), kNotPermitted);
  EXPECT_EQ(worker.ask("enter one"), "ok");
  EXPECT_EQ(worker.ask("write " + path("one/new")), "ok");
}

TEST_F(SandboxTest, becomes_the_account_of_its_module_when_they_differ) {
  if (!is_root()) GTEST_SKIP() << "not root";
  TestServer server(config("uid = 65534\ngid = 65534", "uid = 65532\ngid = 65532"));
  LineClient worker(server.endpoint());
  EXPECT_EQ(worker.ask("describe identity"), "0:0");
  EXPECT_EQ(worker.ask("enter two"), "ok");
  EXPECT_EQ(worker.ask("describe identity"), "65532:65532");
  EXPECT_EQ(worker.ask("root"), kNotPermitted);
  EXPECT_EQ(worker.ask("read " + path("two/file")), "ok");
}

TEST_F(SandboxTest, root_serves_as_nobody_where_nothing_is_said) {
  if (!is_root()) GTEST_SKIP() << "not root";
  TestServer server(config("comment = 'x'", "comment = 'y'"));
  LineClient worker(server.endpoint());
  EXPECT_THAT(worker.ask("describe identity"), testing::StartsWith("65534:"));
}

TEST_F(SandboxTest, keeps_the_power_over_owners_only_where_a_module_asks) {
  if (!is_root()) GTEST_SKIP() << "not root";
  const std::string nobody = "uid = 65534\ngid = 65534\n";
  std::filesystem::permissions(path("one/file"), std::filesystem::perms::none);
  std::filesystem::permissions(path("two/file"), std::filesystem::perms::none);
  TestServer server(config(nobody + "keep_owners = true", nobody));
  LineClient keeper(server.endpoint());
  EXPECT_EQ(keeper.ask("enter one"), "ok");
  EXPECT_EQ(keeper.ask("describe identity"), "65534:65534");
  EXPECT_EQ(keeper.ask("read " + path("one/file")), "ok");
  LineClient other(server.endpoint());
  EXPECT_EQ(other.ask("enter two"), "ok");
  EXPECT_EQ(other.ask("read " + path("two/file")), kNoAccess);
}

TEST(AccountsTest, unknown_accounts_are_mistakes) {
  Module module;
  module.name = "m";
  module.uid = Account{"no-such-user-here", 0};
  EXPECT_THAT(resolve_identity(module).error().message(), HasSubstr("no-such-user-here"));
  module.uid = Account{"", 3'999'999'999U};
  EXPECT_THAT(resolve_identity(module).error().message(), HasSubstr("say gid as well"));
  module.uid = Account{"", 0};
  module.gid = Account{"no-such-group-here", 0};
  EXPECT_THAT(resolve_identity(module).error().message(), HasSubstr("no-such-group-here"));
}

}  // namespace
}  // namespace robosync::daemon
