// The measurements: ratio charts, the table of all cells, scaling curves.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/report/figures.h"
#include "harness/report/html_page.h"
#include "harness/report/html_sections.h"
#include "harness/report/numbers.h"
#include "harness/report/text.h"

namespace robosync::parity {
namespace {

// What the scaling curves are drawn over.
constexpr std::array<std::string_view, 3> kScalingDatasets = {"small-10k", "small-100k",
                                                              "small-1m"};

// Keys of the report's cells, in its order, each once.
std::vector<CellKey> keys_of(const Report& report) {
  std::vector<CellKey> keys;
  for (const Cell& cell : report.cells) {
    CellKey key = key_of(cell);
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
  }
  return keys;
}

// "local" on localhost; "push over 10gbe (emulated)" elsewhere.
std::string where_text(const Report& report, const CellKey& key) {
  const auto link = std::ranges::find(report.links, key.link, &Link::name);
  const bool emulated = link != report.links.end() && link->emulated;
  return fmt::format("{} over {}{}", key.route, key.link, emulated ? " (emulated)" : "");
}

std::string cell_row(const Cell& cell, bool best) {
  const std::string tool =
      fmt::format("<td><span class=\"dot\" style=\"background:{}\"></span>{}</td>",
                  tool_colour(cell.tool), html_text(cell.tool));
  if (!scores(cell)) {
    const bool invalid = cell.state != CellState::kUnavailable;
    return fmt::format("<tr>{}<td colspan=\"8\"><span class=\"tag {}\">{}</span> {}</td></tr>",
                       tool, invalid ? "bad" : "", invalid ? "\u2717 invalid" : "not available",
                       html_text(cell.reason));
  }
  const CellFigures figures = figures_of(cell);
  const auto number = [](const std::string& text) { return "<td class=\"n\">" + text + "</td>"; };
  std::string html = fmt::format("<tr{}>{}", best ? " class=\"best\"" : "", tool);
  html += number(fmt::format("{} <span class=\"soft\">\u00b1\u00a0{}</span>{}",
                             seconds_text(figures.wall_s.median), seconds_text(figures.wall_s.mad),
                             figures.noisy ? " <span class=\"tag warn\">noisy</span>" : ""));
  html += number(figure_text(figures.files_per_s)) +
          number(bytes_text(figures.bytes_per_s) + "/s") +
          number(figure_text(figures.us_per_file)) + number(seconds_text(figures.user_s)) +
          number(seconds_text(figures.system_s)) + number(bytes_text(figures.peak_rss_bytes));
  html += number(cell.system_calls_per_file ? figure_text(*cell.system_calls_per_file) : "");
  return html + "</tr>";
}

std::string key_rows(const Report& report, const CellKey& key) {
  std::vector<const Cell*> cells;
  const Cell* best = nullptr;
  for (const Cell& cell : report.cells) {
    if (key_of(cell) != key) continue;
    cells.push_back(&cell);
    if (!scores(cell)) continue;
    if (best == nullptr || figures_of(cell).wall_s.median < figures_of(*best).wall_s.median) {
      best = &cell;
    }
  }
  std::string html = fmt::format(
      "<tr class=\"group\"><th colspan=\"9\">{}, {} <span class=\"soft\">{}</span></th>"
      "</tr>",
      html_text(key.dataset), html_text(key.phase), html_text(where_text(report, key)));
  for (const Cell* const cell : cells) html += cell_row(*cell, cell == best);
  return html;
}

Curve curve_of(const Report& report, CellKey key, const Tool& tool) {
  Curve curve = {.name = tool.name, .colour = tool_colour(tool.name), .points = {}};
  for (const std::string_view dataset : kScalingDatasets) {
    key.dataset = dataset;
    const Cell* const cell = find_cell(report, key, tool.name);
    if (cell == nullptr || !scores(*cell) || cell->files == 0) continue;
    const double seconds = figures_of(*cell).wall_s.median;
    curve.points.push_back({.x = static_cast<double>(cell->files),
                            .y = seconds,
                            .marked = false,
                            .label = fmt::format("{}, {} files: {}", tool.name,
                                                 count_text(cell->files), seconds_text(seconds))});
  }
  return curve;
}

bool is_scaling(const CellKey& key) {
  return std::ranges::find(kScalingDatasets, key.dataset) != kScalingDatasets.end();
}

}  // namespace

std::string ratios_html(const Report& report) {
  // A chart for each link and route, in the order of the report.
  std::vector<CellKey> charts;
  std::vector<std::vector<RatioRow>> rows;
  for (const CellKey& key : keys_of(report)) {
    const Cell* const cell = find_cell(report, key, kSubject);
    if (cell == nullptr) continue;
    RatioRow row = {.label = key.dataset + ", " + key.phase, .bars = {}};
    for (const PeerRatio& peer : peer_ratios(report, *cell)) {
      row.bars.push_back({.peer = peer.peer, .ratio = peer.ratio});
    }
    if (row.bars.empty()) continue;
    const auto chart = std::ranges::find_if(charts, [&](const CellKey& other) {
      return other.link == key.link && other.route == key.route;
    });
    if (chart == charts.end()) {
      charts.push_back(key);
      rows.push_back({std::move(row)});
    } else {
      rows[static_cast<std::size_t>(chart - charts.begin())].push_back(std::move(row));
    }
  }
  if (charts.empty()) return {};
  std::string html = fmt::format(
      "<section><h2>Time against each peer</h2><p class=\"soft\">Bars that reach left of the line "
      "are cells where {} is quicker; striped bars to the right are lost cells. The scale doubles "
      "from line to line. The thin line is the spread of the rounds.</p>",
      kSubject);
  for (std::size_t i = 0; i < charts.size(); ++i) {
    html += fmt::format("<h3>{}</h3>{}", html_text(where_text(report, charts[i])),
                        ratio_chart_html(rows[i]));
  }
  return html + "</section>\n";
}

std::string cells_html(const Report& report) {
  if (report.cells.empty()) return {};
  std::string html =
      "<section><h2>Throughput and cost per file</h2><p class=\"soft\">Medians of verified "
      "samples, "
      "\u00b1 their median absolute deviation; the quickest tool of each cell in bold.</p><div "
      "class=\"scroll\"><table><thead><tr><th>tool</th><th class=\"n\">wall time</th><th "
      "class=\"n\">files/s</th><th class=\"n\">data</th><th class=\"n\">\u00b5s/file</th><th "
      "class=\"n\">user</th><th class=\"n\">system</th><th class=\"n\">peak memory</th><th "
      "class=\"n\">system calls/file</th></tr></thead><tbody>";
  for (const CellKey& key : keys_of(report)) html += key_rows(report, key);
  return html + "</tbody></table></div></section>\n";
}

std::string scaling_html(const Report& report) {
  std::string charts;
  std::vector<CellKey> seen;
  for (CellKey key : keys_of(report)) {
    if (!is_scaling(key)) continue;
    key.dataset.clear();
    if (std::ranges::find(seen, key) != seen.end()) continue;
    seen.push_back(key);
    CurveChart chart = {.title = key.phase + ", " + where_text(report, key),
                        .x_title = "files",
                        .y_title = "seconds",
                        .x_labels = {},
                        .curves = {}};
    for (const Tool& tool : report.tools) {
      Curve curve = curve_of(report, key, tool);
      if (curve.points.size() > 1) chart.curves.push_back(std::move(curve));
    }
    charts += curve_chart_html(chart);
  }
  if (charts.empty()) return {};
  return "<section><h2>Scaling</h2><p class=\"soft\">Seconds against the number of files, both "
         "axes "
         "logarithmic.</p><div class=\"charts\">" +
         charts + "</div></section>\n";
}

}  // namespace robosync::parity
