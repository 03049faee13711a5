#include "harness/report/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "harness/report/html_page.h"
#include "harness/report/numbers.h"
#include "harness/report/text.h"

namespace robosync::parity {
namespace {

// One more run than a regression can be told from.
constexpr std::size_t kRunsBeforeMin = 1;

// The median of the latest points before `index`.
std::optional<double> usual_before(const std::vector<TrendPoint>& points, std::size_t index) {
  if (index < kRunsBeforeMin) return std::nullopt;
  const std::size_t begin = index > kTrendWindow ? index - kTrendWindow : 0;
  std::vector<double> values;
  for (std::size_t i = begin; i < index; ++i) values.push_back(points[i].ratio.value);
  return median(values);
}

std::vector<const Report*> oldest_first(const std::vector<Report>& runs) {
  std::vector<const Report*> sorted;
  sorted.reserve(runs.size());
  for (const Report& run : runs) sorted.push_back(&run);
  // RFC 3339 in UTC sorts as text.
  std::ranges::stable_sort(sorted, {}, [](const Report* run) { return run->started_at; });
  return sorted;
}

std::string trend_html(const Trend& trend) {
  CurveChart chart{.title = to_string(trend.key),
                   .x_title = "run",
                   .y_title = fmt::format("time relative to {}", trend.peer),
                   .x_axis = Axis::kLinear,
                   .y_axis = Axis::kLinear};
  Curve curve{.name = std::string(kSubject), .colour = tool_colour(kSubject), .points = {}};
  double x = 0;
  for (const TrendPoint& point : trend.points) {
    chart.x_labels.push_back(point.started_at.substr(0, point.started_at.find('T')));
    curve.points.push_back(
        {.x = x,
         .y = point.ratio.value,
         .marked = point.regressed,
         .label = fmt::format("{} {}: {:.3f}{}", point.started_at, point.commit, point.ratio.value,
                              point.regressed ? " (regressed)" : "")});
    x += 1;
  }
  chart.curves.push_back(std::move(curve));
  return curve_chart_html(chart);
}

std::string regressions_html(const std::vector<Trend>& trends) {
  std::string rows;
  for (const Trend& trend : trends) {
    for (const TrendPoint& point : trend.points) {
      if (!point.regressed) continue;
      rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.3f}</td></tr>",
                          html_text(point.started_at), html_text(point.commit),
                          html_text(trend.machine_class), html_text(to_string(trend.key)),
                          point.ratio.value);
    }
  }
  if (rows.empty()) return "<section><h2>Regressions</h2><p>None.</p></section>\n";
  return "<section><h2>Regressions</h2><div class=\"scroll\"><table><thead><tr><th>run</th>"
         "<th>commit</th><th>machine</th><th>cell</th><th>ratio</th></tr></thead><tbody>" +
         rows + "</tbody></table></div></section>\n";
}

}  // namespace

std::vector<Trend> trends_of(const std::vector<Report>& runs, std::string_view subject,
                             std::string_view peer) {
  using Key = std::tuple<std::string, CellKey, std::uint64_t>;  // files tell the scale
  std::map<Key, Trend> trends;
  for (const Report* run : oldest_first(runs)) {
    for (const Cell& cell : run->cells) {
      if (cell.tool != subject) continue;
      const CellKey key = key_of(cell);
      const auto ratio = ratio_to(*run, key, subject, peer);
      if (!ratio) continue;
      const std::string& machine = run->environment.machine_class;
      auto& trend = trends[{machine, key, cell.files}];
      trend.machine_class = machine;
      trend.key = key;
      trend.peer = peer;
      trend.points.push_back({run->started_at, run->commit, *ratio, false});
      const auto usual = usual_before(trend.points, trend.points.size() - 1);
      trend.points.back().regressed = usual && ratio->value > *usual * kTrendRegressionFactor;
    }
  }
  std::vector<Trend> sorted;
  sorted.reserve(trends.size());
  for (auto& [key, trend] : trends) sorted.push_back(std::move(trend));
  return sorted;
}

std::string render_history_html(const std::vector<Report>& runs) {
  std::vector<Trend> trends = trends_of(runs, kSubject, "rsync");
  if (trends.empty()) trends = trends_of(runs, kSubject, "robocopy");
  std::string body = fmt::format("<header><h1>RoboSync over {} runs</h1></header>\n", runs.size());
  body += regressions_html(trends);
  std::string machine;
  for (const Trend& trend : trends) {
    if (trend.machine_class != machine) {
      if (!machine.empty()) body += "</div></section>\n";
      machine = trend.machine_class;
      body += fmt::format("<section><h2>{}</h2><div class=\"charts\">\n", html_text(machine));
    }
    body += trend_html(trend) + "\n";
  }
  if (!machine.empty()) body += "</div></section>\n";
  if (trends.empty()) body += "<p>No run has a cell of robosync beside one of its peers.</p>\n";
  return html_page("RoboSync: history", body);
}

}  // namespace robosync::parity
