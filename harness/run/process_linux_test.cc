// What needs /proc to be seen.
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "harness/run/process.h"

namespace robosync::parity {
namespace {

using std::chrono::milliseconds;

Command shell(const std::string& script) { return {.words = {"sh", "-c", script}}; }

TEST(Process, TimeoutEndsTheWholeGroup) {
  const auto executor = make_process_executor(nullptr);
  Command command = shell("sleep 30 & echo $!; sleep 30");
  command.timeout_s = 0.3;
  const auto finished = executor->run(command);
  ASSERT_TRUE(finished) << finished.error().message();
  EXPECT_TRUE(finished->timed_out);
  EXPECT_EQ(finished->signal, SIGKILL);
  EXPECT_LT(finished->wall_s, 10);
  const int child = std::stoi(finished->out);
  // The orphan is reaped by somebody else, soon.
  for (int i = 0; i < 200 && ::kill(child, 0) == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(10));
    const auto state =
        executor->run(shell("grep State /proc/" + std::to_string(child) + "/status"));
    if (state && state->out.find('Z') != std::string::npos) return;
  }
  EXPECT_NE(::kill(child, 0), 0);
}

}  // namespace
}  // namespace robosync::parity
