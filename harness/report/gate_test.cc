#include "harness/report/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/report_testing.h"

namespace robosync::parity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One cell at half of rsync's time and a check that passes.
Report good_report() {
  Report report;
  report.suite = "ci";
  report.commit = "abc1234";
  report.environment.machine_class = "linux-x86_64-2cpu";
  report.cells = {timed_cell("robosync", "small-10k", "first", {1.0, 1.02, 0.99}),
                  timed_cell("rsync", "small-10k", "first", {2.0, 2.01, 1.98})};
  report.checks = {check_result("mtime.file.ns", "robosync", CheckOutcome::kPass)};
  return report;
}

Policy policy_with(double ratio_max) {
  Policy policy;
  policy.ratios = {{.cells = {.dataset = "small-*"}, .peer = "rsync", .ratio_max = ratio_max}};
  return policy;
}

Verdict judged(const Report& report, const Policy& policy, const Report* baseline = nullptr,
               double slack = 1) {
  const auto verdict = judge(report, baseline, policy, {.slack = slack});
  EXPECT_TRUE(verdict);
  return verdict.value_or(Verdict{});
}

std::vector<FindingKind> kinds(const Verdict& verdict) {
  std::vector<FindingKind> found;
  found.reserve(verdict.findings.size());
  for (const Finding& finding : verdict.findings) found.push_back(finding.kind);
  return found;
}

void slow_down(Report& report, std::string_view tool, double factor) {
  for (Cell& cell : report.cells) {
    if (cell.tool != tool) continue;
    for (Sample& sample : cell.samples) sample.wall_s *= factor;
  }
}

TEST(GateRatios, WithinTheLimitPass) {
  const Verdict verdict = judged(good_report(), policy_with(0.5));
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_THAT(verdict.findings, IsEmpty());
  EXPECT_EQ(verdict.ratios_judged, 1U);
  EXPECT_EQ(verdict.checks_judged, 1U);
}

TEST(GateRatios, BeyondTheLimitAreARegression) {
  const Verdict verdict = judged(good_report(), policy_with(0.49));
  EXPECT_EQ(verdict.exit, GateExit::kRegression);
  ASSERT_THAT(kinds(verdict), ElementsAre(FindingKind::kRatioExceeded));
  EXPECT_EQ(verdict.findings[0].subject, "small-10k first local localhost vs rsync");
  EXPECT_THAT(verdict.findings[0].text, HasSubstr("0.500 of its time"));
  EXPECT_THAT(verdict.findings[0].text, HasSubstr("limit 0.49"));
  EXPECT_THAT(verdict.findings[0].advice, HasSubstr("--datasets small-10k"));
}

TEST(GateRatios, SlackLetsPassUpToThatManyTimesTheLimit) {
  Report report = good_report();
  EXPECT_THAT(kinds(judged(report, policy_with(0.25), nullptr, 2)),
              ElementsAre(FindingKind::kWithinSlack));
  EXPECT_EQ(judged(report, policy_with(0.25), nullptr, 2).exit, GateExit::kPass);
  slow_down(report, "robosync", 1.01);
  EXPECT_EQ(judged(report, policy_with(0.25), nullptr, 2).exit, GateExit::kRegression);
}

TEST(GateRatios, SlackBelowOneIsRefused) {
  const auto verdict = judge(good_report(), nullptr, policy_with(0.5), {.slack = 0.9});
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().kind, base::ErrorKind::kInvalid);
}

TEST(GateRatios, EveryRowThatMeansACellHolds) {
  Policy policy = policy_with(0.6);
  policy.ratios.push_back({.cells = {.dataset = "small-10k"}, .peer = "rsync", .ratio_max = 0.4});
  const Verdict verdict = judged(good_report(), policy);
  EXPECT_EQ(verdict.exit, GateExit::kRegression);
  EXPECT_EQ(verdict.ratios_judged, 2U);
}

TEST(GateRatios, ARowMayBeAboutAnotherSubject) {
  Report report = good_report();
  Policy policy = policy_with(0.6);
  policy.ratios.push_back({.cells = {}, .subject = "rsync", .peer = "robosync", .ratio_max = 1});
  const Verdict verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kRegression);
  ASSERT_FALSE(verdict.findings.empty());
  EXPECT_THAT(verdict.findings[0].advice, HasSubstr("--tools rsync,robosync"));
  const auto again = cells_to_remeasure(report, nullptr, policy, {});
  ASSERT_FALSE(again.empty());
  EXPECT_THAT(again[0].tools, ElementsAre("rsync", "robosync"));
}

