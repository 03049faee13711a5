#include "harness/report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/figures.h"
#include "harness/report/html_page.h"
#include "harness/report/html_sections.h"
#include "harness/report/numbers.h"
#include "harness/report/text.h"

namespace robosync::parity {
namespace {

std::string tile(std::string_view look, std::string_view figure, std::string_view what) {
  return fmt::format("<div class=\"tile {}\"><b>{}</b><span class=\"soft\">{}</span></div>", look,
                     html_text(figure), html_text(what));
}

std::string verdict_tile(const Verdict& verdict) {
  const auto failing = std::ranges::count_if(verdict.findings, [](const Finding& finding) {
    return exit_of(finding.kind) != GateExit::kPass;
  });
  const bool passed = verdict.exit == GateExit::kPass;
  std::string word(to_string(verdict.exit));
  word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return tile(passed ? "good" : "bad", passed ? "\u2713 Pass" : "\u2717 " + word,
              passed ? fmt::format("gate: {} ratios, {} checks", verdict.ratios_judged,
                                   verdict.checks_judged)
                     : fmt::format("gate: {} finding{}", failing, failing == 1 ? "" : "s"));
}

std::string checks_tile(const Report& report) {
  std::size_t passed = 0;
  std::size_t ran = 0;
  for (const CheckResult& result : report.checks) {
    if (result.tool != kSubject || result.outcome == CheckOutcome::kNotRun) continue;
    ++ran;
    if (result.outcome == CheckOutcome::kPass) ++passed;
  }
  if (ran == 0) return {};
  return tile(passed == ran ? "good" : "warn", fmt::format("{} of {}", passed, ran),
              fmt::format("checks pass for {}", kSubject));
}

// Against each peer: in how many cells the subject is quicker, and the middle of the ratios.
std::string peer_tiles(const Report& report) {
  std::string html;
  for (const Tool& tool : report.tools) {
    std::vector<double> ratios;
    for (const Cell& cell : report.cells) {
      if (cell.tool != kSubject) continue;
      if (const auto ratio = ratio_to(report, key_of(cell), kSubject, tool.name)) {
        ratios.push_back(ratio->value);
      }
    }
    if (ratios.empty() || tool.name == kSubject) continue;
    const auto won = std::ranges::count_if(ratios, [](double ratio) { return ratio < 1; });
    const bool all = static_cast<std::size_t>(won) == ratios.size();
    html += tile(all ? "good" : "warn", fmt::format("{} of {}", won, ratios.size()),
                 fmt::format("cells quicker than {}; median {}", tool.name,
                             quickness_text(*median(ratios))));
  }
  return html;
}

std::string invalid_tile(const Report& report) {
  const auto invalid = std::ranges::count_if(
      report.cells, [](const Cell& cell) { return cell.state == CellState::kInvalid; });
  if (invalid == 0) return {};
  return tile("warn", fmt::format("{}", invalid), "invalid cells, which never score");
}

std::string fact(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return fmt::format("<span>{} <b>{}</b></span>", html_text(name), html_text(value));
}

std::string head_html(const Report& report) {
  const Environment& machine = report.environment;
  return fmt::format("<h1>RoboSync parity report</h1>\n<div class=\"facts\">{}{}{}{}{}{}</div>\n",
                     fact("suite", report.suite), fact("commit", report.commit),
                     fact("run", report.started_at), fact("took", seconds_text(report.duration_s)),
                     fact("machine", machine.host + " (" + machine.machine_class + ")"),
                     fact("scratch", machine.scratch_file_system));
}

std::string warnings_html(const Report& report) {
  if (report.warnings.empty()) return {};
  std::string html = "<section><h2>Warnings</h2><ul class=\"plain\">";
  for (const std::string& warning : report.warnings) {
    html +=
        fmt::format("<li><span class=\"tag warn\">! warning</span> {}</li>", html_text(warning));
  }
  return html + "</ul></section>\n";
}

std::string finding_html(const Finding& finding) {
  const bool fails = exit_of(finding.kind) != GateExit::kPass;
  std::string word(to_string(finding.kind));
  std::ranges::replace(word, '_', ' ');
  std::string html = fmt::format("<li><span class=\"tag {}\">{}{}</span> <b>{}</b><br>{}",
                                 fails ? "bad" : "", fails ? "\u2717 " : "", word,
                                 html_text(finding.subject), html_text(finding.text));
  if (!finding.advice.empty()) {
    html +=
        fmt::format("<br><span class=\"soft small\">\u2192 {}</span>", html_text(finding.advice));
  }
  return html + "</li>";
}

}  // namespace

std::string summary_html(const Report& report, const Verdict* verdict) {
  const std::string tiles = (verdict == nullptr ? std::string() : verdict_tile(*verdict)) +
                            checks_tile(report) + peer_tiles(report) + invalid_tile(report);
  if (tiles.empty()) return {};
  return "<div class=\"tiles\">" + tiles + "</div>\n";
}

std::string findings_html(const Verdict& verdict) {
  if (verdict.findings.empty()) return {};
  std::string failing;
  std::string notes;
  std::size_t note_count = 0;
  for (const Finding& finding : verdict.findings) {
    if (exit_of(finding.kind) != GateExit::kPass) {
      failing += finding_html(finding);
    } else {
      notes += finding_html(finding);
      ++note_count;
    }
  }
  std::string html = "<section><h2>What the gate found</h2>";
  if (!failing.empty()) html += "<ul class=\"plain\">" + failing + "</ul>";
  if (!notes.empty()) {
    html += fmt::format(
        "<details><summary>{} note{} that fail nothing</summary><ul class=\"plain\">{}</ul>"
        "</details>",
        note_count, note_count == 1 ? "" : "s", notes);
  }
  return html + "</section>\n";
}

std::string render_html(const Report& report, const Verdict* verdict) {
  std::string body = head_html(report) + summary_html(report, verdict);
  if (verdict != nullptr) body += findings_html(*verdict);
  body += warnings_html(report) + ratios_html(report) + checks_html(report) + scaling_html(report) +
          cells_html(report) + setup_html(report);
  body += fmt::format("<p class=\"soft small\">Made by robosync-parity {}.</p>\n",
                      html_text(report.tool_version));
  return html_page("RoboSync parity: " + report.suite + ", " + report.started_at, body);
}

}  // namespace robosync::parity
