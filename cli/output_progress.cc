#include "cli/output_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/output_units.h"

namespace robosync::cli {
namespace {

constexpr std::size_t kBarMin = 10;
constexpr std::size_t kBarMax = 40;
constexpr std::size_t kGap = 2;
// A terminal may wrap when its last column is written, and it echoes ^C behind the bar.
constexpr std::size_t kReserved = 3;

// One piece of the line; the higher the rank, the longer it stays when the terminal is narrow.
struct Piece {
  std::string text;
  int rank = 0;
};

std::chrono::seconds whole_seconds(const ProgressState& state) {
  return std::chrono::duration_cast<std::chrono::seconds>(state.elapsed);
}

std::vector<Piece> scanning_pieces(const ProgressState& state) {
  return {
      {"scanning", 5},
      {human_count(state.entries_done) + " entries", 4},
      {human_bytes(state.bytes_done), 3},
      {human_rate(state.bytes_per_second), 1},
      {clock_time(whole_seconds(state)), 2},
  };
}

std::vector<Piece> known_pieces(const ProgressState& state) {
  const std::string entries_total = human_count(state.entries_total);
  // Padded, so that the bar does not change its length all the time.
  std::vector<Piece> pieces = {
      {fmt::format("{:3}%", percent_of(state)), 6},
      {fmt::format("{:>8}/{}", human_bytes(state.bytes_done), human_bytes(state.bytes_total)), 5},
      {fmt::format("{:>{}}/{} entries", human_count(state.entries_done), entries_total.size(),
                   entries_total),
       2},
      {fmt::format("{:>10}", human_rate(state.bytes_per_second)), 3},
      {clock_time(whole_seconds(state)), 1},
  };
  if (state.remaining) pieces.push_back({"ETA " + clock_time(*state.remaining), 4});
  return pieces;
}

std::size_t joined_length(const std::vector<Piece>& pieces) {
  std::size_t length = 0;
  for (const Piece& piece : pieces) length += piece.text.size() + kGap;
  return length < kGap ? 0 : length - kGap;
}

std::string joined(const std::vector<Piece>& pieces) {
  std::string line;
  for (const Piece& piece : pieces) {
    if (!line.empty()) line.append(kGap, ' ');
    line += piece.text;
  }
  return line;
}

void drop_until_fits(std::vector<Piece>& pieces, std::size_t room) {
  while (pieces.size() > 1 && joined_length(pieces) > room) {
    pieces.erase(std::ranges::min_element(pieces, {}, &Piece::rank));
  }
}

std::string bar(double fraction, std::size_t inner) {
  const auto filled =
      std::min(static_cast<std::size_t>(fraction * static_cast<double>(inner)), inner);
  std::string text(filled, '=');
  if (filled < inner) text += '>';
  text.resize(inner, ' ');
  return "[" + text + "]";
}

}  // namespace

int percent_of(const ProgressState& state) { return static_cast<int>(state.fraction * 100); }

std::string progress_bar(const ProgressState& state, std::size_t columns) {
  const std::size_t room = columns > kReserved ? columns - kReserved : 0;
  std::vector<Piece> pieces = state.total_known ? known_pieces(state) : scanning_pieces(state);
  drop_until_fits(pieces, room);
  std::string line = joined(pieces);
  const std::size_t taken = line.size() + kGap + 2;  // 2: the brackets
  if (state.total_known && room >= taken + kBarMin) {
    line = bar(state.fraction, std::min(room - taken, kBarMax)) + std::string(kGap, ' ') + line;
  }
  if (line.size() > room) line.resize(room);
  return line;
}

std::string progress_line(const ProgressState& state) {
  const std::string rate = human_rate(state.bytes_per_second);
  const std::string elapsed = clock_time(whole_seconds(state));
  if (!state.total_known) {
    return fmt::format("progress: scanning, {} entries, {}, {}, {} elapsed",
                       human_count(state.entries_done), human_bytes(state.bytes_done), rate,
                       elapsed);
  }
  std::string line =
      fmt::format("progress: {}%, {} of {}, {} of {} entries, {}, {} elapsed", percent_of(state),
                  human_bytes(state.bytes_done), human_bytes(state.bytes_total),
                  human_count(state.entries_done), human_count(state.entries_total), rate, elapsed);
  if (state.remaining) line += fmt::format(", {} left", clock_time(*state.remaining));
  return line;
}

}  // namespace robosync::cli
