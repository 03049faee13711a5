// The charts of html_page.h.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/report/html_page.h"
#include "harness/report/numbers.h"
#include "harness/report/text.h"

namespace robosync::parity {
namespace {

// Ratios beyond these are drawn at the edge; their figure is beside the bar.
constexpr double kRatioAxisMin = 1.0 / 64;
constexpr double kRatioAxisMax = 16;

// Where a value stands between `min` and `max`, 0 to 1.
double position(double value, double min, double max, Axis axis) {
  if (axis == Axis::kLogarithmic) {
    value = std::log(value);
    min = std::log(min);
    max = std::log(max);
  }
  if (max <= min) return 0.5;
  return std::clamp((value - min) / (max - min), 0.0, 1.0);
}

struct RatioAxis {
  double min = 0.25;
  double max = 2;

  [[nodiscard]] double percent(double ratio) const {
    return 100 * position(ratio, min, max, Axis::kLogarithmic);
  }
};

// From half to double at least, in steps of two, as far as the rounds reach.
RatioAxis axis_for(const std::vector<RatioRow>& rows) {
  RatioAxis axis;
  for (const RatioRow& row : rows) {
    for (const RatioBar& bar : row.bars) {
      while (axis.min > bar.ratio.min && axis.min > kRatioAxisMin) axis.min /= 2;
      while (axis.max < bar.ratio.max && axis.max < kRatioAxisMax) axis.max *= 2;
    }
  }
  return axis;
}

std::string track_html(const RatioBar& bar, const RatioAxis& axis) {
  std::string html = "<div class=\"track\">";
  for (double line = axis.min; line <= axis.max; line *= 2) {
    html += fmt::format("<i{} style=\"left:{:.2f}%\"></i>", line == 1 ? " class=\"one\"" : "",
                        axis.percent(line));
  }
  const auto [low, high] = std::minmax({axis.percent(bar.ratio.value), axis.percent(1)});
  html += fmt::format(
      "<div class=\"bar{}\" style=\"left:{:.2f}%;width:{:.2f}%;background-color:{}\" "
      "title=\"{}: {:.3f} of its time, rounds {:.3f} to {:.3f}\"></div>",
      bar.ratio.value > 1 ? " slow" : "", low, high - low, tool_colour(bar.peer),
      html_text(bar.peer), bar.ratio.value, bar.ratio.min, bar.ratio.max);
  const double first = axis.percent(bar.ratio.min);
  html += fmt::format("<div class=\"spread\" style=\"left:{:.2f}%;width:{:.2f}%\"></div></div>",
                      first, axis.percent(bar.ratio.max) - first);
  return html;
}

std::string scale_html(const RatioAxis& axis) {
  std::string html = "<div class=\"pad\"></div><div class=\"scale\">";
  for (double line = axis.min; line <= axis.max; line *= 2) {
    // On a long axis every other line has a label.
    const bool labelled = axis.max / axis.min <= 40 || std::fmod(std::log2(line), 2) == 0;
    if (!labelled) continue;
    const std::string label = line == 1  ? std::string("even")
                              : line < 1 ? fmt::format("{:g}x", 1 / line)
                                         : fmt::format("{:g}x slower", line);
    html += fmt::format("<span style=\"left:{:.2f}%\">{}</span>", axis.percent(line), label);
  }
  return html + "</div><div></div>";
}

// The size of a curve chart in its own units.
constexpr double kWidth = 440;
constexpr double kHeight = 270;
constexpr double kLeft = 58;
constexpr double kRight = 12;
constexpr double kTop = 12;
constexpr double kBottom = 44;

struct Range {
  double min = 0;
  double max = 0;
  Axis axis = Axis::kLinear;
  std::vector<double> ticks;
};

Range range_of(const CurveChart& chart, double CurvePoint::* part, Axis axis) {
  Range range = {.axis = axis};
  bool first = true;
  for (const Curve& curve : chart.curves) {
    for (const CurvePoint& point : curve.points) {
      range.min = first ? point.*part : std::min(range.min, point.*part);
      range.max = first ? point.*part : std::max(range.max, point.*part);
      first = false;
    }
  }
  if (axis == Axis::kLogarithmic) {
    range.min = std::pow(10, std::floor(std::log10(range.min) + 1e-9));
    range.max = std::pow(10, std::ceil(std::log10(range.max) - 1e-9));
    if (range.max <= range.min) range.max = range.min * 10;
    for (double tick = range.min; tick <= range.max * 1.001; tick *= 10)
      range.ticks.push_back(tick);
    return range;
  }
  return range;
}

// From 0 to a little above the largest value, with a line at every quarter or half.
Range ratio_range(const CurveChart& chart) {
  Range range = range_of(chart, &CurvePoint::y, Axis::kLinear);
  double step = 0.05;
  constexpr std::array<double, 3> kSteps = {2, 2.5, 2};
  for (std::size_t i = 0; range.max / step > 6; ++i) step *= kSteps.at(i % kSteps.size());
  range.min = 0;
  range.max = std::max(step, std::ceil(range.max / step) * step);
  for (double tick = 0; tick <= range.max + step / 2; tick += step) range.ticks.push_back(tick);
  return range;
}

double x_of(double value, const Range& range) {
  return kLeft + position(value, range.min, range.max, range.axis) * (kWidth - kLeft - kRight);
}

double y_of(double value, const Range& range) {
  return kHeight - kBottom -
         position(value, range.min, range.max, range.axis) * (kHeight - kTop - kBottom);
}

std::string tick_text(double value) {
  if (value >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (value >= 1e3) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:.6g}", value);
}

// At most this many labels stand under a linear axis.
constexpr std::size_t kXLabelsMax = 4;
// Half the room that one takes: a date.
constexpr double kLabelHalf = 36;

std::string x_axis_html(const CurveChart& chart, const Range& range) {
  std::string html;
  const double base = kHeight - kBottom;
  if (chart.x_axis == Axis::kLinear) {
    const std::size_t step = (chart.x_labels.size() + kXLabelsMax - 1) / kXLabelsMax;
    for (std::size_t i = 0; i < chart.x_labels.size(); i += step) {
      const double x = x_of(static_cast<double>(i), range);
      // Centred below the edge it would be cut off.
      const bool at_edge = x > kWidth - kRight - kLabelHalf;
      html += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", x,
                          base + 17, at_edge ? "end" : "middle", html_text(chart.x_labels[i]));
    }
  }
  for (const double tick : range.ticks) {
    html += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/><text "
        "x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>",
        x_of(tick, range), kTop, base, base + 17, tick_text(tick));
  }
  return html + fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                            kWidth - kRight, kHeight - 8, html_text(chart.x_title));
}