TEST(GateRatios, SelectorsChooseByEveryPart) {
  const CellKey key = {"small-10k", "localhost", "local", "first"};
  EXPECT_TRUE(matches({}, key));
  EXPECT_TRUE(matches({.dataset = "small-*"}, key));
  EXPECT_TRUE(matches({"small-10k", "localhost", "local", "first"}, key));
  EXPECT_FALSE(matches({.dataset = "small"}, key));
  EXPECT_FALSE(matches({.dataset = "large-*"}, key));
  EXPECT_FALSE(matches({.link = "10gbe"}, key));
  EXPECT_FALSE(matches({.route = "push"}, key));
  EXPECT_FALSE(matches({.phase = "noop"}, key));
}

TEST(GateRatios, ARowDoesNotMeanTheDatasetsThatItExcepts) {
  Policy policy = policy_with(0.2);  // the ratio is 0.25
  ASSERT_EQ(judged(good_report(), policy).exit, GateExit::kRegression);
  policy.ratios[0].except = {"wide"};
  EXPECT_EQ(judged(good_report(), policy).exit, GateExit::kRegression);
  policy.ratios[0].except = {"wide", "small-10k"};
  const Verdict verdict = judged(good_report(), policy);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_EQ(verdict.ratios_judged, 0U);
}

TEST(GateRatios, AMissingPeerIsNotJudgedAndNoPass) {
  Report report = good_report();
  report.cells[1].state = CellState::kUnavailable;
  report.cells[1].reason = "no rsync in the path";
  report.cells[1].samples.clear();
  Policy policy = policy_with(0.5);

  Verdict verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_EQ(verdict.ratios_judged, 0U);
  ASSERT_THAT(kinds(verdict), ElementsAre(FindingKind::kNotJudged));
  EXPECT_THAT(verdict.findings[0].text,
              HasSubstr("not judged: rsync is not available: no rsync in the path"));

  policy.ratios[0].required = true;
  verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kInvalidCells);
  EXPECT_THAT(kinds(verdict), ElementsAre(FindingKind::kRatioMissing));
}

TEST(GateRatios, ARowWithoutCellsIsNotJudged) {
  Policy policy = policy_with(0.5);
  policy.ratios[0].cells.dataset = "large-1";
  Verdict verdict = judged(good_report(), policy);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  ASSERT_THAT(kinds(verdict), ElementsAre(FindingKind::kNotJudged));
  EXPECT_THAT(verdict.findings[0].text, HasSubstr("the report has no such cell"));
  policy.ratios[0].required = true;
  EXPECT_EQ(judged(good_report(), policy).exit, GateExit::kInvalidCells);
}

TEST(GateRatios, ALimitHoldsAtTheScalesItNames) {
  Report report = good_report();
  report.datasets = {{.name = "small-10k", .scale = 0.2}};
  Policy policy = policy_with(0.4);
  Verdict verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_EQ(verdict.ratios_judged, 0U);
  ASSERT_THAT(kinds(verdict), ElementsAre(FindingKind::kNotJudged));
  EXPECT_THAT(verdict.findings[0].text, HasSubstr("small-10k is at scale 0.2, the limit is for 1"));
  EXPECT_THAT(cells_to_remeasure(report, nullptr, policy, {}), IsEmpty());

  policy.ratios[0].scales = {1, 0.2};
  verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kRegression);
  EXPECT_EQ(verdict.ratios_judged, 1U);

  policy.ratios[0].scales = {0.5};
  policy.ratios[0].required = true;
  EXPECT_THAT(kinds(judged(report, policy)), ElementsAre(FindingKind::kRatioMissing));
}

TEST(GateRatios, NoiseIsSaidOncePerCell) {
  Report report = good_report();
  report.cells[0] = timed_cell("robosync", "small-10k", "first", {0.5, 1, 1.5});
  Policy policy = policy_with(0.6);
  policy.ratios.push_back(policy.ratios[0]);
  EXPECT_THAT(kinds(judged(report, policy)), ElementsAre(FindingKind::kNoisy));
}

TEST(GateCells, AnInvalidOneOfAPeerCountsWhereARowMeansIt) {
  Report report = good_report();
  report.cells[1].state = CellState::kInvalid;
  Policy policy = policy_with(0.5);
  EXPECT_EQ(judged(report, policy).exit, GateExit::kInvalidCells);
  policy.ratios[0].except = {"small-10k"};
  EXPECT_EQ(judged(report, policy).exit, GateExit::kPass);
}

