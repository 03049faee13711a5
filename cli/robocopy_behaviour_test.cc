// Our front door does to real trees what the table says that robocopy does.
#include <gtest/gtest.h>

#include "cli/memory_stream_testing.h"
#include "cli/program.h"
#include "cli/robocopy_behaviour_testing.h"
#include "engine/sync.h"

namespace robosync::cli {
namespace {

void expect_to_hold(const std::vector<BehaviourRow>& table) {
  for (const BehaviourRow& row : table) {
    MemoryStream out;
    MemoryStream err;
    const Cancellation cancellation;
    Host host = process_host(out, err, cancellation);
    host.sync = [](const Request& request, Observer& observer, const Cancellation& stop) {
      return sync(request, observer, stop);
    };
    const std::string faults = faults_of(row, [&](std::vector<std::string> words) {
      words.insert(words.begin(), "robocopy");
      return run_robosync(words, host);
    });
    EXPECT_EQ(faults, "") << "robocopy " << row.switches << "\n" << out.text() << err.text();
  }
}

TEST(RobocopyBehaviour, EachRowOfTheTableHolds) { expect_to_hold(behaviour_table()); }

TEST(RobocopyBehaviour, EachRowWithLinksHolds) {
  if (!makes_links()) GTEST_SKIP() << "no symbolic links can be made here";
  expect_to_hold(behaviour_table_of_links());
}

}  // namespace
}  // namespace robosync::cli
