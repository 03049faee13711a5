#include "harness/report/figures.h"

#include <algorithm>
#include <span>

namespace robosync::parity {
namespace {

std::vector<double> wall_times(const Cell& cell) {
  std::vector<double> times;
  times.reserve(cell.samples.size());
  for (const Sample& sample : cell.samples) times.push_back(sample.wall_s);
  return times;
}

// The median of what `get` takes from each sample; 0 of no samples.
template <typename Get>
double sample_median(const Cell& cell, Get get) {
  std::vector<double> values;
  values.reserve(cell.samples.size());
  for (const Sample& sample : cell.samples) values.push_back(static_cast<double>(get(sample)));
  return median(values).value_or(0);
}

}  // namespace

CellKey key_of(const Cell& cell) {
  return {.dataset = cell.dataset, .link = cell.link, .route = cell.route, .phase = cell.phase};
}

std::string to_string(const CellKey& key) {
  return key.dataset + " " + key.phase + " " + key.route + " " + key.link;
}

const Cell* find_cell(const Report& report, const CellKey& key, std::string_view tool) {
  for (const Cell& cell : report.cells) {
    if (cell.tool == tool && key_of(cell) == key) return &cell;
  }
  return nullptr;
}

bool scores(const Cell& cell) {
  return cell.state == CellState::kValid && !cell.samples.empty() &&
         std::ranges::all_of(cell.samples, [](const Sample& sample) {
           return sample.verified && sample.wall_s > 0;
         });
}

CellFigures figures_of(const Cell& cell) {
  if (!scores(cell)) return {};
  CellFigures figures;
  figures.wall_s = spread_of(wall_times(cell));
  figures.user_s = sample_median(cell, [](const Sample& s) { return s.user_s; });
  figures.system_s = sample_median(cell, [](const Sample& s) { return s.system_s; });
  figures.peak_rss_bytes = sample_median(cell, [](const Sample& s) { return s.peak_rss_bytes; });
  figures.wire_bytes =
      sample_median(cell, [](const Sample& s) { return s.wire_bytes.value_or(0); });
  const double seconds = figures.wall_s.median;
  figures.files_per_s = static_cast<double>(cell.files) / seconds;
  figures.bytes_per_s = static_cast<double>(cell.bytes) / seconds;
  if (cell.files > 0) figures.us_per_file = seconds * 1e6 / static_cast<double>(cell.files);
  figures.noisy = is_noisy(figures.wall_s);
  return figures;
}

std::vector<PeerRatio> peer_ratios(const Report& report, const Cell& cell) {
  if (!scores(cell)) return {};
  const CellKey key = key_of(cell);
  const std::vector<double> own = wall_times(cell);
  std::vector<PeerRatio> ratios;
  for (const Cell& other : report.cells) {
    if (other.tool == cell.tool || key_of(other) != key || !scores(other)) continue;
    if (const auto ratio = ratio_of(own, wall_times(other))) {
      ratios.push_back({.peer = other.tool, .ratio = *ratio});
    }
  }
  return ratios;
}

std::optional<Ratio> ratio_to(const Report& report, const CellKey& key, std::string_view tool,
                              std::string_view peer) {
  const Cell* const own = find_cell(report, key, tool);
  const Cell* const other = find_cell(report, key, peer);
  if (own == nullptr || other == nullptr || !scores(*own) || !scores(*other)) return std::nullopt;
  return ratio_of(wall_times(*own), wall_times(*other));
}

}  // namespace robosync::parity
