#include "harness/run/system_calls.h"

#include <charconv>
#include <fstream>
#include <sstream>

namespace robosync::parity {
namespace {

// "% time", "seconds", "usecs/call", "calls", perhaps "errors", "syscall".
constexpr std::size_t kCallsColumn = 3;
constexpr std::size_t kColumnsMin = 5;

}  // namespace

std::vector<std::string> system_call_tracer(const std::string& file) {
  return {"strace", "-f", "-c", "-q", "-o", file};
}

std::optional<std::uint64_t> system_calls_counted(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) return std::nullopt;
  std::ostringstream text;
  text << stream.rdbuf();
  return sum_of_strace_table(text.str());
}

std::optional<std::uint64_t> sum_of_strace_table(std::string_view table) {
  std::istringstream lines{std::string(table)};
  std::optional<std::uint64_t> sum;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> columns;
    for (std::string word; words >> word;) columns.push_back(word);
    // The last row is the total, whose columns differ between versions: it is not needed.
    if (columns.size() < kColumnsMin || columns.back() == "total") continue;
    const std::string& calls = columns[kCallsColumn];
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(calls.data(), calls.data() + calls.size(), count);
    if (error != std::errc{} || end != calls.data() + calls.size()) continue;
    sum = sum.value_or(0) + count;
  }
  return sum;
}

}  // namespace robosync::parity
