// The pages: self-contained, complete, and deaf to what names in a report try to say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/report/history.h"
#include "harness/report/html.h"
#include "harness/report/markdown.h"
#include "harness/report/report_testing.h"

namespace robosync::parity {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Report hostile_report() {
  Report report = sample_report();
  const std::string name = "<script>alert(1)</script>\"'&|`@everyone";
  report.suite = name;
  report.commit = name;
  report.environment.host = name;
  report.environment.machine_class = name;
  report.warnings = {name};
  for (Tool& tool : report.tools) tool.version = name;
  for (Cell& cell : report.cells) {
    cell.reason = name;
    cell.dataset += name;
  }
  for (CheckResult& result : report.checks) result.detail = name;
  return report;
}

TEST(Pages, ShowWhatTheReportHolds) {
  const Report report = sample_report();
  const std::string html = render_html(report, nullptr);
  for (const Cell& cell : report.cells) EXPECT_THAT(html, HasSubstr(cell.dataset));
  for (const CheckResult& result : report.checks) EXPECT_THAT(html, HasSubstr(result.check));
}

TEST(Pages, NeedNothingFromElsewhere) {
  for (const std::string& html :
       {render_html(sample_report(), nullptr), render_history_html({sample_report()})}) {
    EXPECT_THAT(html, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("src=\"http")),
                            Not(HasSubstr("href=\"http")), Not(HasSubstr("@import"))));
    EXPECT_THAT(html, HasSubstr("prefers-color-scheme"));
    EXPECT_THAT(html, HasSubstr("width=device-width"));
  }
}

TEST(Pages, NamesAreNotMarkup) {
  const Report report = hostile_report();
  EXPECT_THAT(render_html(report, nullptr), Not(HasSubstr("<script")));
  EXPECT_THAT(render_history_html({report}), Not(HasSubstr("<script")));
  const std::string markdown = render_markdown(report, nullptr);
  EXPECT_THAT(markdown, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("@everyone"))));
}

TEST(Markdown, TellsTheVerdictAndWhatFailed) {
  Verdict verdict;
  verdict.exit = GateExit::kRegression;
  verdict.findings = {{.kind = FindingKind::kRatioExceeded,
                       .subject = "small-100k first",
                       .text = "0.90 of rsync, at most 0.28",
                       .advice = "profile it"},
                      {.kind = FindingKind::kNoisy, .subject = "noise", .text = "t", .advice = ""}};
  const std::string text = render_markdown(sample_report(), &verdict);
  EXPECT_THAT(text, AllOf(HasSubstr("**regression**"), HasSubstr("0.90 of rsync"),
                          HasSubstr("profile it"), Not(HasSubstr("noise"))));
}

TEST(Trends, ARunThatTookLongerIsMarked) {
  const std::vector<Report> runs = {sample_report_at("2026-03-01T00:00:00Z", "c", 1.5),
                                    sample_report_at("2026-01-01T00:00:00Z", "a", 1),
                                    sample_report_at("2026-02-01T00:00:00Z", "b", 1.1)};
  const auto trends = trends_of(runs, "robosync", "rsync");
  ASSERT_FALSE(trends.empty());
  for (const Trend& trend : trends) {
    ASSERT_EQ(trend.points.size(), 3U);
    EXPECT_EQ(trend.points[0].commit, "a") << "oldest first";
    EXPECT_FALSE(trend.points[0].regressed) << "nothing to compare with";
    EXPECT_FALSE(trend.points[1].regressed) << "a tenth is within the noise";
    EXPECT_TRUE(trend.points[2].regressed);
  }
  EXPECT_THAT(render_history_html(runs), HasSubstr("2026-03-01"));
}

TEST(Trends, MachinesAreNotMixed) {
  std::vector<Report> runs = {sample_report_at("2026-01-01T00:00:00Z", "a", 1),
                              sample_report_at("2026-02-01T00:00:00Z", "b", 3)};
  runs[1].environment.machine_class = "another";
  for (const Trend& trend : trends_of(runs, "robosync", "rsync")) {
    EXPECT_EQ(trend.points.size(), 1U);
    EXPECT_FALSE(trend.points.front().regressed);
  }
}

}  // namespace
}  // namespace robosync::parity
