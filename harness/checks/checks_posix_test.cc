// The checks put to tools that are known to be right, lazy or harmful: each must be told apart.
#include "harness/checks/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "harness/run/process.h"

namespace robosync::parity {
namespace {

using testing::IsEmpty;

// A tool that is a shell script; $1 is the source, $2 the target, $3 the verb.
class ScriptTool final : public ToolAdapter {
 public:
  explicit ScriptTool(std::string script) : script_(std::move(script)) {}
  [[nodiscard]] std::string name() const override { return "script"; }
  [[nodiscard]] Tool probe(Executor&, const std::string&) override {
    return {.name = name(), .available = true};
  }
  [[nodiscard]] base::Result<Command> command(const Job& job) const override {
    const std::string verb = job.verb == Verb::kMirror ? "mirror" : "copy";
    Command command;
    command.words = {"/bin/sh", "-c", script_, "sh", job.source, job.target, verb};
    return command;
  }
  [[nodiscard]] std::string unavailable(Route, Phase) const override { return {}; }
  [[nodiscard]] bool succeeded(const Finished& finished) const override {
    return finished.exit_code == 0;
  }

 private:
  std::string script_;
};

class Checks : public testing::Test {
 protected:
  Checks() {
    std::string pattern = testing::TempDir() + "robosync-checks-XXXXXX";
    scratch_ = ::mkdtemp(pattern.data());
    std::filesystem::permissions(scratch_, std::filesystem::perms(0755));
  }
  ~Checks() override { std::filesystem::remove_all(scratch_); }

  std::map<std::string, CheckResult> run(const std::string& script,
                                         const std::vector<std::string>& only = {}) {
    const ScriptTool tool(script);
    const auto executor = make_process_executor(nullptr);
    std::map<std::string, CheckResult> results;
    for (CheckResult& result :
         run_checks(*executor, {&tool}, {{.name = "script", .available = true}},
                    {.scratch = scratch_, .only = only}, {})) {
      EXPECT_TRUE(results.emplace(result.check, result).second) << result.check << " twice";
    }
    EXPECT_THAT(
        std::filesystem::directory_iterator(scratch_) == std::filesystem::directory_iterator(),
        true)
        << "something is left in the scratch folder";
    return results;
  }

  static std::set<std::string> with(const std::map<std::string, CheckResult>& results,
                                    CheckOutcome outcome) {
    std::set<std::string> names;
    for (const auto& [name, result] : results) {
      if (result.outcome == outcome) names.insert(name);
    }
    return names;
  }

  std::string scratch_;
};

TEST_F(Checks, AToolThatDoesNothingPassesOnlyWhereThatIsRight) {
  const auto results = run("exit 0");
  EXPECT_EQ(results.size(), check_table().size());
  EXPECT_THAT(
      with(results, CheckOutcome::kPass),
      testing::ElementsAre("content.quick_check", "mirror.excluded_protected", "mtime.fat_window"));
  EXPECT_THAT(with(results, CheckOutcome::kUnsupported), IsEmpty());
}

TEST_F(Checks, AToolThatFailsPassesOnlyWhereThatIsRight) {
  const auto results = run("exit 1");
  EXPECT_THAT(with(results, CheckOutcome::kPass),
              testing::ElementsAre("mirror.empty_source", "mirror.missing_source",
                                   "mirror.unreadable_directory"));
}

TEST_F(Checks, AToolThatASignalEndsPassesNothing) {
  EXPECT_THAT(with(run("kill -SEGV $$"), CheckOutcome::kPass), IsEmpty());
}

TEST_F(Checks, AToolThatDestroysTheSourceHasCopiedNothing) {
  const auto results =
      run("mkdir -p \"$2\" && cp -a \"$1/.\" \"$2/\"; find \"$1\" -type f -delete; exit 0");
  for (const char* name :
       {"mtime.file", "mode.bits", "content.smaller", "content.changes_during_copy"}) {
    EXPECT_EQ(results.at(name).outcome, CheckOutcome::kFail) << name;
  }
}

TEST_F(Checks, FurtherNamesOfTheSourcesFilesAreNoCopy) {
  const auto results = run("mkdir -p \"$2\" && cp -al \"$1/.\" \"$2/\"");
  for (const char* name : {"mtime.file", "mode.bits", "names.long"}) {
    EXPECT_EQ(results.at(name).outcome, CheckOutcome::kFail) << name;
  }
}

TEST_F(Checks, AToolThatDestroysItsTargetPassesNothing) {
  const auto results = run("chmod -R u+rwx \"$2\"; rm -rf \"$2\"; exit 0");
  EXPECT_THAT(with(results, CheckOutcome::kPass), IsEmpty());
}

// What cp -a keeps, and that it knows neither mirrors nor options.
TEST_F(Checks, AFaithfulCopierPassesWhatIsAboutFidelity) {
  const auto results = run("mkdir -p \"$2\" && cp -a \"$1/.\" \"$2/\"");
  for (const char* name : {"mtime.file",
                           "mtime.directory",
                           "mtime.symlink",
                           "mtime.before_1970",
                           "mtime.after_2038",
                           "mode.bits",
                           "mode.read_only",
                           "symlink.relative",
                           "symlink.dangling",
                           "symlink.loop",
                           "hard_link.kept",
                           "names.unicode",
                           "names.odd_bytes",
                           "names.long",
                           "names.case",
                           "tree.empty_directories",
                           "slash.contents",
                           "content.sparse",
                           "content.smaller",
                           "copy.deletes_nothing",
                           "content.changes_during_copy"}) {
    ASSERT_TRUE(results.contains(name)) << name;
    EXPECT_EQ(results.at(name).outcome, CheckOutcome::kPass)
        << name << ": " << results.at(name).detail;
  }
  EXPECT_EQ(results.at("mirror.extra_file").outcome, CheckOutcome::kFail);
  EXPECT_EQ(results.at("content.second_run").outcome, CheckOutcome::kDiffers);
}

TEST_F(Checks, ACopierWithoutMetadataDiffersAndDoesNotFail) {
  const auto results = run("umask 022; mkdir -p \"$2\" && cp -RP \"$1/.\" \"$2/\"");
  for (const char* name : {"mtime.file", "mtime.directory", "mtime.before_1970"}) {
    EXPECT_EQ(results.at(name).outcome, CheckOutcome::kDiffers)
        << name << ": " << results.at(name).detail;
  }
}

TEST_F(Checks, ATornCopyThatLooksFinishedFails) {
  // Takes half of a large file and gives it the size and time of the whole.
  const auto results =
      run("mkdir -p \"$2\"; test -e \"$2/large\" && exit 0;"
          "head -c 1000 \"$1/large\" > \"$2/large\"; truncate -r \"$1/large\" \"$2/large\";"
          "touch -r \"$1/large\" \"$2/large\"",
          {"content.changes_during_copy"});
  EXPECT_EQ(results.at("content.changes_during_copy").outcome, CheckOutcome::kFail);
}

TEST_F(Checks, WhoIsNotThereIsNotRunWithTheReason) {
  const ScriptTool tool("exit 0");
  const auto executor = make_process_executor(nullptr);
  const auto results =
      run_checks(*executor, {&tool}, {{.name = "script", .reason = "not installed"}},
                 {.scratch = scratch_, .only = {"mtime.file"}}, {});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results.front().outcome, CheckOutcome::kNotRun);
  EXPECT_EQ(results.front().detail, "not installed");
}

}  // namespace
}  // namespace robosync::parity
