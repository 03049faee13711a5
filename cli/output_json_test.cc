#include "cli/output_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/memory_stream_testing.h"
#include "cli/output_counters.h"
#include "cli/output_summary.h"
#include "cli/output_units.h"
#include "cli/report_testing.h"
#include "robosync/version.h"

namespace robosync::cli {
namespace {

using namespace std::chrono_literals;
using tree::Kind;
using Json = nlohmann::ordered_json;

std::chrono::system_clock::time_point noon() {
  return std::chrono::system_clock::time_point(1714996800123ms);
}

class JsonOutput : public testing::Test {
 protected:
  JsonSink sink(const OutputSettings& settings = {}) { return {out_, request_, settings, noon}; }
  // Takes what was written: one document a line.
  std::vector<Json> documents() {
    std::vector<Json> found;
    std::string text = out_.text().substr(taken_);
    taken_ = out_.text().size();
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      found.push_back(Json::parse(text.substr(0, end)));
      text.erase(0, end + 1);
    }
    return found;
  }

  MemoryStream out_;
  std::size_t taken_ = 0;
  Request request_{.sources = {"/s"}, .target = "/t"};
};

TEST_F(JsonOutput, EventsAsTheyAre) {
  JsonSink json = sink({.verbosity = 1});
  json.event({.action = Action::kUpdated,
              .path = "d/ä",
              .bytes = 5,
              .changes = {.size = true, .time = true}});
  json.event({.action = Action::kCreated, .kind = Kind::kSymlink, .path = "l", .link_target = "x"});
  EXPECT_EQ(out_.text(),
            "{\"message_type\":\"event\",\"schema\":1,\"time\":\"2024-05-06T12:00:00.123Z\","
            "\"action\":\"updated\",\"kind\":\"file\",\"path\":\"d/ä\",\"bytes\":5,"
            "\"changes\":[\"size\",\"time\"]}\n"
            "{\"message_type\":\"event\",\"schema\":1,\"time\":\"2024-05-06T12:00:00.123Z\","
            "\"action\":\"created\",\"kind\":\"symlink\",\"path\":\"l\",\"bytes\":0,"
            "\"link_target\":\"x\"}\n");
}

TEST_F(JsonOutput, NamesThatAreNotUtf8AreBase64) {
  JsonSink json = sink({.verbosity = 2});
  json.event({.action = Action::kSkipped,
              .kind = Kind::kSymlink,
              .path = "\xff\xfe",
              .link_target = "\x80",
              .reason = "link policy"});
  json.problem({"a\xff", base::make_error(base::ErrorKind::kIo, "read a\xff")});
  json.event({.action = Action::kUnchanged, .path = "line\nfeed\x1b"});
  const auto found = documents();
  EXPECT_FALSE(found[0].contains("path"));
  EXPECT_EQ(found[0]["path_base64"], "//4=");
  EXPECT_EQ(found[0]["link_target_base64"], "gA==");
  EXPECT_EQ(found[0]["reason"], "link policy");
  EXPECT_EQ(found[1]["path_base64"], "Yf8=");
  EXPECT_EQ(found[1]["message"], "read a\\#377");
  EXPECT_EQ(found[2]["path"], "line\nfeed\x1b") << "JSON has an escape of its own for these";
}

TEST_F(JsonOutput, ListsWhatPeopleWouldSee) {
  const std::vector<Event> events = {{.action = Action::kCreated, .path = "a"},
                                     {.action = Action::kUnchanged, .path = "b"},
                                     {.action = Action::kSkipped, .path = "c"}};
  const auto count = [&](const OutputSettings& settings) {
    JsonSink json = sink(settings);
    for (const Event& event : events) json.event(event);
    return documents().size();
  };
  EXPECT_EQ(count({}), 0U);
  EXPECT_EQ(count({.verbosity = 1}), 1U);
  EXPECT_EQ(count({.itemize = 1}), 1U);
  EXPECT_EQ(count({.verbosity = 2}), 3U);
  request_.dry_run = true;
  EXPECT_EQ(count({}), 1U);
}

TEST_F(JsonOutput, ProblemsAndWarnings) {
  JsonSink json = sink();
  const base::Error denied = base::from_errno(EACCES, "open a");
  json.problem({"a", denied});
  json.warning("nothing matched");
  const auto found = documents();
  EXPECT_EQ(found[0]["message_type"], "problem");
  EXPECT_EQ(found[0]["path"], "a");
  EXPECT_EQ(found[0]["error_kind"], "permission");
  EXPECT_EQ(found[0]["os_error"], EACCES);
  EXPECT_EQ(found[0]["message"], denied.message());
  EXPECT_EQ(found[1]["message_type"], "warning");
  EXPECT_EQ(found[1]["message"], "nothing matched");
}

TEST_F(JsonOutput, StatusAtMostOncePerSecond) {
  EXPECT_FALSE(sink().wants_progress());
  JsonSink json = sink({.progress = Wish::kYes});
  EXPECT_TRUE(json.wants_progress());
  for (auto time = 100ms; time <= 3000ms; time += 100ms) {
    json.progress({.entries_done = 3, .bytes_done = 4, .elapsed = time});
  }
  const auto found = documents();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0]["message_type"], "status");
  EXPECT_EQ(found[0]["total_known"], false);
  EXPECT_FALSE(found[0].contains("percent_done"));
  EXPECT_FALSE(found[0].contains("bytes_total"));
  EXPECT_EQ(found[2]["elapsed_seconds"], 2.1);
  json.progress({.total_known = true,
                 .entries_done = 3,
                 .entries_total = 6,
                 .bytes_done = 4,
                 .bytes_total = 8,
                 .fraction = 0.4567,
                 .bytes_per_second = 99.6,
                 .elapsed = 10s,
                 .remaining = 12s});
  const Json status = documents().at(0);
  EXPECT_EQ(status["percent_done"], 45.6);
  EXPECT_EQ(status["bytes_total"], 8);
  EXPECT_EQ(status["bytes_per_second"].dump(), "100");
  EXPECT_EQ(status["remaining_seconds"], 12);
}