TEST(GateCells, AnInvalidOneOfOursFails) {
  Report report = good_report();
  report.cells[0].state = CellState::kInvalid;
  report.cells[0].reason = "the tree differs";
  report.cells[0].samples[1].problem = "a/b: other content";
  const Verdict verdict = judged(report, Policy{});
  EXPECT_EQ(verdict.exit, GateExit::kInvalidCells);
  ASSERT_THAT(kinds(verdict), ElementsAre(FindingKind::kInvalidCell));
  EXPECT_EQ(verdict.findings[0].text, "the tree differs; a/b: other content");
}

TEST(GateCells, OneUnverifiedSampleIsEnough) {
  Report report = good_report();
  report.cells[0].samples[2].verified = false;
  EXPECT_EQ(judged(report, policy_with(0.5)).exit, GateExit::kInvalidCells);
}

TEST(GateCells, APeersFailsWhereALimitNeedsItAndIsOnlySaidElsewhere) {
  Report report = good_report();
  report.cells[1].state = CellState::kInvalid;
  report.cells[1].reason = "exit 23";
  EXPECT_EQ(judged(report, policy_with(0.5)).exit, GateExit::kInvalidCells);
  const Verdict verdict = judged(report, Policy{});
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_THAT(kinds(verdict), ElementsAre(FindingKind::kPeerInvalid));
}

TEST(GateCells, AReportThatShowsNothingDoesNotPass) {
  Report report = good_report();
  report.checks.clear();
  report.cells.erase(report.cells.begin());
  EXPECT_THAT(kinds(judged(report, Policy{})), ElementsAre(FindingKind::kNothingJudged));
  EXPECT_EQ(judged(report, Policy{}).exit, GateExit::kInvalidCells);
  EXPECT_EQ(judged(Report{}, Policy{}).exit, GateExit::kInvalidCells);
}

TEST(GateCells, ChecksAloneCanPass) {
  Report report = good_report();
  report.cells.clear();
  EXPECT_EQ(judged(report, Policy{}).exit, GateExit::kPass);
}

TEST(GateChecks, AFailureBreaksParity) {
  Report report = good_report();
  report.checks.push_back(
      check_result("mirror.extra_file", "robosync", CheckOutcome::kFail, "extra.txt is there"));
  const Verdict verdict = judged(report, policy_with(0.5));
  EXPECT_EQ(verdict.exit, GateExit::kParityBroken);
  ASSERT_THAT(kinds(verdict), ElementsAre(FindingKind::kCheckFailed));
  EXPECT_EQ(verdict.findings[0].subject, "mirror.extra_file");
  EXPECT_EQ(verdict.findings[0].text, "fail: extra.txt is there");
}

TEST(GateChecks, AFailureOnARouteIsNamedWithIt) {
  Report report = good_report();
  report.checks.push_back({.check = "mtime.file",
                           .tool = "robosync",
                           .route = "push",
                           .outcome = CheckOutcome::kFail,
                           .detail = "off by an hour"});
  const Verdict verdict = judged(report, Policy());
  EXPECT_EQ(verdict.exit, GateExit::kParityBroken);
  ASSERT_FALSE(verdict.findings.empty());
  EXPECT_EQ(verdict.findings[0].subject, "mtime.file push");
}

TEST(GateChecks, APeersFailureIsItsOwn) {
  Report report = good_report();
  report.checks.push_back(check_result("mirror.extra_file", "rsync", CheckOutcome::kFail));
  EXPECT_EQ(judged(report, policy_with(0.5)).exit, GateExit::kPass);
}

TEST(GateChecks, ADifferencePassesOnlyWhereItIsAccepted) {
  Report report = good_report();
  report.checks.push_back(check_result("symlink.loop", "robosync", CheckOutcome::kDiffers));
  report.checks.push_back(check_result("sparse.kept", "robosync", CheckOutcome::kUnsupported));
  Policy policy = policy_with(0.5);
  EXPECT_EQ(judged(report, policy).exit, GateExit::kParityBroken);
  policy.accepted = {{"symlink.*", CheckOutcome::kDiffers, "documented"}};
  EXPECT_THAT(kinds(judged(report, policy)),
              ElementsAre(FindingKind::kCheckFailed, FindingKind::kAccepted));
  policy.accepted.push_back({"sparse.kept", CheckOutcome::kDiffers, "another outcome"});
  EXPECT_EQ(judged(report, policy).exit, GateExit::kParityBroken);
  policy.accepted.back().outcome = CheckOutcome::kUnsupported;
  EXPECT_EQ(judged(report, policy).exit, GateExit::kPass);
}

TEST(GateChecks, AFailureIsNotCoveredByAnAcceptedDifference) {
  Report report = good_report();
  report.checks.push_back(check_result("symlink.loop", "robosync", CheckOutcome::kFail));
  Policy policy;
  policy.accepted = {{"*", CheckOutcome::kDiffers, "all of it"}};
  EXPECT_EQ(judged(report, policy).exit, GateExit::kParityBroken);
}

