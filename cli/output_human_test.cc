#include "cli/output_human.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/memory_stream_testing.h"
#include "cli/report_testing.h"

namespace robosync::cli {
namespace {

using namespace std::chrono_literals;
using tree::Kind;

std::vector<Event> one_of_each() {
  return {
      {.action = Action::kCreated, .kind = Kind::kDirectory, .path = "d"},
      {.action = Action::kCreated, .path = "d/new\n", .bytes = 5},
      {.action = Action::kCreated, .kind = Kind::kSymlink, .path = "l", .link_target = "d/new"},
      {.action = Action::kUpdated, .path = "f", .changes = {.size = true, .time = true}},
      {.action = Action::kMetadata, .path = "m", .changes = {.permissions = true}},
      {.action = Action::kLinked, .path = "h", .link_target = "f"},
      {.action = Action::kUnchanged, .path = "same"},
      {.action = Action::kSkipped, .path = "s", .reason = "newer on the target"},
      {.action = Action::kDeleted, .kind = Kind::kDirectory, .path = "old"},
      {.action = Action::kRemovedFromSource, .path = "f"},
  };
}

std::string list(const OutputSettings& settings, const Request& request = {},
                 const std::vector<Event>& events = one_of_each()) {
  MemoryStream out;
  MemoryStream err;
  HumanSink sink(out, err, request, {.settings = settings});
  for (const Event& event : events) sink.event(event);
  EXPECT_EQ(err.text(), "");
  return out.text();
}

TEST(HumanList, NothingUnlessAskedFor) { EXPECT_EQ(list({}), ""); }

TEST(HumanList, Names) {
  const std::string names =
      "d/\n"
      "d/new\\#012\n"
      "l -> d/new\n"
      "f\n"
      "m\n"
      "h => f\n"
      "deleting old/\n";
  EXPECT_EQ(list({.verbosity = 1}), names);
  EXPECT_EQ(list({}, {.dry_run = true}), names) << "a dry run is made for its list";
  EXPECT_EQ(list({.quiet = true}, {.dry_run = true}), "");
}

TEST(HumanList, Everything) {
  EXPECT_EQ(list({.verbosity = 2}),
            "d/\n"
            "d/new\\#012\n"
            "l -> d/new\n"
            "f\n"
            "m\n"
            "h => f\n"
            "unchanged same\n"
            "skipping s (newer on the target)\n"
            "deleting old/\n"
            "removed from source f\n");
}

TEST(HumanList, Itemized) {
  EXPECT_EQ(list({.itemize = 1}),
            "cd+++++++++ d/\n"
            ">f+++++++++ d/new\\#012\n"
            "cL+++++++++ l -> d/new\n"
            ">f.st...... f\n"
            ".f...p..... m\n"
            "hf+++++++++ h => f\n"
            "*deleting   old/\n");
  EXPECT_EQ(list({.itemize = 2}), list({.verbosity = 2, .itemize = 1}));
  EXPECT_NE(list({.itemize = 2}).find("\n.f          same\nskipping s (newer"), std::string::npos);
}

TEST(HumanList, Differences) {
  const std::vector<Event> events = {
      {.action = Action::kDifferent, .path = "a", .changes = {.content = true, .time = true}},
      {.action = Action::kDifferent, .path = "b", .changes = {.kind = true}, .reason = "a link"},
      {.action = Action::kOnlySource, .kind = Kind::kDirectory, .path = "c"},
      {.action = Action::kOnlyTarget, .path = "e"},
      {.action = Action::kUnchanged, .path = "f"},
  };
  EXPECT_EQ(list({}, {.verb = Verb::kVerify}, events),
            "different a (content, time)\n"
            "different b (a link)\n"
            "only in source c/\n"
            "only in target e\n");
}

TEST(HumanList, WantsNoMoreEventsThanItShows) {
  using Wants = Observer::Wants;
  EXPECT_EQ(wanted_events({}, {}), Wants::kNothing);
  EXPECT_EQ(wanted_events({}, {.verbosity = 1}), Wants::kChanges);
  EXPECT_EQ(wanted_events({}, {.itemize = 1}), Wants::kChanges);
  EXPECT_EQ(wanted_events({.dry_run = true}, {}), Wants::kChanges);
  EXPECT_EQ(wanted_events({.verb = Verb::kVerify}, {}), Wants::kChanges);
  EXPECT_EQ(wanted_events({.verb = Verb::kVerify}, {.quiet = true}), Wants::kNothing);
  EXPECT_EQ(wanted_events({}, {.verbosity = 2}), Wants::kEverything);
  EXPECT_EQ(wanted_events({}, {.itemize = 2}), Wants::kEverything);
}

TEST(HumanTrouble, GoesToStandardError) {
  MemoryStream out;
  MemoryStream err;
  const Request request;
  HumanSink sink(out, err, request, {});
  sink.problem({"a", base::make_error(base::ErrorKind::kIo, "bad block")});
  sink.warning("the rule '*.x\n' matched nothing");
  EXPECT_EQ(out.text(), "");
  EXPECT_EQ(err.text(),
            "robosync: a: bad block\n"
            "robosync: warning: the rule '*.x\\#012' matched nothing\n");
}

TEST(HumanTrouble, QuietHidesWarningsOnly) {
  MemoryStream out;
  MemoryStream err;
  const Request request;
  HumanSink sink(out, err, request, {.settings = {.quiet = true}});
  sink.warning("w");
  sink.problem({"a", base::make_error(base::ErrorKind::kIo, "bad block")});
  const base::Result<Report> result = busy_report();
  sink.finish({.request = request, .result = result, .exit_code = 23});
  EXPECT_EQ(out.text(), "");
  EXPECT_EQ(err.text(), "robosync: a: bad block\nrobosync: 3 problems; the rest was done\n");
}

TEST(HumanTrouble, ColourIsForTerminals) {
  MemoryStream out;
  MemoryStream err;
  const Request request;
  HumanSink sink(out, err, request, {.colour = Colour::kYes});
  sink.problem({"a", base::make_error(base::ErrorKind::kIo, "x")});
  EXPECT_EQ(err.text(), "\x1b[31mrobosync:\x1b[0m a: x\n");
}

TEST(HumanEnd, TroubleIsTheLastThingRead) {
  std::string terminal;
  MemoryStream out(terminal);
  DirectStream err(terminal);
  const Request request;
  HumanSink sink(out, err, request, {.settings = {.verbosity = 1}});
  sink.event({.action = Action::kCreated, .path = "a"});
  Report report = idle_report();
  report.outcome = Outcome::kVanished;
  const base::Result<Report> result = report;
  sink.finish({.request = request, .result = result, .exit_code = 24});
  EXPECT_EQ(terminal,
            "a\n"
            "scanned    6: 3 files, 2 directories, 1 link; 4.00 KiB\n"
            "new        0\n"
            "updated    0\n"
            "unchanged  6: 3 files, 2 directories, 1 link\n"
            "read 0 B, wrote 0 B, cloned 0 B in 0.01 s\n"
            "robosync: some entries vanished from the source while it was read\n");
}

TEST(HumanEnd, ARunThatNeverBeganHasNoSummary) {
  MemoryStream out;
  MemoryStream err;
  const Request request;
  HumanSink sink(out, err, request, {});
  const base::Result<Report> result = base::fail(base::make_error(base::ErrorKind::kRefused, "no"));
  sink.finish({.request = request, .result = result, .exit_code = 4});
  EXPECT_EQ(out.text(), "");
  EXPECT_EQ(err.text(), "robosync: no\n");
}

// A terminal of one line, as far as the bar is concerned.
std::vector<std::string> lines_seen(const std::string& stream) {
  std::vector<std::string> lines = {""};
  for (std::size_t i = 0; i < stream.size(); ++i) {
    if (stream[i] == '\n') {
      lines.emplace_back();
    } else if (stream[i] == '\r') {
      // What follows overwrites; nothing here overwrites a longer text without erasing the rest.
      lines.back().clear();
    } else if (stream.compare(i, 3, "\x1b[K") == 0) {
      i += 2;
    } else {
      lines.back() += stream[i];
    }
  }
  return lines;
}

class Bar : public testing::Test {
 protected:
  HumanStyle style(ProgressDisplay display) {
    return {
        .settings = {.verbosity = 1}, .progress = display, .columns = [this] { return columns_; }};
  }
  static ProgressState at(std::chrono::nanoseconds elapsed) {
    return {.total_known = true,
            .entries_done = 1,
            .entries_total = 2,
            .fraction = 0.5,
            .elapsed = elapsed};
  }

