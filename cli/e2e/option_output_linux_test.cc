// Options about what is shown; and the check that every option of the help has a test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

class Shown {
 public:
  explicit Shown(const Finished& finished) : text_(finished.out) {}
  [[nodiscard]] bool has(const std::string& words) const {
    return text_.find(words) != std::string::npos;
  }

 private:
  std::string text_;
};

TEST_F(Option, Verbose_ListsWhatChangedAndTwiceWhatDidNot) {
  source().file("new-file", "n").file("same-file", "s");
  target().file("same-file", "s");
  const Shown once(copy({"-v"}));
  EXPECT_TRUE(once.has("new-file"));
  EXPECT_FALSE(once.has("same-file"));
  const Shown twice(copy({"-vv"}));
  EXPECT_TRUE(twice.has("same-file"));
  const Shown never(copy());
  EXPECT_FALSE(never.has("same-file"));
}

TEST_F(Option, Quiet_PrintsErrorsOnly) {
  source().file("a", "a").file("clash", "c");
  const Finished fine = copy({"--quiet"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, fine);
  EXPECT_EQ("", fine.out);
  EXPECT_EQ("", fine.err);
  target().remove("clash").file("clash/inside", "i");
  const Finished failed = copy({"-q"});
  ROBOSYNC_EXPECT_EXIT(kExitPartial, failed);
  EXPECT_EQ("", failed.out);
  EXPECT_NE(std::string::npos, failed.err.find("clash"));
}

TEST_F(Option, Itemize_UsesRsyncsNotation) {
  source().file("new", "n").file("longer", "longer", 0644, kNewTime);
  target().file("longer", "l").file("extra", "e");
  const Finished finished = mirror({"-i"});
  const Shown shown(finished);
  EXPECT_TRUE(shown.has(">f+++++++++ new\n")) << finished.out;
  EXPECT_TRUE(shown.has(">f.st...... longer\n")) << finished.out;
  EXPECT_TRUE(shown.has("*deleting   extra\n")) << finished.out;
}

TEST_F(Option, Progress_WithoutATerminalItIsPlainLines) {
  source().file("big", noise(4'000'000, 1)).file("small", "s");
  const Finished finished = copy({"--progress", "--bwlimit=1500K"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  const std::string all = finished.out + finished.err;
  EXPECT_EQ(std::string::npos, all.find('\r')) << "no carriage returns without a terminal";
  EXPECT_EQ(std::string::npos, all.find('\x1b')) << "no colours without a terminal";
}

TEST_F(Option, Progress_NeverRunsBackwards) {
  for (int i = 0; i < 40; ++i) source().file("f" + std::to_string(i), noise(150'000, 1));
  const Finished finished = copy({"--progress", "--json", "--bwlimit=3M"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  int statuses = 0;
  for (const nlohmann::json& message : parse_json_output(finished.out).others) {
    if (message["message_type"] != "status") continue;
    ++statuses;
    EXPECT_GE(message["bytes_done"].get<std::uint64_t>(), bytes);
    EXPECT_GE(message["entries_done"].get<std::uint64_t>(), entries);
    bytes = message["bytes_done"].get<std::uint64_t>();
    entries = message["entries_done"].get<std::uint64_t>();
    if (!message["total_known"].get<bool>()) continue;
    EXPECT_LE(bytes, message["bytes_total"].get<std::uint64_t>());
    EXPECT_LE(entries, message["entries_total"].get<std::uint64_t>());
  }
  EXPECT_GE(statuses, 1);
}

TEST_F(Option, NoProgress_ShowsNone) {
  source().file("big", noise(2'000'000, 1));
  const Finished finished = copy({"--no-progress", "--bwlimit=1M", "--json"});
  for (const nlohmann::json& message : parse_json_output(finished.out).others) {
    EXPECT_NE("status", message["message_type"]);
  }
}

TEST_F(Option, Stats_ListsAllCounters) {
  source().file("a", "a").file("d/b", "b");
  const Finished finished = copy({"--stats"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  const Shown shown(finished);
  for (const char* counter :
       {"scanned", "new", "updated", "unchanged", "deleted", "skipped", "failed", "read", "written",
        "cloned", "files copied by the kernel", "retries", "directories staged"}) {
    EXPECT_TRUE(shown.has(counter)) << counter << "\n" << finished.out;
  }
}

TEST_F(Option, Json_IsNothingButJson) {
  source().file("a", "a").file("clash", "c").symlink("l", "x");
  target().file("clash/inside", "i");
  for (const char* verb : {"copy", "mirror", "move", "verify"}) {
    const Finished finished = robosync({verb, "--json", "-vv", source_slash(), target_path()});
    const JsonOutput output = parse_json_output(finished.out);
    EXPECT_EQ(finished.exit_code, output.summary["exit_code"]) << verb;
    EXPECT_EQ(verb, output.summary["verb"]);
    EXPECT_TRUE(output.summary["schema"].is_number_integer());
    EXPECT_TRUE(std::regex_match(output.summary["time"].get<std::string>(),
                                 std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)")))
        << output.summary["time"];
  }
}

TEST_F(Option, Json_ARunThatCannotBeginHasASummaryToo) {
  const Finished finished = robosync({"copy", "--json", at("missing/"), target_path()});
  EXPECT_NE(0, finished.exit_code);
  const JsonOutput output = parse_json_output(finished.out);
  EXPECT_EQ(finished.exit_code, output.summary["exit_code"]);
}

TEST_F(Option, Json_AndTheWordsForPeopleTellTheSameNumbers) {
  for (int i = 0; i < 12; ++i) source().file("f" + std::to_string(i), "x");
  target().file("f0", "x").file("f1", "older").file("extra", "e");
  const nlohmann::json summary = parse_json_output(mirror({"-n", "--json"}).out).summary;
  const std::string words = mirror({"-n", "--stats"}).out;
  const std::regex pattern(R"((\w+) +(\d+) \(files (\d+), directories (\d+),)");
  std::set<std::string> compared;
  for (std::sregex_iterator match(words.begin(), words.end(), pattern), end; match != end;
       ++match) {
    const std::string label = (*match)[1];
    const std::string name = label == "new" ? "created" : label;
    if (!summary.contains(name)) continue;
    EXPECT_EQ(std::stoi((*match)[3]), summary[name]["files"].get<int>()) << label;
    EXPECT_EQ(std::stoi((*match)[4]), summary[name]["directories"].get<int>()) << label;
    compared.insert(name);
  }
  EXPECT_TRUE(compared.contains("created") && compared.contains("deleted")) << words;
}

TEST_F(Option, LogFile_IsAppendedTo) {
  source().file("first", "1");
  const std::string log = at("log");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--log-file=" + log}));
  source().file("second", "2");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--log-file", log, "-q"}));
  const std::string text = read_file(log);
  EXPECT_NE(std::string::npos, text.find("first")) << text;
  EXPECT_NE(std::string::npos, text.find("second")) << text;
  EXPECT_LT(text.find("first"), text.find("second"));
}

TEST_F(Option, LogFile_NamesAreMadeHarmless) {
  source().file("evil\n2026 forged\x1b[2J", "x");
  const std::string log = at("log");
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--log-file=" + log}));
  const std::string text = read_file(log);
  EXPECT_EQ(std::string::npos, text.find("\n2026 forged")) << text;
  EXPECT_EQ(std::string::npos, text.find('\x1b')) << text;
}

TEST_F(Option, LogFile_InsideTheTargetSurvivesAMirror) {
  source().file("a", "a");
  for (const std::string name : {"log", "extra/log"}) {
    const std::string log = target().at(name);
    for (const Arguments& options : {Arguments{}, Arguments{"--delete-excluded"},
                                     Arguments{"--backup-dir=old"}, Arguments{"-b"}}) {
      target().file("extra/x", "x");
      Arguments with_log = options;
      with_log.push_back("--log-file=" + log);
      ROBOSYNC_EXPECT_EXIT(kExitOk, mirror(with_log));
      EXPECT_NE(std::string::npos, read_file(log).find("exit code 0")) << log;
      EXPECT_FALSE(exists(target().at("extra/x")));
    }
  }
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
  EXPECT_FALSE(exists(target().at("log"))) << "it is not this run's log any more";
}

TEST_F(Option, LogFile_InWhatIsMovedIsRefused) {
  source().file("a", "a").file("d/b", "b");
  for (const std::string name : {"log", "d/log"}) {
    const Finished finished = move({"--log-file=" + source().at(name)});
    ROBOSYNC_EXPECT_EXIT(kExitRefused, finished);
    EXPECT_NE(std::string::npos, finished.err.find("log")) << finished.err;
  }
  const std::string log = source().at("log");
  ROBOSYNC_EXPECT_EXIT(kExitRefused, robosync({"move", "--log-file=" + log, log, target_path()}));
  EXPECT_TRUE(exists(source().at("a")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy({"--log-file=" + log}));
}

TEST_F(Option, Help_AndVersionAreTold) {
  for (const Arguments& arguments :
       {Arguments{"--help"}, Arguments{"help"}, Arguments{"copy", "-h"},
        Arguments{"help", "mirror"}, Arguments{"--version"}}) {
    const Finished finished = robosync(arguments);
    ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
    EXPECT_FALSE(finished.out.empty());
  }
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Finished finished = robosync({"completions", shell});
    ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
    EXPECT_NE(std::string::npos, finished.out.find("checksum")) << shell;
  }
}

TEST_F(Option, Stdout_ThatIsFullIsAnError) {
  source().file("a", "a");
  Command command;
  command.arguments = {"sh",   "-c", "exec \"$@\" >/dev/full", "sh",         robosync_binary(),
                       "copy", "-v", source_slash(),           target_path()};
  EXPECT_NE(0, run(command).exit_code);
}

TEST_F(Option, Stdout_ThatIsClosedIsAnErrorOnceThereIsSomethingToSay) {
  source().file("a", "a");
  const auto closed = [&](const Arguments& arguments) {
    Command command;
    command.arguments = {"sh", "-c", "exec \"$@\" >&-", "sh", robosync_binary()};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    return run(command);
  };
  ROBOSYNC_EXPECT_EXIT(kExitFileIo, closed({"copy", "-v", source_slash(), target_path()}));
  EXPECT_EQ("a", read_file(target().at("a")));
  ROBOSYNC_EXPECT_EXIT(kExitFileIo, closed({"--version"}));
  ROBOSYNC_EXPECT_EXIT(kExitOk, closed({"copy", "-q", source_slash(), target_path()}));
}

// "--min-size" -> "MinSize"
std::string test_prefix(const std::string& option) {
  std::string prefix;
  bool upper = true;
  for (const char character : option) {
    if (character == '-') {
      upper = true;
    } else {
      prefix += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(character)))
                      : character;
      upper = false;
    }
  }
  return prefix;
}

std::set<std::string> tested_options() {
  std::set<std::string> found;
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const ::testing::TestSuite& suite = *all.GetTestSuite(i);
    if (std::string(suite.name()) != "Option") continue;
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const std::string name = suite.GetTestInfo(j)->name();
      found.insert(name.substr(0, name.find('_')));
    }
  }
  return found;
}

TEST_F(EndToEnd, Row24_EveryOptionHasABehaviourTest) {
  const std::set<std::string> tested = tested_options();
  const std::regex option(R"(^ +(?:-\S,)?\s*(--[a-z][a-z0-9-]*))");
  std::size_t options = 0;
  for (const char* verb : {"copy", "mirror", "move", "verify"}) {
    for (const std::string& line : sorted_lines(robosync({verb, "--help"}).out)) {
      std::smatch match;
      if (!std::regex_search(line, match, option)) continue;
      ++options;
      EXPECT_TRUE(tested.contains(test_prefix(match[1])))
          << match[1] << " of " << verb << " has no test called Option." << test_prefix(match[1])
          << "_...";
    }
  }
  EXPECT_GE(options, 200U) << "the help was not understood";
}

}  // namespace
}  // namespace robosync::e2e
