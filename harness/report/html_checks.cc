// The matrix of semantic checks by tool.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/report/html_page.h"
#include "harness/report/html_sections.h"
#include "harness/report/text.h"
#include "harness/report/words.h"

namespace robosync::parity {
namespace {

// A sign beside the word, so that nothing depends on colour. By CheckOutcome.
constexpr std::array<std::string_view, 5> kSigns = {"\u2713", "\u2717", "\u2260", "\u2013",
                                                    "\u00b7"};

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

// Columns: tools with results, each route for itself, in the report's order of tools.
std::vector<std::string> columns_of(const Report& report) {
  std::vector<std::string> names;
  for (const Tool& tool : report.tools) {
    for (const CheckResult& result : report.checks) {
      if (result.tool == tool.name) add_once(names, result.column());
    }
  }
  for (const CheckResult& result : report.checks) add_once(names, result.column());
  return names;
}

const CheckResult* find_result(const Report& report, std::string_view check,
                               const std::string& column) {
  for (const CheckResult& result : report.checks) {
    if (result.check == check && result.column() == column) return &result;
  }
  return nullptr;
}

std::string outcome_html(const CheckResult* result) {
  if (result == nullptr) return "<td class=\"soft\">\u00b7</td>";
  const std::string_view word = to_string(result->outcome);
  std::string shown(word);
  std::ranges::replace(shown, '_', ' ');
  const std::string badge =
      fmt::format("<span class=\"o {}\">{} {}</span>", word,
                  kSigns.at(static_cast<std::size_t>(result->outcome)), shown);
  if (result->detail.empty()) return "<td>" + badge + "</td>";
  return fmt::format(
      "<td><details><summary title=\"{0}\">{1}</summary><div>{0}</div></details></td>",
      html_text(result->detail), badge);
}

std::string totals_html(const Report& report, const std::vector<std::string>& columns) {
  std::string html = "<tr><th>passed of those that ran</th>";
  for (const std::string& column : columns) {
    std::size_t ran = 0;
    std::size_t passed = 0;
    for (const CheckResult& result : report.checks) {
      if (result.column() != column || result.outcome == CheckOutcome::kNotRun) continue;
      ++ran;
      if (result.outcome == CheckOutcome::kPass) ++passed;
    }
    html += fmt::format("<td><b>{}</b> of {}</td>", passed, ran);
  }
  return html + "</tr>";
}

// "mirror" of "mirror.extra_file"
std::string group_of(const std::string& check) { return check.substr(0, check.find('.')); }

}  // namespace

std::string checks_html(const Report& report) {
  if (report.checks.empty()) return {};
  const std::vector<std::string> columns = columns_of(report);
  std::vector<std::string> groups;
  std::vector<std::string> checks;
  for (const CheckResult& result : report.checks) {
    add_once(groups, group_of(result.check));
    add_once(checks, result.check);
  }
  std::string html =
      "<section><h2>Parity of behaviour</h2><p class=\"soft\">Every check runs against every tool. "
      "Press an outcome that is marked \u25be for what was seen.</p>"
      "<div class=\"scroll\"><table class=\"matrix\"><thead><tr><th>check</th>";
  for (const std::string& column : columns) html += "<th>" + html_text(column) + "</th>";
  html += "</tr></thead><tbody>" + totals_html(report, columns);
  for (const std::string& group : groups) {
    html += fmt::format("<tr class=\"group\"><th colspan=\"{}\">{}</th></tr>", columns.size() + 1,
                        html_text(group));
    for (const std::string& check : checks) {
      if (group_of(check) != group) continue;
      std::string outcomes;
      std::string title;
      for (const std::string& column : columns) {
        const CheckResult* const result = find_result(report, check, column);
        if (result != nullptr && title.empty()) title = result->title;
        outcomes += outcome_html(result);
      }
      html += fmt::format("<tr><td>{}<div class=\"name\"><code>{}</code></div></td>{}</tr>",
                          html_text(title), html_text(check), outcomes);
    }
  }
  return html + "</tbody></table></div></section>\n";
}

}  // namespace robosync::parity
