// Numbers for people: bytes, counts, rates, times. And RFC 3339 for machines.
//
// Pure; any thread. Nothing depends on the locale.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace robosync::cli {

// "1,234,567"
[[nodiscard]] std::string human_count(std::uint64_t count);

// "0 B", "1023 B", "1.5 KiB", "12.3 MiB", "123 GiB": three digits, powers of 1024.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

// human_bytes() and "/s".
[[nodiscard]] std::string human_rate(double bytes_per_second);

// How long something took: "0.04 s", "12.3 s", "2 min 05 s", "3 h 07 min".
[[nodiscard]] std::string human_duration(std::chrono::nanoseconds time);

// A clock that runs: "0:07", "12:34", "1:02:03", "2d 03:04:05".
[[nodiscard]] std::string clock_time(std::chrono::seconds time);

// "2024-05-06T07:08:09.123Z"
[[nodiscard]] std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace robosync::cli
