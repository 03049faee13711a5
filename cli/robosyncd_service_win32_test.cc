// The words of the service; what they do needs a service manager.
#include <gtest/gtest.h>

#include "cli/robosyncd_command.h"

namespace robosync::cli {
namespace {

TEST(ServiceWords, EachIsAnAction) {
  for (const auto& [word, action] :
       {std::pair{"install", ServiceAction::kInstall},
        std::pair{"uninstall", ServiceAction::kUninstall},
        std::pair{"start", ServiceAction::kStart}, std::pair{"stop", ServiceAction::kStop},
        std::pair{"run", ServiceAction::kRun}}) {
    const auto command = parse_daemon_command({"service", word, "--config", "x.toml"});
    ASSERT_TRUE(command) << word;
    EXPECT_EQ(command->verb, DaemonCommand::Verb::kService);
    EXPECT_EQ(command->service, action);
    EXPECT_EQ(command->config_file, "x.toml");
  }
  EXPECT_FALSE(parse_daemon_command({"service"}));
  EXPECT_FALSE(parse_daemon_command({"service", "pause"}));
}

}  // namespace
}  // namespace robosync::cli
