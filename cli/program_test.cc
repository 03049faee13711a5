// The program as a whole, with an engine that does what a test says.
#include "cli/program.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/completions.h"
#include "cli/file_input.h"
#include "cli/help.h"
#include "cli/memory_stream_testing.h"
#include "cli/report_testing.h"
#include "cli/robocopy_command.h"
#include "robosync/version.h"

namespace robosync::cli {
namespace {

class Program : public testing::Test {
 protected:
  int run(const std::vector<std::string>& words) {
    Host host{.sync =
                  [this](const Request& request, Observer& observer, const Cancellation&) {
                    request_ = request;
                    return engine_(observer);
                  },
              .out = &out_,
              .err = &err_,
              .terminal = terminal_,
              .columns = [] { return 80U; },
              .read_answer = [this] { return answer_; },
              .variable = [this](const std::string& name) -> std::optional<std::string> {
                const auto found = environment_.find(name);
                if (found == environment_.end()) return std::nullopt;
                return found->second;
              },
              .read_file = read_input,
              .utc_now = [] { return std::chrono::system_clock::time_point(); },
              .cancellation = &cancellation_};
    return run_robosync(words, host);
  }

  MemoryStream out_;
  MemoryStream err_;
  TerminalFacts terminal_;
  std::optional<std::string> answer_;
  std::map<std::string, std::string> environment_;
  Cancellation cancellation_;
  Request request_;
  std::function<base::Result<Report>(Observer&)> engine_ = [](Observer&) { return idle_report(); };
};

TEST_F(Program, WithoutWordsItSaysWhatThereIs) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(err_.text(), overview_text());
  EXPECT_EQ(out_.text(), "");
}

TEST_F(Program, RobocopyRunsWithItsOwnCodesAndOutput) {
  environment_["ROBOSYNC_TOKEN_FILE"] = "token";
  engine_ = [](Observer& observer) {
    observer.on_event({.action = Action::kCreated, .path = "a"});
    Report report = idle_report();
    report.counters.created.files = 1;
    return report;
  };
  EXPECT_EQ(run({"robocopy", "src", "dst", "/mir", "/njh"}), 1);
  EXPECT_EQ(request_.verb, Verb::kMirror);
  EXPECT_EQ(request_.remote.token_file, "token");
  EXPECT_NE(out_.text().find("New File"), std::string::npos) << out_.text();
  EXPECT_NE(out_.text().find("Mismatch"), std::string::npos) << out_.text();
  EXPECT_EQ(err_.text(), "");
  EXPECT_EQ(run({"robocopy", "src", "dst", "/nonsense"}), 16);
  EXPECT_NE(err_.text().find("/nonsense: no such switch"), std::string::npos) << err_.text();
}

TEST_F(Program, RobocopyFailsWhereItsOutputCannotBeWritten) {
  EXPECT_EQ(run({"robocopy", "src", "dst", "/log:/nowhere/at/all/log"}), 16);
  EXPECT_EQ(request_.target, "") << "the engine was not started";
  out_.fail_with(base::from_errno(ENOSPC, "write standard output"));
  EXPECT_EQ(run({"robocopy", "src", "dst"}), 16);
}

TEST_F(Program, HelpOfRobocopy) {
  EXPECT_EQ(run({"robocopy", "/?"}), 0);
  EXPECT_EQ(run({"help", "robocopy"}), 0);
  EXPECT_EQ(out_.text(), robocopy_help_text() + robocopy_help_text());
}

TEST_F(Program, HelpInAllItsForms) {
  EXPECT_EQ(run({"help"}), 0);
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_EQ(run({"-h"}), 0);
  EXPECT_EQ(out_.text(), overview_text() + overview_text() + overview_text());
  EXPECT_EQ(run({"help", "nothing"}), 2);
  EXPECT_EQ(run({"help", "copy", "move"}), 2);
}

TEST_F(Program, HelpForAVerb) {
  EXPECT_EQ(run({"help", "move"}), 0);
  EXPECT_EQ(run({"move", "--help"}), 0);
  EXPECT_EQ(out_.text(), help_text(Verb::kMove) + help_text(Verb::kMove));
}

TEST_F(Program, Version) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_TRUE(out_.text().starts_with("robosync " + std::string(version()) + " ("));
}

