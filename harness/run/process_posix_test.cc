#include <chrono>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/run/process.h"

namespace robosync::parity {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

Command shell(const std::string& script) { return {.words = {"sh", "-c", script}}; }

TEST(Process, ExitCodeAndBothStreamsAreKept) {
  const auto executor = make_process_executor(nullptr);
  const auto finished = executor->run(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(finished) << finished.error().message();
  EXPECT_EQ(finished->exit_code, 3);
  EXPECT_EQ(finished->out, "out\n");
  EXPECT_EQ(finished->err, "err\n");
  EXPECT_EQ(finished->signal, 0);
  EXPECT_FALSE(finished->timed_out);
}

TEST(Process, OneExecutorRunsOneAfterTheOther) {
  const auto executor = make_process_executor(nullptr);
  for (int code = 0; code < 5; ++code) {
    const auto finished = executor->run(shell("exit " + std::to_string(code)));
    ASSERT_TRUE(finished) << finished.error().message();
    EXPECT_EQ(finished->exit_code, code);
  }
}

TEST(Process, ProgramThatDoesNotExistIsNotFound) {
  const auto executor = make_process_executor(nullptr);
  const auto finished = executor->run({.words = {"no-such-program-anywhere"}});
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().kind, base::ErrorKind::kNotFound);
}

TEST(Process, EnvironmentIsAddedAndReplaced) {
  const auto executor = make_process_executor(nullptr);
  Command command = shell("echo $HOME-$PARITY_ADDED; pwd");
  command.environment = {{"HOME", "/elsewhere"}, {"PARITY_ADDED", "yes"}};
  command.directory = "/";
  const auto finished = executor->run(command);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->out, "/elsewhere-yes\n/\n");
}

TEST(Process, PrefixComesBeforeTheProgram) {
  const auto executor = make_process_executor(nullptr);
  Command command{.words = {"echo", "a"}};
  command.prefix = {"env", "X=1"};
  const auto finished = executor->run(command);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->out, "a\n");
  EXPECT_EQ(to_text(command), "echo a");
}

TEST(Process, CancellationEndsTheProgram) {
  base::Cancellation cancellation;
  const auto executor = make_process_executor(&cancellation);
  std::thread canceller([&] {
    std::this_thread::sleep_for(milliseconds(100));
    cancellation.request();
  });
  const auto finished = executor->run(shell("sleep 30"));
  canceller.join();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().kind, base::ErrorKind::kCancelled);
}

TEST(Process, SignalIsTold) {
  const auto executor = make_process_executor(nullptr);
  const auto finished = executor->run(shell("kill -TERM $$"));
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->signal, SIGTERM);
  EXPECT_EQ(finished->exit_code, 128 + SIGTERM);
}

TEST(Process, TimesAreThoseOfTheProgramAndItsChildren) {
  const auto executor = make_process_executor(nullptr);
  const auto finished =
      executor->run(shell("sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; sleep 0.2"));
  ASSERT_TRUE(finished);
  EXPECT_GT(finished->user_s, 0.02);
  EXPECT_GE(finished->wall_s, 0.2 + finished->user_s * 0.5);
}

TEST(Process, PeakMemoryIsTheProgramsNotOurs) {
  const auto executor = make_process_executor(nullptr);
  const std::string ours(std::size_t{256} << 20U, 'x');  // touched, and there while it runs
  const auto small = executor->run({.words = {"true"}});
  const auto large = executor->run(shell("v=$(head -c 67108864 /dev/zero | tr '\\0' x); true"));
  ASSERT_TRUE(small);
  ASSERT_TRUE(large);
  EXPECT_EQ(ours.back(), 'x');
  EXPECT_GT(small->peak_rss_bytes, 0U);
  EXPECT_LT(small->peak_rss_bytes, std::uint64_t{64} << 20U);
  EXPECT_GT(large->peak_rss_bytes, std::uint64_t{60} << 20U);
}

TEST(Process, OutputBeyondTheLimitIsDropped) {
  const auto executor = make_process_executor(nullptr);
  const auto at_limit =
      executor->run(shell("head -c " + std::to_string(kOutputBytesMax) + " /dev/zero"));
  const auto beyond =
      executor->run(shell("head -c " + std::to_string(kOutputBytesMax + 1) + " /dev/zero"));
  ASSERT_TRUE(at_limit);
  ASSERT_TRUE(beyond);
  EXPECT_EQ(at_limit->out.size(), kOutputBytesMax);
  EXPECT_EQ(beyond->out.size(), kOutputBytesMax);
  EXPECT_EQ(beyond->exit_code, 0);
}

TEST(Process, ServerRunsUntilItIsDestroyed) {
  const auto executor = make_process_executor(nullptr);
  auto server = executor->start(shell("echo $$; exec sleep 30"));
  ASSERT_TRUE(server);
  std::string output;
  for (int i = 0; i < 500 && output.empty(); ++i) {
    output = (*server)->output();
    std::this_thread::sleep_for(milliseconds(5));
  }
  const int pid = std::stoi(output);
  EXPECT_TRUE((*server)->running());
  EXPECT_EQ(::kill(pid, 0), 0);
  server->reset();
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Process, ServerThatEndsIsNotRunning) {
  const auto executor = make_process_executor(nullptr);
  auto server = executor->start(shell("echo broken; exit 1"));
  ASSERT_TRUE(server);
  for (int i = 0; i < 500 && (*server)->running(); ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_FALSE((*server)->running());
  EXPECT_THAT((*server)->output(), HasSubstr("broken"));
}

TEST(Process, FindProgramKnowsPathsAndNames) {
  EXPECT_THAT(find_program("sh"), HasSubstr("/sh"));
  EXPECT_EQ(find_program("/no/such/program"), "");
  EXPECT_EQ(find_program("no-such-program-anywhere"), "");
}

TEST(Process, TextIsQuotedForAShell) {
  EXPECT_EQ(to_text({.words = {"rsync", "-a", "a b/", "it's", ""}}),
            "rsync -a 'a b/' 'it'\\''s' ''");
}

}  // namespace
}  // namespace robosync::parity
