#include "cli/robosyncd_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace robosync::cli {
namespace {

using ::testing::HasSubstr;
using Verb = DaemonCommand::Verb;

DaemonCommand parsed(const std::vector<std::string>& words) {
  const auto command = parse_daemon_command(words);
  EXPECT_TRUE(command) << command.error().context;
  return command ? *command : DaemonCommand{};
}

std::string mistake(const std::vector<std::string>& words) {
  const auto command = parse_daemon_command(words);
  return command ? "" : command.error().context;
}

TEST(DaemonCommandTest, quick_start_is_careful_unless_told_otherwise) {
  const DaemonCommand least = parsed({"--root", "/srv"});
  EXPECT_EQ(least.verb, Verb::kServe);
  EXPECT_EQ(least.root, "/srv");
  EXPECT_EQ(least.bind, "127.0.0.1:9031");
  EXPECT_FALSE(least.writable || least.allow_delete || least.plaintext);
  EXPECT_EQ(least.config_file, "");
  const DaemonCommand most =
      parsed({"--root", "/srv", "--bind", "[::]:1", "--writable", "--allow-delete", "--plaintext"});
  EXPECT_EQ(most.bind, "[::]:1");
  EXPECT_TRUE(most.writable && most.allow_delete && most.plaintext);
}

TEST(DaemonCommandTest, configuration_files_have_a_usual_place) {
  EXPECT_EQ(parsed({}).config_file, default_daemon_config());
  EXPECT_EQ(parsed({"--config", "a.toml"}).config_file, "a.toml");
  EXPECT_EQ(parsed({"check-config"}).config_file, default_daemon_config());
  EXPECT_EQ(parsed({"check-config", "a.toml"}).config_file, "a.toml");
  EXPECT_EQ(parsed({"check-config", "--config", "a.toml"}).config_file, "a.toml");
  EXPECT_EQ(parsed({"check-config", "a.toml"}).verb, Verb::kCheckConfig);
  EXPECT_EQ(parsed({"fingerprint", "--config", "b.toml"}).config_file, "b.toml");
  EXPECT_EQ(parsed({"fingerprint"}).verb, Verb::kFingerprint);
}

TEST(DaemonCommandTest, a_service_is_told_what_to_do_where_there_are_services) {
  EXPECT_NE(mistake({"service"}), "");
  EXPECT_EQ(mistake({"service", "start"}).empty(), has_services());
}

TEST(DaemonCommandTest, tokens_are_made_by_name) {
  const DaemonCommand command = parsed({"token", "new", "alice", "--config", "a.toml"});
  EXPECT_EQ(command.verb, Verb::kTokenNew);
  EXPECT_EQ(command.token_name, "alice");
  EXPECT_EQ(command.config_file, "a.toml");
  EXPECT_NE(mistake({"token", "new"}), "");
  EXPECT_NE(mistake({"token"}), "");
}

TEST(DaemonCommandTest, contradictions_are_refused) {
  EXPECT_THAT(mistake({"--writable"}), HasSubstr("--writable goes with --root"));
  EXPECT_THAT(mistake({"--config", "a", "--plaintext"}), HasSubstr("--plaintext goes with --root"));
  EXPECT_THAT(mistake({"--root", "/srv", "--config", "a"}), HasSubstr("exclude each other"));
  EXPECT_THAT(mistake({"--root", "/srv", "--allow-delete"}), HasSubstr("goes with --writable"));
  EXPECT_NE(mistake({"--rot", "/srv"}), "");
  EXPECT_NE(mistake({"--root"}), "");
}

TEST(DaemonCommandTest, help_names_everything_but_the_worker) {
  const DaemonCommand command = parsed({"--help"});
  EXPECT_EQ(command.verb, Verb::kHelp);
  for (const char* word : {"--root", "--config", "check-config", "token", "fingerprint"}) {
    EXPECT_THAT(command.text, HasSubstr(word));
  }
  EXPECT_THAT(command.text, testing::Not(HasSubstr("worker")));
  EXPECT_EQ(parsed({"--version"}).verb, Verb::kVersion);
  EXPECT_EQ(parsed({"worker"}).verb, Verb::kWorker);
}

}  // namespace
}  // namespace robosync::cli