TEST_F(JsonOutput, SummaryOfARun) {
  JsonSink json = sink();
  const base::Result<Report> result = idle_report();
  json.finish({.request = request_, .result = result, .exit_code = 0});
  const Json summary = documents().at(0);
  EXPECT_EQ(summary["message_type"], "summary");
  EXPECT_EQ(summary["schema"], 1);
  EXPECT_EQ(summary["version"], version());
  EXPECT_EQ(summary["verb"], "copy");
  EXPECT_EQ(summary["dry_run"], false);
  EXPECT_EQ(summary["sources"][0]["path"], "/s");
  EXPECT_EQ(summary["target"]["path"], "/t");
  EXPECT_EQ(summary["outcome"], "ok");
  EXPECT_EQ(summary["exit_code"], 0);
  EXPECT_EQ(summary["scanned"]["total"], 6);
  EXPECT_EQ(summary["elapsed_seconds"], 0.012);
  EXPECT_EQ(summary["deletions_withheld"], false);
  EXPECT_FALSE(summary.contains("error_kind"));
}

TEST_F(JsonOutput, SummaryOfTrouble) {
  JsonSink json = sink();
  const base::Result<Report> refused =
      base::fail(base::make_error(base::ErrorKind::kRefused, "one in the other"));
  json.finish({.request = request_, .result = refused, .exit_code = 4});
  Report guarded;
  guarded.outcome = Outcome::kGuarded;
  const base::Result<Report> guarded_result = guarded;
  json.finish({.request = request_, .result = guarded_result, .exit_code = 25});
  Report full;
  full.outcome = Outcome::kAborted;
  full.fatal = base::from_errno(ENOSPC, "write");
  const base::Result<Report> full_result = full;
  json.finish({.request = request_, .result = full_result, .exit_code = 11});
  const auto found = documents();
  EXPECT_EQ(found[0]["outcome"], "not_started");
  EXPECT_EQ(found[0]["exit_code"], 4);
  EXPECT_EQ(found[0]["error_kind"], "refused");
  EXPECT_EQ(found[0]["message"], "one in the other");
  EXPECT_FALSE(found[0].contains("scanned"));
  EXPECT_EQ(found[1]["outcome"], "guarded");
  EXPECT_EQ(found[1]["deletions_withheld"], true);
  EXPECT_EQ(found[2]["outcome"], "aborted");
  EXPECT_EQ(found[2]["error_kind"], "no_space");
  EXPECT_EQ(found[2]["os_error"], ENOSPC);
}

// The numbers of people, read back from the text of --stats.
std::string row(const std::string& text, std::string_view label) {
  const std::size_t start = text.find("\n" + std::string(label) + "  ");
  if (start == std::string::npos) return "missing";
  const std::size_t value = text.find_first_not_of(' ', start + 1 + label.size());
  std::string digits;
  for (std::size_t i = value; text[i] == ',' || (text[i] >= '0' && text[i] <= '9'); ++i) {
    if (text[i] != ',') digits += text[i];
  }
  return digits;
}

TEST_F(JsonOutput, TheSameNumbersAsForPeople) {
  const base::Result<Report> result = busy_report();
  const RunEnd end{.request = request_, .result = result, .exit_code = 23};
  JsonSink json = sink();
  json.finish(end);
  const Json summary = documents().at(0);
  const std::string text = "\n" + summary_text(end, Detail::kAll);
  for (const KindCounter& counter : kind_counters()) {
    const Json& kinds = summary.at(std::string(counter.name));
    EXPECT_EQ(row(text, counter.label), kinds.at("total").dump()) << counter.name;
    for (const char* kind : {"files", "directories", "symlinks", "others"}) {
      const std::string shown = human_count(kinds.at(kind).get<std::uint64_t>());
      EXPECT_NE(text.find(" " + shown), std::string::npos) << counter.name << " " << kind;
    }
  }
  for (const PlainCounter& counter : plain_counters()) {
    EXPECT_EQ(row(text, counter.label), summary.at(std::string(counter.name)).dump());
  }
}

TEST(JsonNames, AllDifferent) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Action::kOnlyTarget); ++i) {
    EXPECT_TRUE(names.insert(json_name(static_cast<Action>(i))).second);
  }
  EXPECT_FALSE(names.contains("unknown"));
  names.clear();
  for (int i = 0; i <= static_cast<int>(Outcome::kAborted); ++i) {
    EXPECT_TRUE(names.insert(json_name(static_cast<Outcome>(i))).second);
  }
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace robosync::cli