TEST(GateChecks, AnAcceptanceThatIsNoLongerNeededIsSaid) {
  Policy policy;
  policy.accepted = {{"mtime.file.ns", CheckOutcome::kDiffers, "was so once"}};
  const Verdict verdict = judged(good_report(), policy);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_THAT(kinds(verdict), ElementsAre(FindingKind::kStaleAcceptance));
}

TEST(GateChecks, NotRunIsNoPassAndFailsWhereItIsRequired) {
  Report report = good_report();
  report.checks.push_back(
      check_result("mtime.fat_window", "robosync", CheckOutcome::kNotRun, "no FAT volume"));
  Policy policy;
  Verdict verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_EQ(verdict.checks_judged, 1U);
  EXPECT_THAT(kinds(verdict), ElementsAre(FindingKind::kNotJudged));

  policy.checks_required = {"mtime.*"};
  verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kParityBroken);
  EXPECT_THAT(kinds(verdict), ElementsAre(FindingKind::kCheckMissing));

  policy.checks_required = {"mirror.*"};
  verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kParityBroken);
  EXPECT_EQ(verdict.findings[0].subject, "mirror.*");
}

TEST(GateChecks, ARequiredOneMayBeLeftOutForANamedReason) {
  Report report = good_report();
  report.checks.push_back(
      check_result("mirror.unreadable", "robosync", CheckOutcome::kNotRun, "needs a user: nobody"));
  Policy policy;
  policy.checks_required = {"mirror.*"};
  policy.gaps_allowed = {{"mirror.*", "needs a user*", "not every machine has one"}};
  Verdict verdict = judged(report, policy);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  ASSERT_THAT(kinds(verdict), ElementsAre(FindingKind::kNotJudged));
  EXPECT_THAT(verdict.findings[0].text, HasSubstr("allowed: not every machine has one"));
  EXPECT_EQ(verdict.checks_judged, 1U);

  report.checks.back().detail = "it crashed";
  EXPECT_EQ(judged(report, policy).exit, GateExit::kParityBroken);
  report.checks.back() =
      check_result("mtime.dir", "robosync", CheckOutcome::kNotRun, "needs a user: nobody");
  policy.checks_required = {"mtime.*"};
  EXPECT_EQ(judged(report, policy).exit, GateExit::kParityBroken);
}

TEST(GateVerdict, TheWorstFindingDecidesAndComesFirst) {
  Report report = good_report();
  slow_down(report, "robosync", 10);
  EXPECT_EQ(judged(report, policy_with(0.5)).exit, GateExit::kRegression);

  report.cells.push_back(timed_cell("robosync", "small-10k", "noop", {1}));
  report.cells.back().samples[0].verified = false;
  EXPECT_EQ(judged(report, policy_with(0.5)).exit, GateExit::kInvalidCells);

  report.checks.push_back(check_result("mirror.extra_file", "robosync", CheckOutcome::kFail));
  const Verdict verdict = judged(report, policy_with(0.5));
  EXPECT_EQ(verdict.exit, GateExit::kParityBroken);
  EXPECT_THAT(kinds(verdict), ElementsAre(FindingKind::kCheckFailed, FindingKind::kInvalidCell,
                                          FindingKind::kRatioExceeded, FindingKind::kNotJudged));
}

TEST(GateVerdict, ReadsAsLinesWithAdvice) {
  const std::string text = to_text(judged(good_report(), policy_with(0.25)));
  EXPECT_THAT(text, HasSubstr("FAIL ratio_exceeded"));
  EXPECT_THAT(text, HasSubstr("\n     -> measure it alone: robosync-parity run"));
  EXPECT_THAT(text, HasSubstr("gate: regression (1 checks, 1 ratios"));
}

TEST(GateBaseline, TheSameRatiosPassHoweverTheSecondsMoved) {
  const Report baseline = good_report();
  Report report = good_report();
  slow_down(report, "robosync", 3);
  slow_down(report, "rsync", 3);
  const Verdict verdict = judged(report, Policy{}, &baseline);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_EQ(verdict.regressions_judged, 1U);
}

