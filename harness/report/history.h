// How the ratios moved over archived runs, with regressions marked. Pure functions; any thread.
//
// Runs of different machine classes are never compared: each class has trends of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/report/figures.h"
#include "harness/report/model.h"

namespace robosync::parity {

// A run regressed when its ratio is beyond this many times the median of those before it ...
inline constexpr double kTrendRegressionFactor = 1.25;
// ... of which the latest so many count.
inline constexpr std::size_t kTrendWindow = 5;

struct TrendPoint {
  std::string started_at;
  std::string commit;
  Ratio ratio;
  bool regressed = false;
};

// One cell of the subject against one peer on one machine class, oldest run first.
struct Trend {
  std::string machine_class;
  CellKey key;
  std::string peer;
  std::vector<TrendPoint> points;
};

// The trends of `subject` against `peer`, ordered by machine class and cell. Runs may come in any
// order. A dataset generated at another scale has a trend of its own: its files and bytes differ.
[[nodiscard]] std::vector<Trend> trends_of(const std::vector<Report>& runs,
                                           std::string_view subject, std::string_view peer);

// Trends of robosync against rsync (against robocopy where rsync was not measured).
[[nodiscard]] std::string render_history_html(const std::vector<Report>& runs);

}  // namespace robosync::parity
