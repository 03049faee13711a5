// Counting a program's system calls with strace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace robosync::parity {

// The words to put before a command so that its calls, and those of all that it starts, are counted
// into `file`.
[[nodiscard]] std::vector<std::string> system_call_tracer(const std::string& file);

// The sum of strace's table; nothing when there is no such table.
[[nodiscard]] std::optional<std::uint64_t> system_calls_counted(const std::string& file);
[[nodiscard]] std::optional<std::uint64_t> sum_of_strace_table(std::string_view table);

}  // namespace robosync::parity
