// The table of robocopy's behaviour against robocopy itself: whether the table is right.
// ci/windows/check.ps1 names the program in ROBOSYNC_TEST_ROBOCOPY; wine's does nothing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "cli/robocopy_behaviour_testing.h"

namespace robosync::cli {
namespace {

void expect_to_hold(const char* program, const std::vector<BehaviourRow>& table) {
  for (const BehaviourRow& row : table) {
    const std::string faults = faults_of(of_robocopy(row), [&](const auto& words) {
      // The shell takes off the outer quotes.
      std::string command = "\"\"" + std::string(program) + "\"";
      for (const std::string& word : words) command += " \"" + word + "\"";
      command += " /R:0 /W:0 /NP /NFL /NDL /NJH /NJS >NUL 2>&1\"";
      return std::system(command.c_str());
    });
    EXPECT_EQ(faults, "") << "robocopy " << row.switches;
  }
}

TEST(RobocopyItself, EachRowOfTheTableHolds) {
  const char* program = std::getenv("ROBOSYNC_TEST_ROBOCOPY");
  if (program == nullptr) GTEST_SKIP() << "no robocopy to compare with";
  expect_to_hold(program, behaviour_table());
}

TEST(RobocopyItself, EachRowWithLinksHolds) {
  const char* program = std::getenv("ROBOSYNC_TEST_ROBOCOPY");
  if (program == nullptr) GTEST_SKIP() << "no robocopy to compare with";
  if (!makes_links()) GTEST_SKIP() << "no symbolic links can be made here";
  expect_to_hold(program, behaviour_table_of_links());
}

}  // namespace
}  // namespace robosync::cli
