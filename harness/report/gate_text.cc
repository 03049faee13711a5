// The gate's words.

#include <fmt/format.h>

#include "harness/report/gate.h"
#include "harness/report/text.h"

namespace robosync::parity {

std::string_view to_string(FindingKind kind) {
  switch (kind) {
    case FindingKind::kCheckFailed:
      return "check_failed";
    case FindingKind::kCheckMissing:
      return "check_missing";
    case FindingKind::kInvalidCell:
      return "invalid_cell";
    case FindingKind::kRatioMissing:
      return "ratio_missing";
    case FindingKind::kNothingJudged:
      return "nothing_judged";
    case FindingKind::kRatioExceeded:
      return "ratio_exceeded";
    case FindingKind::kRegressed:
      return "regressed";
    case FindingKind::kNotJudged:
      return "not_judged";
    case FindingKind::kPeerInvalid:
      return "peer_invalid";
    case FindingKind::kAccepted:
      return "accepted";
    case FindingKind::kStaleAcceptance:
      return "stale_acceptance";
    case FindingKind::kWithinSlack:
      return "within_slack";
    case FindingKind::kNoisy:
      return "noisy";
  }
  return "";
}

GateExit exit_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::kCheckFailed:
    case FindingKind::kCheckMissing:
      return GateExit::kParityBroken;
    case FindingKind::kInvalidCell:
    case FindingKind::kRatioMissing:
    case FindingKind::kNothingJudged:
      return GateExit::kInvalidCells;
    case FindingKind::kRatioExceeded:
    case FindingKind::kRegressed:
      return GateExit::kRegression;
    case FindingKind::kNotJudged:
    case FindingKind::kPeerInvalid:
    case FindingKind::kAccepted:
    case FindingKind::kStaleAcceptance:
    case FindingKind::kWithinSlack:
    case FindingKind::kNoisy:
      return GateExit::kPass;
  }
  return GateExit::kPass;
}

std::string_view to_string(GateExit exit) {
  switch (exit) {
    case GateExit::kPass:
      return "pass";
    case GateExit::kRegression:
      return "regression";
    case GateExit::kParityBroken:
      return "parity broken";
    case GateExit::kInvalidCells:
      return "invalid cells";
  }
  return "";
}

std::string to_text(const Verdict& verdict) {
  std::string text;
  for (const Finding& finding : verdict.findings) {
    const bool fails = exit_of(finding.kind) != GateExit::kPass;
    text += fmt::format("{} {:<16} {}: {}\n", fails ? "FAIL" : "note", to_string(finding.kind),
                        printable(finding.subject), printable(finding.text));
    if (!finding.advice.empty()) text += fmt::format("     -> {}\n", printable(finding.advice));
  }
  text += fmt::format(
      "gate: {} ({} checks, {} ratios and {} comparisons with the baseline were judged)\n",
      to_string(verdict.exit), verdict.checks_judged, verdict.ratios_judged,
      verdict.regressions_judged);
  return text;
}

}  // namespace robosync::parity
