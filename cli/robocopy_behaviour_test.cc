// Our front door does to real trees what the table says that robocopy does.
#include <gtest/gtest.h>

#include "cli/memory_stream_testing.h"
#include "cli/program.h"
#include "cli/robocopy_behaviour_testing.h"
#include "engine/sync.h"

namespace robosync::cli {
namespace {

TEST(RobocopyBehaviour, EachRowOfTheTableHolds) {
  for (const BehaviourRow& row : behaviour_table()) {
    MemoryStream out;
    MemoryStream err;
    const Cancellation cancellation;
    Host host = process_host(out, err, cancellation);
    host.sync = [](const Request& request, Observer& observer, const Cancellation& stop) {
      return sync(request, observer, stop);
    };
    const std::string faults = faults_of(row, row.exit_code, [&](std::vector<std::string> words) {
      words.insert(words.begin(), "robocopy");
      return run_robosync(words, host);
    });
    EXPECT_EQ(faults, "") << "robocopy " << row.switches << "\n" << out.text() << err.text();
  }
}

}  // namespace
}  // namespace robosync::cli
