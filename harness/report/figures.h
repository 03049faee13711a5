// What is derived from a report's cells: medians, throughput, and ratios to the peers measured in
// the same run. The JSON shows these figures, and the gate and the pages work on them; they are
// always computed from the samples, never read back. Pure functions; any thread.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/report/model.h"
#include "harness/report/statistics.h"

namespace robosync::parity {

// The tool that reports are about: pages compare it with every other.
inline constexpr std::string_view kSubject = "robosync";

// Where tools meet: the cells with the same key are measured in one interleaved run.
struct CellKey {
  std::string dataset;
  std::string link;
  std::string route;
  std::string phase;

  friend auto operator<=>(const CellKey&, const CellKey&) = default;
};

[[nodiscard]] CellKey key_of(const Cell& cell);

// "small-100k first local localhost", for people.
[[nodiscard]] std::string to_string(const CellKey& key);

// The cell of a tool, or null.
[[nodiscard]] const Cell* find_cell(const Report& report, const CellKey& key,
                                    std::string_view tool);

// True when the cell may be scored: valid, with at least one sample, every sample verified and of
// more than zero seconds.
[[nodiscard]] bool scores(const Cell& cell);

// Of a cell that scores; all zero for any other.
struct CellFigures {
  Spread wall_s;
  double user_s = 0;  // medians
  double system_s = 0;
  double peak_rss_bytes = 0;
  double wire_bytes = 0;  // 0 where it was not counted
  double files_per_s = 0;
  double bytes_per_s = 0;
  double us_per_file = 0;  // wall time
  bool noisy = false;
};

[[nodiscard]] CellFigures figures_of(const Cell& cell);

// How one cell compares with that of another tool. Below 1, the cell is quicker.
struct PeerRatio {
  std::string peer;
  Ratio ratio;
};

// Against every other tool that scores under the same key, in the report's order. Empty for a cell
// that does not score.
[[nodiscard]] std::vector<PeerRatio> peer_ratios(const Report& report, const Cell& cell);

// Against one peer; nothing where either does not score.
[[nodiscard]] std::optional<Ratio> ratio_to(const Report& report, const CellKey& key,
                                            std::string_view tool, std::string_view peer);

}  // namespace robosync::parity