  std::string terminal_;
  MemoryStream out_{terminal_};
  DirectStream err_{terminal_};
  unsigned columns_ = 100;
  Request request_;
};

TEST_F(Bar, IsDrawnAtMostTenTimesPerSecond) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kBar));
  EXPECT_TRUE(sink.wants_progress());
  for (auto time = 0ms; time <= 2000ms; time += 1ms) sink.progress(at(time));
  EXPECT_EQ(std::ranges::count(terminal_, '\r'), 17) << "from 400 ms to 2000 ms";
  EXPECT_EQ(terminal_.substr(0, 400ms < kBarDelay ? 0 : 8), "\r[======");
}

TEST_F(Bar, ShortRunsShowNone) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kBar));
  sink.progress(at(100ms));
  sink.progress(at(399ms));
  EXPECT_EQ(terminal_, "");
}

TEST_F(Bar, EventsDoNotTearIt) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kBar));
  sink.progress(at(1s));
  sink.event({.action = Action::kCreated, .path = "a"});
  sink.event({.action = Action::kCreated, .path = "b"});
  sink.progress(at(2s));
  sink.problem({"c", base::make_error(base::ErrorKind::kIo, "bad")});
  sink.event({.action = Action::kCreated, .path = "e"});
  sink.progress(at(3s));
  const base::Result<Report> result = idle_report();
  sink.finish({.request = request_, .result = result});
  const std::vector<std::string> seen = lines_seen(terminal_);
  ASSERT_GE(seen.size(), 5U);
  EXPECT_EQ(seen[0], "a");
  EXPECT_EQ(seen[1], "b");
  EXPECT_EQ(seen[2], "robosync: c: bad");
  EXPECT_EQ(seen[3], "e");
  EXPECT_EQ(seen[4].substr(0, 9), "scanned  ") << "no bar is left behind";
  EXPECT_EQ(seen.back(), "");
}