TEST_F(Program, Completions) {
  EXPECT_EQ(run({"completions", "fish"}), 0);
  EXPECT_EQ(out_.text(), completion_script(Shell::kFish));
  EXPECT_EQ(run({"completions"}), 2);
  EXPECT_EQ(run({"completions", "tcsh"}), 2);
  EXPECT_EQ(run({"completions", "bash", "zsh"}), 2);
}

TEST_F(Program, UnknownCommands) {
  EXPECT_EQ(run({"cpoy", "a", "b"}), 2);
  EXPECT_EQ(run({"-av", "a", "b"}), 2);
  EXPECT_EQ(err_.text(),
            "robosync: cpoy: no such command; there are copy, mirror, move and verify, see "
            "robosync help\n"
            "robosync: -av: the command comes first: robosync copy, mirror, move or verify; see "
            "robosync help\n");
}

TEST_F(Program, ARunEndToEnd) {
  engine_ = [](Observer& observer) {
    EXPECT_EQ(observer.wants_events(), Observer::Wants::kChanges);
    EXPECT_FALSE(observer.wants_progress());
    observer.on_event({.action = Action::kCreated, .path = "a"});
    return idle_report();
  };
  EXPECT_EQ(run({"mirror", "-v", "src/", "dst"}), 0);
  EXPECT_EQ(request_.verb, Verb::kMirror);
  EXPECT_EQ(request_.sources, std::vector<std::string>{"src/"});
  EXPECT_EQ(request_.target, "dst");
  EXPECT_EQ(err_.text(), "");
  EXPECT_TRUE(out_.text().starts_with("a\nscanned "));
}

TEST_F(Program, UsageErrorsNeverReachTheEngine) {
  engine_ = [](Observer&) -> base::Result<Report> {
    ADD_FAILURE() << "the engine ran";
    return idle_report();
  };
  EXPECT_EQ(run({"copy", "a"}), 2);
  EXPECT_EQ(run({"copy", "--max-delete", "3", "a", "b"}), 2);
  EXPECT_EQ(err_.text(),
            "robosync: copy: needs a TARGET after the SOURCE; see robosync help copy\n"
            "robosync: --max-delete: not for copy: only mirror deletes from the target\n");
  EXPECT_EQ(run({"copy", "--exclude-from", "/no/such/file", "a", "b"}), 11);
  EXPECT_EQ(run({"copy", "--log-file", "/no/such/folder/log", "a", "b"}), 11);
}

TEST_F(Program, AnExceptionIsAMessage) {
  engine_ = [](Observer&) -> base::Result<Report> { throw std::runtime_error("out of luck"); };
  EXPECT_EQ(run({"copy", "a", "b"}), 11);
  EXPECT_EQ(err_.text(), "robosync: internal: out of luck\n");
}

TEST_F(Program, TheExitCodeIsTheRuns) {
  engine_ = [](Observer&) {
    Report report = idle_report();
    report.outcome = Outcome::kVanished;
    return report;
  };
  EXPECT_EQ(run({"copy", "-q", "a", "b"}), 24);
  EXPECT_EQ(out_.text(), "");
}

TEST_F(Program, JsonAndNothingButJson) {
  engine_ = [](Observer& observer) {
    EXPECT_FALSE(observer.wants_progress());
    observer.on_event({.action = Action::kCreated, .path = "a"});
    observer.on_problem({"b", base::make_error(base::ErrorKind::kIo, "bad")});
    observer.on_warning("w");
    Report report = idle_report();
    report.outcome = Outcome::kPartial;
    return report;
  };
  terminal_ = {.input = true, .output = true, .errors = true, .escapes = true};
  EXPECT_EQ(run({"copy", "--json", "-v", "a", "b"}), 23);
  EXPECT_EQ(err_.text(), "");
  std::vector<std::string> types;
  std::string text = out_.text();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto json = nlohmann::json::parse(text.substr(0, end));
    EXPECT_EQ(json.at("schema"), 1);
    types.push_back(json.at("message_type"));
    text.erase(0, end + 1);
  }
  EXPECT_EQ(types, (std::vector<std::string>{"event", "problem", "warning", "summary"}));
}

