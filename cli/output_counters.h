// The counters of a report by name: the one list from which --stats and --json are made, so that
// both show the same numbers and none is forgotten.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/sync.h"

namespace robosync::cli {

// A counter by kind of entry.
struct KindCounter {
  std::string_view name;   // in JSON
  std::string_view label;  // for people
  Counters::ByKind Counters::* field;
};

enum class CounterUnit : std::uint8_t { kEntries, kBytes };

struct PlainCounter {
  std::string_view name;
  std::string_view label;
  std::uint64_t Counters::* field;
  CounterUnit unit = CounterUnit::kEntries;
};

[[nodiscard]] std::span<const KindCounter> kind_counters();
[[nodiscard]] std::span<const PlainCounter> plain_counters();

// "3 files", "0", "12: 10 files, 2 directories".
[[nodiscard]] std::string kinds_in_words(const Counters::ByKind& kinds);

// "1 entry", "12,345 files".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

}  // namespace robosync::cli