TEST(GateBaseline, AWorseRatioIsARegressionBeyondTheFactor) {
  const Report baseline = good_report();
  Report report = good_report();
  slow_down(report, "robosync", 1.25);
  EXPECT_EQ(judged(report, Policy{}, &baseline).exit, GateExit::kPass);
  slow_down(report, "robosync", 1.01);
  const Verdict verdict = judged(report, Policy{}, &baseline);
  EXPECT_EQ(verdict.exit, GateExit::kRegression);
  ASSERT_THAT(kinds(verdict), ElementsAre(FindingKind::kRegressed));
  EXPECT_THAT(verdict.findings[0].text, HasSubstr("0.500 in the baseline"));
  EXPECT_THAT(verdict.findings[0].advice, HasSubstr("what changed since abc1234"));
  EXPECT_EQ(judged(report, Policy{}, &baseline, 2).exit, GateExit::kPass);
}

TEST(GateBaseline, APeersNewVersionIsNamed) {
  Report baseline = good_report();
  baseline.tools = {{.name = "rsync", .available = true, .version = "3.2"}};
  Report report = good_report();
  report.tools = {{.name = "rsync", .available = true, .version = "3.4"}};
  slow_down(report, "robosync", 2);
  EXPECT_THAT(judged(report, Policy{}, &baseline).findings[0].advice,
              HasSubstr("rsync itself changed from \"3.2\" to \"3.4\""));
}

TEST(GateBaseline, CellsOfMillisecondsAreNotCompared) {
  Report baseline = good_report();
  slow_down(baseline, "robosync", 0.01);
  Report report = good_report();
  slow_down(report, "robosync", 0.04);
  const Verdict verdict = judged(report, Policy{}, &baseline);
  EXPECT_EQ(verdict.regressions_judged, 0U);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
}

TEST(GateBaseline, ADatasetOfAnotherSizeIsNotCompared) {
  Report baseline = good_report();
  for (Cell& cell : baseline.cells) cell.files /= 10;
  Report report = good_report();
  slow_down(report, "robosync", 5);
  const Verdict verdict = judged(report, Policy{}, &baseline);
  EXPECT_EQ(verdict.exit, GateExit::kPass);
  EXPECT_THAT(kinds(verdict), ElementsAre(FindingKind::kNotJudged));
}

TEST(GateBaseline, OfAnotherMachineClassIsRefused) {
  Report baseline = good_report();
  baseline.environment.machine_class = "macos-arm64-8cpu";
  const auto verdict = judge(good_report(), &baseline, policy_with(0.5), {});
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().kind, base::ErrorKind::kRefused);
  EXPECT_THAT(verdict.error().message(),
              HasSubstr("the baseline is of machine class \"macos-arm64-8cpu\" and the report of "
                        "\"linux-x86_64-2cpu\""));
}

TEST(Remeasure, NamesTheCellsThatFailForARatioAndTheirTools) {
  Report report = good_report();
  report.cells.push_back(timed_cell("cp", "small-10k", "first", {1, 1, 1}));
  report.cells.push_back(timed_cell("robosync", "small-10k", "noop", {1, 1, 1}));
  report.cells.push_back(timed_cell("rsync", "small-10k", "noop", {9, 9, 9}));
  Policy policy = policy_with(0.4);
  policy.ratios.push_back({.cells = {}, .peer = "cp", .ratio_max = 0.5});
  const CellToRemeasure expected = {{"small-10k", "localhost", "local", "first"},
                                    {"robosync", "rsync", "cp"}};
  EXPECT_THAT(cells_to_remeasure(report, nullptr, policy, {}), ElementsAre(expected));
  EXPECT_THAT(cells_to_remeasure(report, nullptr, policy_with(0.5), {}), IsEmpty());
}

TEST(Remeasure, LetsBeWhatPassesWithinTheSlack) {
  EXPECT_THAT(cells_to_remeasure(good_report(), nullptr, policy_with(0.25), {.slack = 2}),
              IsEmpty());
  EXPECT_EQ(cells_to_remeasure(good_report(), nullptr, policy_with(0.24), {.slack = 2}).size(), 1U);
}

TEST(Remeasure, CountsRegressionsAndPassesOverAForeignBaseline) {
  Report baseline = good_report();
  Report report = good_report();
  slow_down(report, "robosync", 2);
  EXPECT_EQ(cells_to_remeasure(report, &baseline, Policy{}, {}).size(), 1U);
  baseline.environment.machine_class = "another";
  EXPECT_THAT(cells_to_remeasure(report, &baseline, Policy{}, {}), IsEmpty());
}

TEST(Remeasure, IsNotAskedForWhatNoTimingMends) {
  Report report = good_report();
  report.cells[0].samples[0].verified = false;
  report.checks[0].outcome = CheckOutcome::kFail;
  EXPECT_THAT(cells_to_remeasure(report, nullptr, policy_with(0.1), {}), IsEmpty());
}

}  // namespace
}  // namespace robosync::parity
