#include "harness/report/markdown.h"

#include <fmt/format.h>

#include "harness/report/figures.h"
#include "harness/report/numbers.h"
#include "harness/report/text.h"
#include "harness/report/words.h"

namespace robosync::parity {
namespace {

std::string verdict_markdown(const Verdict& verdict) {
  std::string text = fmt::format("**{}** ({} ratios, {} checks judged)\n\n",
                                 verdict.exit == GateExit::kPass ? "pass" : to_string(verdict.exit),
                                 verdict.ratios_judged, verdict.checks_judged);
  for (const Finding& finding : verdict.findings) {
    if (exit_of(finding.kind) == GateExit::kPass) continue;
    text += fmt::format("- {}: {} {}\n", markdown_text(finding.subject),
                        markdown_text(finding.text), markdown_text(finding.advice));
  }
  return text + (text.ends_with("\n\n") ? "" : "\n");
}

// The subject's cells, with its ratio to every peer of the same run.
std::string cells_markdown(const Report& report) {
  std::string rows;
  for (const Cell& cell : report.cells) {
    if (cell.tool != kSubject || !scores(cell)) continue;
    std::string ratios;
    for (const PeerRatio& peer : peer_ratios(report, cell)) {
      ratios += fmt::format("{}{} {:.2f}", ratios.empty() ? "" : ", ", markdown_text(peer.peer),
                            peer.ratio.value);
    }
    const CellFigures figures = figures_of(cell);
    rows += fmt::format("| {} | {} | {} |{}\n", markdown_text(to_string(key_of(cell))),
                        seconds_text(figures.wall_s.median), ratios, figures.noisy ? " noisy" : "");
  }
  if (rows.empty()) return {};
  return "| cell | robosync | time relative to |\n|---|---|---|\n" + rows + "\n";
}

std::string invalid_markdown(const Report& report) {
  std::string text;
  for (const Cell& cell : report.cells) {
    if (cell.state != CellState::kInvalid) continue;
    text += fmt::format("- invalid: {} {}: {}\n", markdown_text(cell.tool),
                        markdown_text(to_string(key_of(cell))), markdown_text(cell.reason));
  }
  return text.empty() ? text : text + "\n";
}

std::string checks_markdown(const Report& report) {
  if (report.checks.empty()) return {};
  std::string text =
      "| tool | pass | differs | fail | unsupported | not run |\n|---|---|---|---|---|---|\n";
  std::vector<std::string> columns;
  for (const CheckResult& result : report.checks) {
    if (std::ranges::find(columns, result.column()) == columns.end()) {
      columns.push_back(result.column());
    }
  }
  for (const std::string& column : columns) {
    const auto count = [&](CheckOutcome outcome) {
      return std::ranges::count_if(report.checks, [&](const CheckResult& result) {
        return result.column() == column && result.outcome == outcome;
      });
    };
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", markdown_text(column),
                        count(CheckOutcome::kPass), count(CheckOutcome::kDiffers),
                        count(CheckOutcome::kFail), count(CheckOutcome::kUnsupported),
                        count(CheckOutcome::kNotRun));
  }
  text += "\n";
  for (const CheckResult& result : report.checks) {
    if (result.tool != kSubject || result.outcome == CheckOutcome::kPass) continue;
    text += fmt::format("- {}{}{} {}: {}\n", markdown_text(result.check), result.route ? " " : "",
                        markdown_text(result.route.value_or("")), to_string(result.outcome),
                        markdown_text(result.detail));
  }
  return text;
}

}  // namespace

std::string render_markdown(const Report& report, const Verdict* verdict) {
  std::string text = fmt::format(
      "### RoboSync parity: {} on {}, {}\n\n", markdown_text(report.suite),
      markdown_text(report.environment.machine_class), markdown_text(report.started_at));
  if (!report.commit.empty()) text += fmt::format("Commit {}.\n\n", markdown_text(report.commit));
  if (verdict != nullptr) text += verdict_markdown(*verdict);
  text += invalid_markdown(report) + cells_markdown(report) + checks_markdown(report);
  for (const std::string& warning : report.warnings) {
    text += fmt::format("\n> {}\n", markdown_text(warning));
  }
  return text;
}

}  // namespace robosync::parity
