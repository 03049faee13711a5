// What the harness's HTML pages share: the frame with its style, and the charts.
//
// The charts are boxes placed by percentages and a few lines of SVG. They need no script, so a page
// shows the same in a mail, in a CI service's preview and with scripts off; they take the page's
// colours, light and dark, and on a phone their text stays as large as the rest
// (docs/decisions/0005-report-charts.md). Pure functions; any thread. Every text handed in is
// escaped here, except what is called html.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/report/statistics.h"

namespace robosync::parity {

// A whole document around `body_html`.
[[nodiscard]] std::string html_page(std::string_view title, std::string_view body_html);

// The tool's colour as a CSS value, the same on every page.
[[nodiscard]] std::string tool_colour(std::string_view tool);

// One peer in a ratio chart.
struct RatioBar {
  std::string peer;
  Ratio ratio;
};

// One cell in a ratio chart.
struct RatioRow {
  std::string label;
  std::vector<RatioBar> bars;
};

// Bars from the line "as quick" towards quicker (left) or slower (right), on a logarithmic axis,
// with the spread of the rounds. "" for no rows.
[[nodiscard]] std::string ratio_chart_html(const std::vector<RatioRow>& rows);

struct CurvePoint {
  double x = 0;
  double y = 0;
  bool marked = false;  // drawn as a warning
  std::string label;    // shown when pointed at
};

struct Curve {
  std::string name;
  std::string colour;  // a CSS value of ours
  std::vector<CurvePoint> points;
};

enum class Axis : unsigned char { kLinear, kLogarithmic };

struct CurveChart {
  std::string title;
  std::string x_title;
  std::string y_title;
  Axis x_axis = Axis::kLogarithmic;
  Axis y_axis = Axis::kLogarithmic;
  std::vector<std::string> x_labels;  // of the points 0, 1, 2 ... of a linear axis; else figures
  std::vector<Curve> curves;
};

// "" for a chart without points.
[[nodiscard]] std::string curve_chart_html(const CurveChart& chart);

}  // namespace robosync::parity
