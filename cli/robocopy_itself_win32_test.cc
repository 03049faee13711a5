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
    const int exit_code = row.exit_code_of_robocopy.value_or(row.exit_code);
    const std::string faults = faults_of(row, exit_code, [&](const auto& words) {
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
  expect_to_hold(program, behaviour_table_of_links());
}

}  // namespace
}  // namespace robosync::cli
