// The values that options take, parsed: sizes, rates, ages, seconds, counts, the deletion limit.
//
// Every function fails with kUsage and a message that quotes the text and says what is accepted.
// Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "engine/sync.h"

namespace robosync::cli {

inline constexpr unsigned kThreadsMax = 256;
inline constexpr unsigned kRetriesMax = 1000;
inline constexpr std::chrono::hours kRetryWaitMax{24};

// rsync's sizes: digits, perhaps a fraction, perhaps a unit (K, M, G, T, P and KiB ... are powers
// of 1024, KB ... of 1000, B is bytes; any case), perhaps +1 or -1 for a byte more or less.
// A number without a unit counts `unit_bytes`.
[[nodiscard]] base::Result<std::uint64_t> parse_size(std::string_view text,
                                                     std::uint64_t unit_bytes = 1);

// A size per second, in KiB when it has no unit; 0 is no limit, and nothing else is rounded to 0.
[[nodiscard]] base::Result<std::uint64_t> parse_rate(std::string_view text);

// A number, perhaps with a fraction, of seconds (s, the default), minutes (m), hours (h), days (d)
// or weeks (w).
[[nodiscard]] base::Result<std::chrono::nanoseconds> parse_age(std::string_view text);

// A number of seconds, perhaps with a fraction; no unit.
[[nodiscard]] base::Result<std::chrono::nanoseconds> parse_seconds(std::string_view text);

// A whole number from 0 to `max`.
[[nodiscard]] base::Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t max);

// "100" entries or "12.5%" of the target's entries.
[[nodiscard]] base::Result<DeleteLimit> parse_delete_limit(std::string_view text);

}  // namespace robosync::cli
