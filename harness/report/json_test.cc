#include "harness/report/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/base/encoding.h"
#include "harness/report/json_reader.h"
#include "harness/report/report_testing.h"
#include "harness/report/text.h"

namespace robosync::parity {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

std::string message_of(const base::Result<Report>& result) {
  return result ? "" : result.error().message();
}

// The message of reading the sample after `edit` changed its JSON.
std::string fault_after(const std::function<void(Json&)>& edit) {
  Json json = Json::parse(report_to_json(sample_report()));
  edit(json);
  return message_of(report_from_json(json.dump()));
}

TEST(ReportJson, ReadsBackWhatItWrote) {
  const std::string text = report_to_json(sample_report());
  const auto read = report_from_json(text);
  ASSERT_TRUE(read) << message_of(read);
  // Every field is written, so equal texts are equal reports ...
  EXPECT_EQ(report_to_json(*read), text);
  // ... and a few by hand, in case writing lost them.
  const Report sample = sample_report();
  EXPECT_EQ(read->environment.scratch_path, sample.environment.scratch_path);
  EXPECT_EQ(read->cells.size(), sample.cells.size());
  EXPECT_EQ(read->cells[0].samples[1].wall_s, sample.cells[0].samples[1].wall_s);
  EXPECT_EQ(read->cells[0].system_calls_per_file, 7.2);
  EXPECT_EQ(read->cells[1].system_calls_per_file, std::nullopt);
  EXPECT_EQ(read->cells[0].samples[0].wire_bytes, std::nullopt);
  EXPECT_EQ(read->warnings, sample.warnings);
  EXPECT_EQ(read->checks[5].outcome, sample.checks[5].outcome);
  EXPECT_EQ(read->datasets[4].bytes, 4096ULL << 20U);
}

TEST(ReportJson, HoldsTheFiguresOfEachCellThatScores) {
  const Json json = Json::parse(report_to_json(sample_report()));
  const Json& figures = json["cells"][0]["figures"];
  EXPECT_DOUBLE_EQ(figures["median_wall_s"].get<double>(), 0.152);
  EXPECT_NEAR(figures["files_per_s"].get<double>(), 10'000 / 0.152, 1e-6);
  EXPECT_EQ(figures["ratios"][0]["peer"], "rsync");
  EXPECT_NEAR(figures["ratios"][0]["ratio"].get<double>(), 0.152 / 0.61, 1e-12);
  EXPECT_EQ(figures["ratios"][0]["rounds"], 5);
  for (const Json& cell : json["cells"]) {
    EXPECT_EQ(cell.contains("figures"), cell["state"] == "valid") << cell["tool"];
  }
}

TEST(ReportJson, DerivesTheFiguresAgainRatherThanTrustThem) {
  Json json = Json::parse(report_to_json(sample_report()));
  json["cells"][0]["figures"]["median_wall_s"] = 0.001;
  const auto read = report_from_json(json.dump());
  ASSERT_TRUE(read) << message_of(read);
  EXPECT_DOUBLE_EQ(figures_of(read->cells[0]).wall_s.median, 0.152);
}

TEST(ReportJson, ATextThatIsNotUtf8StandsInBase64) {
  const Json json = Json::parse(report_to_json(sample_report()));
  EXPECT_FALSE(json["environment"].contains("scratch_path"));
  EXPECT_EQ(json["environment"]["scratch_path_base64"], base::base64("/dev/shm/parity-\xFF"));
}

TEST(ReportJson, AVerdictIsWrittenForReaders) {
  Verdict verdict;
  verdict.exit = GateExit::kInvalidCells;
  verdict.findings = {
      {.kind = FindingKind::kInvalidCell, .subject = "a", .text = "b", .advice = ""}};
  const Report report = sample_report();
  const std::string text = report_to_json(report, &verdict);
  const Json json = Json::parse(text);
  EXPECT_EQ(json["verdict"]["exit"], 4);
  EXPECT_EQ(json["verdict"]["findings"][0]["kind"], "invalid_cell");
  const auto read = report_from_json(text);
  ASSERT_TRUE(read) << message_of(read);
  EXPECT_EQ(report_to_json(*read), report_to_json(report));
}

TEST(ReportJson, NamesThePlaceOfAFault) {
  EXPECT_EQ(fault_after([](Json&) {}), "");
  const auto fault = [](const char* pointer, const Json& value) {
    return fault_after([&](Json& json) { json[Json::json_pointer(pointer)] = value; });
  };
  EXPECT_THAT(fault("/cells/3/samples/0/wall_s", "fast"),
              HasSubstr("cells[3].samples[0].wall_s: a number is needed"));
  EXPECT_THAT(fault("/cells/3/samples/0/verified", 1),
              HasSubstr("cells[3].samples[0].verified: true or false is needed"));
  EXPECT_THAT(fault("/cells/0/files", -1), HasSubstr("cells[0].files: a whole number"));
  EXPECT_THAT(fault("/cells/0/files", 1.5), HasSubstr("cells[0].files: a whole number"));
  EXPECT_THAT(fault("/environment/processors", std::numeric_limits<std::uint64_t>::max()),
              HasSubstr("environment.processors: is too large"));
  EXPECT_THAT(fault("/cells/1/state", "fine"), HasSubstr("cells[1].state: valid, invalid"));
  EXPECT_THAT(fault("/checks/2/outcome", "ok"), HasSubstr("checks[2].outcome: pass, fail"));
  EXPECT_THAT(fault("/suite", nullptr), HasSubstr("suite: a string is needed"));
  EXPECT_THAT(fault("/tools", "rsync"), HasSubstr("tools: an array is needed"));
  EXPECT_THAT(fault("/tools/1", "rsync"), HasSubstr("tools[1]: an object is needed"));
  EXPECT_THAT(fault("/environment", Json::array()), HasSubstr("environment: an object is needed"));
  EXPECT_THAT(fault("/environment/scratch_path_base64", "!"),
              HasSubstr("environment.scratch_path_base64: is no base64"));
  EXPECT_THAT(fault("/environment/scratch_path", "/tmp"), HasSubstr("stands there twice"));
  EXPECT_THAT(fault_after([](Json& json) { json["cells"][0].erase("route"); }),
              HasSubstr("cells[0].route: is missing"));
}

TEST(ReportJson, AnotherVersionIsRefusedBeforeAnythingElse) {
  EXPECT_THAT(message_of(report_from_json(R"({"schema": 2})")),
              HasSubstr("schema: version 2 is not known here, only 1"));
  EXPECT_THAT(message_of(report_from_json("{}")), HasSubstr("schema: is missing"));
}

TEST(ReportJson, WhatIsNoReportIsRefused) {
  for (const char* text : {"", "[", "[]", "7", "{\"schema\": 1,}"}) {
    EXPECT_THAT(message_of(report_from_json(text)), HasSubstr("not a JSON object")) << text;
  }
}

TEST(ReportJson, FieldsThatAreNotKnownArePassedOver) {
  EXPECT_EQ(fault_after([](Json& json) { json["cells"][0]["colour"] = "red"; }), "");
}

TEST(ReportJson, ATextBeyondTheLimitIsNotRead) {
  std::string text = report_to_json(sample_report());
  text.resize(kReportTextBytesMax + 1, ' ');
  const auto read = report_from_json(text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, base::ErrorKind::kLimit);
}

TEST(JsonText, MayBeAsLongAsItsLimit) {
  EXPECT_TRUE(JsonText::parse("{}  ", 4));
  EXPECT_FALSE(JsonText::parse("{}   ", 4));
}

}  // namespace
}  // namespace robosync::parity
