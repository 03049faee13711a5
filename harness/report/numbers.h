// Numbers as people read them, for the pages and the tables. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace robosync::parity {

// "850 us", "152 ms", "6.94 s", "12 min 30 s"
[[nodiscard]] std::string seconds_text(double seconds);

// "512 B", "4.0 KiB", "1.5 GiB"
[[nodiscard]] std::string bytes_text(double bytes);

// "1,000,000"
[[nodiscard]] std::string count_text(std::uint64_t count);

// At most three digits that matter: "65,800", "41.2", "0.012"
[[nodiscard]] std::string figure_text(double value);

// A ratio of times in words: "4.0x quicker", "1.11x slower", "even" within a hundredth of 1.
[[nodiscard]] std::string quickness_text(double ratio);

}  // namespace robosync::parity
