// What every end-to-end test starts from: a fresh directory, a source, and the real program.
//
// Each test has a directory of its own below $ROBOSYNC_TEST_DIR (default: /tmp), removed when it
// ends. A missing program is a failure, never a skip. Environment:
//   ROBOSYNC_BIN        the program under test
//   ROBOSYNC_TEST_FULL  1: many more rounds and larger trees (minutes instead of seconds)
//   ROBOSYNC_TEST_SEED  another seed for generated trees and random moments
//   ROBOSYNC_TEST_ROUTE local (default), push, pull: where copy(), mirror() and so on have the
//                       other side at the far end of `robosync serve --stdio`
//   ROBOSYNC_TEST_KEEP  1: leave the directories of failed tests behind
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/e2e/builder_linux_testing.h"
#include "cli/e2e/process_linux_testing.h"
#include "cli/e2e/tree_image_linux_testing.h"

namespace robosync::e2e {

// The exit codes of docs/architecture.md.
enum ExitCode : int {
  kExitOk = 0,
  kExitDifferent = 1,
  kExitUsage = 2,
  kExitRefused = 4,
  kExitSocket = 10,
  kExitFileIo = 11,
  kExitProtocol = 12,
  kExitInterrupted = 20,
  kExitPartial = 23,
  kExitVanished = 24,
  kExitGuarded = 25,
  kExitTimeout = 30,
  kExitConnectTimeout = 35,
};

using Arguments = std::vector<std::string>;

// True for the long version of the suite.
[[nodiscard]] bool full_run();
[[nodiscard]] std::uint64_t test_seed();

// Which side of a run is at the far end of a connection.
enum class Route : std::uint8_t { kLocal, kPush, kPull };
[[nodiscard]] Route route_of_environment();

class EndToEnd : public ::testing::Test {
 protected:
  EndToEnd();
  ~EndToEnd() override;
  void SetUp() override;

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string at(const std::string& name) const { return root_ + "/" + name; }

  // The source, made; and the target, made by target() only.
  [[nodiscard]] TreeBuilder& source() { return source_; }
  [[nodiscard]] TreeBuilder target() const { return TreeBuilder(at("dst")); }
  [[nodiscard]] std::string source_slash() const { return at("src/"); }
  [[nodiscard]] std::string target_path() const { return at("dst"); }

  // `robosync arguments...`
  [[nodiscard]] static Command robosync_command(const Arguments& arguments);
  static Finished robosync(const Arguments& arguments);
  // What `arguments` are when the far side is reached by a shell that stays on this machine: the
  // options for that, and the operands, the last `operand_count` of them, written for it.
  [[nodiscard]] Arguments over(Route route, Arguments arguments, std::size_t operand_count = 2);

  // `robosync verb options... src/ dst`, over the route of this run.
  Finished copy(const Arguments& options = {});
  Finished mirror(const Arguments& options = {});
  Finished move(const Arguments& options = {});
  Finished verify(const Arguments& options = {});

  void set_route(Route route) { route_ = route; }

  // A run as the unprivileged user, to whom the whole directory is given first.
  Finished unprivileged(const Arguments& arguments);

 private:
  Finished run_verb(const std::string& verb, const Arguments& options);

  Route route_ = route_of_environment();
  std::string root_;
  TreeBuilder source_;
};

// The rows of docs/requirements.md; tests are called Row<number>_<meaning>.
class DataSafety : public EndToEnd {};

// One suite for all options; tests are called <Option>_<meaning>, --min-size being MinSize. The
// test of coverage fails for an option of `robosync copy --help` without a test.
class Option : public EndToEnd {
 protected:
  // The names that `robosync copy options...` brings into an empty target, sorted. Fails the test
  // when the copy does, or when a verify with the same options then finds a difference.
  std::vector<std::string> names_copied_with(const Arguments& options);
  // Makes a file beside source and target; returns its path.
  std::string written(const std::string& name, const std::string& content);
};

// What `--json` printed.
struct JsonOutput {
  std::vector<nlohmann::json> events;
  std::vector<nlohmann::json> problems;
  std::vector<nlohmann::json> others;
  nlohmann::json summary;

  // The events as "action path", sorted.
  [[nodiscard]] std::vector<std::string> event_lines() const;
};
// Fails the test when a line is not JSON or there is not exactly one summary.
[[nodiscard]] JsonOutput parse_json_output(const std::string& out);

[[nodiscard]] std::vector<std::string> sorted_lines(const std::string& text);

// What only one of two sorted lists has, a line each; empty when they are equal.
[[nodiscard]] std::string list_differences(const std::vector<std::string>& expected,
                                           const std::vector<std::string>& actual);

}  // namespace robosync::e2e

// Statements, so that they may stand alone after an `if`.
#define ROBOSYNC_EXPECT_EXIT(code, finished)                                    \
  do {                                                                          \
    const ::robosync::e2e::Finished& exit_of = (finished);                      \
    EXPECT_EQ(static_cast<int>(code), exit_of.exit_code) << exit_of.describe(); \
  } while (false)
#define ROBOSYNC_ASSERT_EXIT(code, finished)                                    \
  do {                                                                          \
    const ::robosync::e2e::Finished& exit_of = (finished);                      \
    ASSERT_EQ(static_cast<int>(code), exit_of.exit_code) << exit_of.describe(); \
  } while (false)
#define ROBOSYNC_EXPECT_SAME_TREE(...) \
  EXPECT_EQ("", ::robosync::e2e::differences(__VA_ARGS__)) << "trees differ"