std::string y_axis_html(const CurveChart& chart, const Range& range) {
  std::string html;
  for (const double tick : range.ticks) {
    html += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/><text x=\"{3}\" "
        "y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>",
        kLeft, kWidth - kRight, y_of(tick, range), kLeft - 7, y_of(tick, range) + 4,
        tick_text(tick));
  }
  return html + fmt::format(
                    "<text transform=\"translate(13 {}) rotate(-90)\" text-anchor=\"middle\">{}"
                    "</text>",
                    kTop + (kHeight - kTop - kBottom) / 2, html_text(chart.y_title));
}

std::string curve_html(const Curve& curve, const Range& xs, const Range& ys) {
  std::string line;
  std::string dots;
  for (const CurvePoint& point : curve.points) {
    const double x = x_of(point.x, xs);
    const double y = y_of(point.y, ys);
    line += fmt::format("{}{:.1f},{:.1f}", line.empty() ? "" : " ", x, y);
    const std::string look =
        point.marked ? fmt::format("class=\"mark\" d=\"M{:.1f} {:.1f}l7 12h-14z\"", x, y - 8)
                     : fmt::format(
                           "d=\"M{0:.1f} {1:.1f}m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z\" "
                           "style=\"fill:{2}\"",
                           x, y, curve.colour);
    dots += fmt::format("<path {}><title>{}</title></path>", look, html_text(point.label));
  }
  return fmt::format("<polyline class=\"curve\" style=\"stroke:{}\" points=\"{}\"/>{}",
                     curve.colour, line, dots);
}

}  // namespace

std::string ratio_chart_html(const std::vector<RatioRow>& rows) {
  if (rows.empty()) return {};
  const RatioAxis axis = axis_for(rows);
  std::string html = "<div class=\"ratio\">" + scale_html(axis);
  for (const RatioRow& row : rows) {
    html +=
        fmt::format("<div class=\"sep\"></div><div class=\"what\">{}</div><div class=\"tracks\">",
                    html_text(row.label));
    for (const RatioBar& bar : row.bars) html += track_html(bar, axis);
    html += "</div><div class=\"values\">";
    for (const RatioBar& bar : row.bars) {
      html +=
          fmt::format("<div><span class=\"dot\" style=\"background:{}\"></span>{}: {}</div>",
                      tool_colour(bar.peer), html_text(bar.peer), quickness_text(bar.ratio.value));
    }
    html += "</div>";
  }
  return html + "</div>\n";
}

std::string curve_chart_html(const CurveChart& chart) {
  const bool empty =
      std::ranges::all_of(chart.curves, [](const Curve& curve) { return curve.points.empty(); });
  if (empty) return {};
  const Range xs = range_of(chart, &CurvePoint::x, chart.x_axis);
  const Range ys = chart.y_axis == Axis::kLinear ? ratio_range(chart)
                                                 : range_of(chart, &CurvePoint::y, chart.y_axis);
  std::string html = fmt::format(
      "<figure><figcaption>{0}</figcaption><svg viewBox=\"0 0 {1} {2}\" role=\"img\" "
      "aria-label=\"{0}\">",
      html_text(chart.title), kWidth, kHeight);
  html += y_axis_html(chart, ys) + x_axis_html(chart, xs);
  for (const Curve& curve : chart.curves) html += curve_html(curve, xs, ys);
  html += "</svg><div class=\"legend\">";
  for (const Curve& curve : chart.curves) {
    html += fmt::format("<span><span class=\"dot\" style=\"background:{}\"></span>{}</span>",
                        curve.colour, html_text(curve.name));
  }
  return html + "</div></figure>\n";
}

}  // namespace robosync::parity
