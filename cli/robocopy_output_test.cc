#include "cli/robocopy_output.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "cli/memory_stream_testing.h"

namespace robosync::cli {
namespace {

constexpr tree::Time kEarly{.seconds = 1'000'000'000};
constexpr tree::Time kLate{.seconds = 1'000'000'003};

RobocopyInvocation invocation() {
  RobocopyInvocation made;
  made.request.sources = {"/src/"};
  made.request.target = "/dst";
  made.options = "/S";
  return made;
}

UtcClock clock_at_zero() {
  return [] { return std::chrono::system_clock::time_point(); };
}

Event file(Action action, tree::Time source, tree::Time target, Changes changes = {}) {
  return {.action = action,
          .path = "f",
          .bytes = 1536,
          .changes = changes,
          .source_time = source,
          .target_time = target};
}

TEST(RobocopyClass, OfFiles) {
  EXPECT_EQ(robocopy_class(file(Action::kCreated, kEarly, {}), {}), "New File");
  EXPECT_EQ(robocopy_class(file(Action::kUpdated, kLate, kEarly, {.time = true}), {}), "Newer");
  EXPECT_EQ(robocopy_class(file(Action::kUpdated, kEarly, kLate, {.time = true}), {}), "Older");
  EXPECT_EQ(robocopy_class(file(Action::kUpdated, kEarly, kEarly, {.size = true}), {}), "Changed");
  EXPECT_EQ(robocopy_class(file(Action::kUpdated, kLate, kEarly, {.size = true}),
                           {.window_ns = 3'000'000'000}),
            "Changed");
  EXPECT_EQ(robocopy_class(file(Action::kUpdated, kEarly, kEarly), {}), "Same");
  EXPECT_EQ(robocopy_class(file(Action::kMetadata, kEarly, kEarly), {}), "Tweaked");
  EXPECT_EQ(robocopy_class(file(Action::kUnchanged, kEarly, kEarly), {}), "same");
  EXPECT_EQ(robocopy_class(file(Action::kDeleted, {}, {}), {}), "*EXTRA File");
  EXPECT_EQ(robocopy_class(file(Action::kUpdated, kLate, kEarly, {.kind = true}), {}), "*Mismatch");
}

TEST(RobocopyClass, OfWhatIsSkipped) {
  EXPECT_EQ(robocopy_class(file(Action::kSkipped, kEarly, {}), {}), "lonely");
  EXPECT_EQ(robocopy_class(file(Action::kSkipped, kEarly, kLate), {}), "older");
  EXPECT_EQ(robocopy_class(file(Action::kSkipped, kLate, kEarly), {}), "newer");
  EXPECT_EQ(robocopy_class(file(Action::kSkipped, kLate, kLate), {}), "skipped");
}

TEST(RobocopyClass, OfDirectories) {
  EXPECT_EQ(robocopy_class({.action = Action::kCreated, .kind = tree::Kind::kDirectory}, {}),
            "New Dir");
  EXPECT_EQ(robocopy_class({.action = Action::kDeleted, .kind = tree::Kind::kDirectory}, {}),
            "*EXTRA Dir");
}

base::Result<Report> report_of(Outcome outcome) {
  Report report;
  report.outcome = outcome;
  return report;
}

TEST(RobocopyExitCode, IsASumOfWhatHappened) {
  RobocopyTally tally;
  base::Result<Report> result = report_of(Outcome::kOk);
  EXPECT_EQ(robocopy_exit_code(result, tally), 0);
  result->counters.unchanged.files = 5;
  result->counters.created.directories = 5;
  EXPECT_EQ(robocopy_exit_code(result, tally), 0) << "only files count as copied";
  result->counters.updated.files = 1;
  EXPECT_EQ(robocopy_exit_code(result, tally), 1);
  result->counters.deleted.directories = 1;
  EXPECT_EQ(robocopy_exit_code(result, tally), 3);
  tally.mismatched_directories = 1;
  EXPECT_EQ(robocopy_exit_code(result, tally), 7);
  for (const Outcome outcome : {Outcome::kPartial, Outcome::kVanished, Outcome::kGuarded}) {
    result->outcome = outcome;
    EXPECT_EQ(robocopy_exit_code(result, tally), 15);
  }
  for (const Outcome outcome : {Outcome::kAborted, Outcome::kCancelled}) {
    result->outcome = outcome;
    EXPECT_EQ(robocopy_exit_code(result, tally), 16);
  }
  const base::Result<Report> refused =
      base::fail(base::make_error(base::ErrorKind::kRefused, "nested"));
  EXPECT_EQ(robocopy_exit_code(refused, tally), 16);
}

// What the sink writes for the events, without header and summary.
std::string lines(const RobocopyOutput& output, const std::vector<Event>& events) {
  RobocopyInvocation run = invocation();
  run.output = output;
  run.output.header = run.output.summary = false;
  MemoryStream out;
  const RobocopyTally tally;
  RobocopySink sink(out, run, tally, Troubles::kLeftOut, clock_at_zero());
  for (const Event& event : events) sink.event(event);
  const base::Result<Report> result = report_of(Outcome::kOk);
  sink.finish({.request = run.request, .result = result});
  return out.text();
}

TEST(RobocopyOutput, ALineForEachEntry) {
  const std::vector<Event> events = {
      file(Action::kCreated, kEarly, {}),
      {.action = Action::kCreated, .kind = tree::Kind::kDirectory, .path = "d"},
      {.action = Action::kMetadata, .kind = tree::Kind::kDirectory, .path = "seen with /V only"},
      {.action = Action::kDeleted, .path = "x"},
      {.action = Action::kDeleted, .kind = tree::Kind::kDirectory, .path = "y"},
      file(Action::kRemovedFromSource, kEarly, {}),
  };
  const std::string separator(1, static_cast<char>(std::filesystem::path::preferred_separator));
  EXPECT_EQ(lines({}, events),
            "\t    New File  \t\t   1.5 k\tf\n"
            "\t  New Dir           \td" +
                separator +
                "\n"
                "\t  *EXTRA File \t\t        \tx\n"
                "\t*EXTRA Dir        -1\ty" +
                separator + "\n");
  const std::string root = std::filesystem::current_path().root_name().string() + separator;
  const std::string src = root + "src" + separator;
  const std::string dst = root + "dst" + separator;
  EXPECT_EQ(lines({.exact_bytes = true, .full_paths = true, .times = true}, events),
            "\t    New File  \t\t    1536 2001/09/09 01:46:40\t" + src + "f\n" +
                "\t  New Dir           \t" + src + "d" + separator + "\n" +
                "\t  *EXTRA File \t\t        \t" + dst + "x\n" + "\t*EXTRA Dir        -1\t" + dst +
                "y" + separator + "\n");
  EXPECT_EQ(lines({.directories = false, .sizes = false}, events),
            "\t    New File  \tf\n\t  *EXTRA File \tx\n");
  const std::string y = "y" + separator + "\n";
  EXPECT_EQ(lines({.sizes = false, .classes = false}, events), "f\nd" + separator + "\nx\n" + y);
  EXPECT_EQ(lines({.directories = false, .sizes = false, .classes = false}, events), "f\nx\n");
  EXPECT_EQ(lines({.files = false, .sizes = false, .classes = false}, events),
            "d" + separator + "\n" + y);
}

TEST(RobocopyOutput, WhatIsAtAServerIsShownAsItWasNamed) {
  RobocopyInvocation run = invocation();
  run.request.sources = {"robosync://host/m"};
  run.output.full_paths = true;
  run.output.sizes = run.output.classes = false;
  MemoryStream out;
  const RobocopyTally tally;
  RobocopySink sink(out, run, tally, Troubles::kLeftOut, clock_at_zero());
  sink.event({.action = Action::kCreated, .path = "d/f"});
  EXPECT_NE(out.text().find("   Source : robosync://host/m/\n"), std::string::npos) << out.text();
  EXPECT_NE(out.text().find("\nrobosync://host/m/d/f\n"), std::string::npos) << out.text();
}

TEST(RobocopyOutput, AnErrorHasTheNumberOfTheSystem) {
  RobocopyInvocation run = invocation();
  run.output.header = run.output.summary = false;
  MemoryStream out;
  const RobocopyTally tally;
  RobocopySink sink(out, run, tally, Troubles::kShown, clock_at_zero());
  base::Error error = base::make_error(base::ErrorKind::kNotEmpty, "open f");
  sink.problem({"f", error});
  error.code = std::error_code(32, std::generic_category());
  sink.problem({"f", error});
  EXPECT_TRUE(out.text().starts_with("1970/01/01 00:00:00 ERROR f: open")) << out.text();
  EXPECT_NE(
      out.text().find("\n1970/01/01 00:00:00 ERROR 32 (0x00000020) Copying File f\nf: open: "),
      std::string::npos)
      << out.text();
}

TEST(RobocopyOutput, ADryRunHasNoSpeed) {
  RobocopyInvocation run = invocation();
  run.request.dry_run = true;
  MemoryStream out;
  const RobocopyTally tally;
  RobocopySink sink(out, run, tally, Troubles::kLeftOut, clock_at_zero());
  base::Result<Report> result = report_of(Outcome::kOk);
  result->counters.source_bytes = result->counters.transferred_bytes = 1'048'576;
  result->elapsed = std::chrono::seconds(1);
  sink.finish({.request = run.request, .result = result});
  EXPECT_EQ(out.text().find("Speed"), std::string::npos) << out.text();
}

TEST(RobocopyOutput, ExtrasAreToldOnce) {
  RobocopyInvocation run = invocation();
  run.output.header = run.output.sizes = run.output.classes = false;
  MemoryStream out;
  RobocopyTally tally;
  RobocopySink sink(out, run, tally, Troubles::kLeftOut, clock_at_zero());
  sink.event({.action = Action::kDeleted, .path = "x"});
  tally.extras_told = true;
  tally.extra_files = 3;
  sink.event({.action = Action::kDeleted, .path = "x"});
  base::Result<Report> result = report_of(Outcome::kOk);
  result->counters.deleted = {.files = 1};
  sink.finish({.request = run.request, .result = result});
  EXPECT_EQ(out.text().find("x\n"), 0U) << out.text();
  EXPECT_EQ(out.text().find("x\n", 1), std::string::npos) << out.text();
  EXPECT_NE(
      out.text().find("   Files :         0         0         0         0         0         3"),
      std::string::npos)
      << out.text();
  result->counters = {};
  EXPECT_EQ(robocopy_exit_code(result, tally), kRobocopyExtras);
}

TEST(RobocopyOutput, HeaderAndSummary) {
  RobocopyInvocation run = invocation();
  run.selection.files = {"*.c"};
  run.selection.excluded_directories = {"tmp", "x y"};
  MemoryStream out;
  RobocopyTally tally;
  tally.mismatched_files = 1;
  RobocopySink sink(out, run, tally, Troubles::kShown, clock_at_zero());
  base::Result<Report> result = report_of(Outcome::kPartial);
  result->counters.scanned = {.files = 10, .directories = 4};
  result->counters.created = {.files = 3, .directories = 1};
  result->counters.updated = {.files = 2};
  result->counters.failed = {.files = 1};
  result->counters.deleted = {.files = 7, .directories = 8};
  result->counters.source_bytes = 3 * 1'048'576;
  result->counters.transferred_bytes = 1'048'576;
  result->problem_count = 1;
  result->elapsed = std::chrono::seconds(3725);
  sink.finish({.request = run.request, .result = result});
  const std::string separator(1, static_cast<char>(std::filesystem::path::preferred_separator));
  const std::string root = std::filesystem::current_path().root_name().string() + separator;
  const std::string rule = std::string(79, '-').append("\n");
  std::string expected = rule;
  expected += "   ROBOCOPY     ::     front door of RoboSync\n" + rule;
  expected +=
      "\n  Started : 1970/01/01 00:00:00 UTC\n"
      "   Source : " +
      root + "src" + separator + "\n     Dest : " + root + "dst" + separator +
      "\n"
      "\n"
      "    Files : *.c\n"
      " Exc Dirs : tmp x y\n"
      "  Options : /S\n\n";
  expected += rule + "\n\n" + rule;
  expected +=
      "\n"
      "               Total    Copied   Skipped  Mismatch    FAILED    Extras\n"
      "    Dirs :         4         1         3         0         0         8\n"
      "   Files :        10         5         4         1         1         7\n"
      "   Bytes :     3.0 m     1.0 m     2.0 m         0         0         0\n"
      "   Times :   1:02:05   1:02:05                       0:00:00   0:00:00\n"
      "\n"
      "   Speed :                 281 Bytes/sec.\n"
      "   Speed :               0.016 MegaBytes/min.\n"
      "   Ended : 1970/01/01 00:00:00 UTC\n\n"
      "ERROR 1 problem; the rest was done\n";
  EXPECT_EQ(out.text(), expected);
}

TEST(RobocopyMonitorTest, AJunctionThatIsNotFollowedIsWarnedOfOnce) {
  const Event junction{.action = Action::kCreated, .kind = tree::Kind::kSymlink, .path = "j"};
  const std::string what = "robosync: warning: j: a junction is copied as a junction";
  for (const bool warn : {true, false}) {
    MemoryStream err;
    const RobocopyOutput output{.warn_of_junctions = warn};
    RobocopyTally tally;
    RobocopyMonitor monitor(err, output, tally);
    monitor.event({.action = Action::kDeleted, .kind = tree::Kind::kSymlink, .path = "old"});
    EXPECT_EQ(err.text(), "");
    monitor.event(junction);
    EXPECT_EQ(err.text().find(what), warn ? 0U : std::string::npos) << err.text();
    monitor.event(junction);
    EXPECT_EQ(err.text().find(what, 1), std::string::npos) << err.text();
  }
}

TEST(RobocopyMonitorTest, CountsMismatchesAndSaysWhatGoesWrong) {
  MemoryStream err;
  const RobocopyOutput output{.progress = true};
  RobocopyTally tally;
  RobocopyMonitor monitor(err, output, tally);
  monitor.event(file(Action::kUpdated, kEarly, kEarly, {.kind = true}));
  monitor.event({.action = Action::kCreated,
                 .kind = tree::Kind::kDirectory,
                 .path = "d",
                 .changes = {.kind = true}});
  monitor.event(file(Action::kUpdated, kEarly, kEarly, {.size = true}));
  monitor.problem({"p", base::make_error(base::ErrorKind::kNotEmpty, "in the way")});
  EXPECT_EQ(tally.mismatched_files, 2U);
  EXPECT_EQ(tally.mismatched_directories, 1U);
  EXPECT_NE(err.text().find("robosync: p: in the way"), std::string::npos) << err.text();
  monitor.progress({.elapsed = std::chrono::seconds(1)});
  EXPECT_EQ(err.text().find("progress"), std::string::npos);
  monitor.progress({.elapsed = std::chrono::seconds(6)});
  monitor.progress({.elapsed = std::chrono::seconds(7)});
  const std::size_t first = err.text().find("progress");
  EXPECT_NE(first, std::string::npos) << err.text();
  EXPECT_EQ(err.text().find("progress", first + 1), std::string::npos);
}

}  // namespace
}  // namespace robosync::cli