TEST_F(Program, ATerminalGetsProgress) {
  terminal_ = {.input = true, .output = true, .errors = true, .escapes = true};
  bool wanted = false;
  engine_ = [&](Observer& observer) {
    wanted = observer.wants_progress();
    return idle_report();
  };
  EXPECT_EQ(run({"copy", "a", "b"}), 0);
  EXPECT_TRUE(wanted);
  EXPECT_EQ(run({"copy", "--no-progress", "a", "b"}), 0);
  EXPECT_FALSE(wanted);
  environment_["TERM"] = "dumb";
  EXPECT_EQ(run({"copy", "a", "b"}), 0);
  EXPECT_FALSE(wanted);
}

class Deleting : public Program {
 protected:
  void SetUp() override {
    engine_ = [](Observer& observer) {
      Report report = idle_report();
      if (!observer.confirm_deletions({.entries = 90, .target_entries = 100})) {
        report.outcome = Outcome::kGuarded;
      }
      return report;
    };
  }
  static constexpr const char* kQuestion =
      "robosync: this deletes 90 of the 100 entries in b. Go ahead? [y/N] ";
};

TEST_F(Deleting, AsksOnATerminal) {
  terminal_ = {.input = true, .errors = true};
  answer_ = "y";
  EXPECT_EQ(run({"mirror", "a", "b"}), 0);
  EXPECT_EQ(err_.text(), kQuestion);
}

TEST_F(Deleting, TakesAnythingElseForNo) {
  terminal_ = {.input = true, .errors = true};
  answer_ = "";
  EXPECT_EQ(run({"mirror", "a", "b"}), 25);
  EXPECT_EQ(err_.text(),
            std::string(kQuestion) + "robosync: nothing was deleted: you did not confirm it\n");
}

TEST_F(Deleting, TakesTheEndOfInputForNo) {
  terminal_ = {.input = true, .errors = true};
  EXPECT_EQ(run({"mirror", "a", "b"}), 25);
}

TEST_F(Deleting, DoesNotAskAfterYes) {
  terminal_ = {.input = true, .errors = true};
  EXPECT_EQ(run({"mirror", "--yes", "a", "b"}), 0);
  EXPECT_EQ(err_.text(), "");
}

TEST_F(Deleting, DoesNotAskInScripts) {
  for (const TerminalFacts& facts : {TerminalFacts{}, TerminalFacts{.input = true},
                                     TerminalFacts{.output = true, .errors = true}}) {
    terminal_ = facts;
    EXPECT_EQ(run({"mirror", "a", "b"}), 0);
  }
  EXPECT_EQ(err_.text(), "");
}

TEST_F(Program, OutputThatIsLostIsAFailure) {
  out_.fail_with(base::make_error(base::ErrorKind::kNoSpace, "write standard output"));
  EXPECT_EQ(run({"copy", "a", "b"}), 11);
  EXPECT_EQ(run({"--version"}), 11);
  engine_ = [](Observer&) {
    Report report = idle_report();
    report.outcome = Outcome::kPartial;
    return report;
  };
  EXPECT_EQ(run({"copy", "a", "b"}), 23) << "the run's own failure says more";
}

TEST_F(Program, TheLogIsWrittenBesidesEverythingElse) {
  const auto path = std::filesystem::path(testing::TempDir()) / "program_test.log";
  std::filesystem::remove(path);
  engine_ = [](Observer& observer) {
    EXPECT_EQ(observer.wants_events(), Observer::Wants::kChanges) << "for the log, in spite of -q";
    observer.on_event({.action = Action::kCreated, .path = "a"});
    return idle_report();
  };
  EXPECT_EQ(run({"copy", "-q", "--log-file", path.string(), "a", "b"}), 0);
  EXPECT_EQ(out_.text(), "");
  const std::string log = read_input(path.string(), 10000).value_or("");
  EXPECT_NE(log.find(" >f+++++++++ a\n"), std::string::npos) << log;
  EXPECT_TRUE(log.ends_with(" exit code 0\n")) << log;
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace robosync::cli
