#include "harness/report/words.h"

#include <array>
#include <cstddef>

namespace robosync::parity {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 3> kCellStates = {"valid", "invalid", "unavailable"};
constexpr std::array<std::string_view, 5> kCheckOutcomes = {"pass", "fail", "differs",
                                                            "unsupported", "not_run"};

template <typename Enum, std::size_t kCount>
std::optional<Enum> enum_of(const std::array<std::string_view, kCount>& words,
                            std::string_view word) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (words.at(i) == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(CellState state) {
  return kCellStates.at(static_cast<std::size_t>(state));
}

std::optional<CellState> cell_state_of(std::string_view word) {
  return enum_of<CellState>(kCellStates, word);
}

std::string_view to_string(CheckOutcome outcome) {
  return kCheckOutcomes.at(static_cast<std::size_t>(outcome));
}

std::optional<CheckOutcome> check_outcome_of(std::string_view word) {
  return enum_of<CheckOutcome>(kCheckOutcomes, word);
}

}  // namespace robosync::parity