TEST_F(Bar, IsTheLastLineWhileItRuns) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kBar));
  sink.event({.action = Action::kCreated, .path = "a"});
  sink.progress(at(1s));
  const std::vector<std::string> seen = lines_seen(terminal_);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0], "a") << "what was buffered is above the bar";
  EXPECT_NE(seen[1].find("50%"), std::string::npos);
}

TEST_F(Bar, StandsWhileNamesWait) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kBar));
  sink.progress(at(1s));
  const std::string before = terminal_;
  sink.event({.action = Action::kCreated, .path = "a"});
  EXPECT_EQ(terminal_, before) << "a bar that each name erases is hardly ever seen";
  sink.flush();
  const std::vector<std::string> seen = lines_seen(terminal_);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0], "a");
  EXPECT_NE(seen[1].find("50%"), std::string::npos);
  sink.flush();
  EXPECT_EQ(lines_seen(terminal_), seen);
}

TEST_F(Bar, NotTooManyNamesWait) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kBar));
  sink.progress(at(1s));
  const std::size_t before = terminal_.size();
  sink.event({.action = Action::kCreated, .path = std::string(kWaitingBytesMax - 2, 'x')});
  EXPECT_EQ(terminal_.size(), before);
  sink.event({.action = Action::kCreated, .path = "y"});
  EXPECT_GT(terminal_.size(), before + kWaitingBytesMax);
}

TEST_F(Bar, FollowsTheWidthOfTheTerminal) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kBar));
  for (columns_ = 20; columns_ <= 200; ++columns_) {
    terminal_.clear();
    sink.progress(at(std::chrono::seconds(columns_)));
    EXPECT_LT(lines_seen(terminal_).back().size(), columns_);
  }
}

TEST_F(Bar, IsGoneWhenAQuestionIsAsked) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kBar));
  sink.progress(at(1s));
  sink.suspend();
  EXPECT_EQ(lines_seen(terminal_).back(), "");
}

TEST_F(Bar, PlainLinesHaveNoCarriageReturns) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kLines));
  for (auto time = 0ms; time <= 16000ms; time += 100ms) sink.progress(at(time));
  EXPECT_EQ(terminal_,
            "progress: 50%, 0 B of 0 B, 1 of 2 entries, 0 B/s, 0:05 elapsed\n"
            "progress: 50%, 0 B of 0 B, 1 of 2 entries, 0 B/s, 0:10 elapsed\n"
            "progress: 50%, 0 B of 0 B, 1 of 2 entries, 0 B/s, 0:15 elapsed\n");
}

TEST_F(Bar, NoDisplayWantsNoProgress) {
  HumanSink sink(out_, err_, request_, style(ProgressDisplay::kNone));
  EXPECT_FALSE(sink.wants_progress());
}

}  // namespace
}  // namespace robosync::cli
