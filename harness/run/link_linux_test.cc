// Links and servers with real programs; needs root for network namespaces.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/run/adapters.h"
#include "harness/run/link.h"
#include "harness/run/scratch.h"

namespace robosync::parity {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Link, LocalhostIsAlwaysThere) {
  const auto executor = make_process_executor(nullptr);
  const auto link = make_link("localhost", *executor);
  ASSERT_TRUE(link);
  EXPECT_TRUE((*link)->record.available);
  EXPECT_FALSE((*link)->record.emulated);
  EXPECT_FALSE((*link)->wire_bytes());
  EXPECT_FALSE(make_link("token-ring", *executor));
}

// Where namespaces cannot be made the link says so, and that is all there is to see.
TEST(Link, AnEmulatedLinkCarriesAndCountsAndIsRemoved) {
  const auto executor = make_process_executor(nullptr);
  std::string name;
  {
    const auto link = make_link("1gbe", *executor);
    ASSERT_TRUE(link);
    if (!(*link)->record.available) {
      EXPECT_FALSE((*link)->record.reason.empty());
      EXPECT_NE(::geteuid(), 0U) << (*link)->record.reason;
      return;
    }
    EXPECT_TRUE((*link)->record.emulated);
    EXPECT_THAT((*link)->record.description, HasSubstr("984 Mbit/s"));
    name = (*link)->client_prefix.back();
    const auto scratch = Scratch::make(testing::TempDir(), 0);
    ASSERT_TRUE(scratch);
    const std::string source = scratch->path() + "/source";
    std::filesystem::create_directories(source);
    std::filesystem::create_directories(scratch->path() + "/served");
    std::filesystem::create_directories(scratch->path() + "/server");
    std::ofstream(source + "/file") << std::string(100000, 'x');

    const auto rsync = make_rsync_adapter();
    ASSERT_TRUE(rsync->probe(*executor, scratch->path()).available);
    const auto server = rsync->start_server({.route = Route::kPush,
                                             .root = scratch->path() + "/served",
                                             .scratch = scratch->path() + "/server",
                                             .host = (*link)->server_host,
                                             .prefix = (*link)->server_prefix},
                                            *executor);
    ASSERT_TRUE(server) << server.error().message();
    auto command = rsync->command({.route = Route::kPush,
                                   .source = source,
                                   .target = scratch->path() + "/served/target",
                                   .server = server->address});
    ASSERT_TRUE(command);
    command->prefix = (*link)->client_prefix;
    const auto before = (*link)->wire_bytes();
    const auto finished = executor->run(*command);
    const auto after = (*link)->wire_bytes();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->exit_code, 0) << finished->err;
    ASSERT_TRUE(before && after);
    EXPECT_GT(*after - *before, 100000U);
    EXPECT_LT(*after - *before, 200000U);
    EXPECT_TRUE(std::filesystem::exists(scratch->path() + "/served/target/file"));
  }
  const auto left = executor->run({.words = {"ip", "netns", "list"}});
  ASSERT_TRUE(left);
  EXPECT_THAT(left->out, Not(HasSubstr(name)));
}

TEST(Link, TheLongOneIsLong) {
  const auto executor = make_process_executor(nullptr);
  const auto link = make_link("wan", *executor);
  ASSERT_TRUE(link);
  if (!(*link)->record.available) {
    EXPECT_NE(::geteuid(), 0U) << (*link)->record.reason;
    return;
  }
  EXPECT_THAT((*link)->record.description, HasSubstr("50 ms"));
  // -U: to when ping itself has the answer; the kernel's stamp is from before the delay.
  Command ping{
      .words = {"ping", "-U", "-n", "-c", "20", "-i", "0.05", "-W", "2", (*link)->server_host}};
  ping.prefix = (*link)->client_prefix;
  const auto finished = executor->run(ping);
  ASSERT_TRUE(finished);
  // Of forty packets one in a hundred is lost: an answer or two may be missing.
  EXPECT_EQ(finished->exit_code, 0) << finished->out << finished->err;
  std::istringstream lines(finished->out);
  int answers = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find("time=");
    if (at == std::string::npos) continue;
    ++answers;
    EXPECT_GE(std::stod(line.substr(at + 5)), 50) << line;
  }
  EXPECT_GE(answers, 10) << finished->out;
}

TEST(RsyncSsh, CopiesThroughAnSshdOfItsOwn) {
  const auto executor = make_process_executor(nullptr);
  const auto scratch = Scratch::make(testing::TempDir(), 0);
  ASSERT_TRUE(scratch);
  const auto tool = make_rsync_ssh_adapter();
  const Tool probed = tool->probe(*executor, scratch->path());
  ASSERT_TRUE(probed.available) << probed.reason;
  const std::string root = scratch->path() + "/served";
  std::filesystem::create_directories(root + "/source/d");
  std::filesystem::create_directories(scratch->path() + "/server");
  std::ofstream(root + "/source/d/file") << "content";
  const auto server = tool->start_server({.route = Route::kPush,
                                          .root = root,
                                          .scratch = scratch->path() + "/server",
                                          .host = "127.0.0.1"},
                                         *executor);
  ASSERT_TRUE(server) << server.error().message();
  for (const Route route : {Route::kPush, Route::kPull}) {
    const std::string target = root + "/" + std::string(to_string(route));
    const auto command = tool->command(
        {.route = route, .source = root + "/source", .target = target, .server = server->address});
    ASSERT_TRUE(command) << command.error().message();
    const auto finished = executor->run(*command);
    ASSERT_TRUE(finished);
    EXPECT_TRUE(tool->succeeded(*finished)) << finished->err;
    EXPECT_TRUE(std::filesystem::exists(target + "/d/file"));
  }
}

TEST(RsyncDaemon, ServesLocallyAndStops) {
  const auto executor = make_process_executor(nullptr);
  const auto scratch = Scratch::make(testing::TempDir(), 0);
  ASSERT_TRUE(scratch);
  const auto rsync = make_rsync_adapter();
  ASSERT_TRUE(rsync->probe(*executor, scratch->path()).available);
  ServerAddress address;
  {
    const auto server = rsync->start_server({.route = Route::kPull,
                                             .root = scratch->path(),
                                             .scratch = scratch->path(),
                                             .host = "127.0.0.1"},
                                            *executor);
    ASSERT_TRUE(server) << server.error().message();
    address = server->address;
    EXPECT_TRUE(server->process->running());
  }
  const auto finished = executor->run(
      {.words = {"rsync", "rsync://127.0.0.1:" + std::to_string(address.port) + "/"}});
  ASSERT_TRUE(finished);
  EXPECT_NE(finished->exit_code, 0);
}

}  // namespace
}  // namespace robosync::parity
