#include "harness/run/micro_benchmarks.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace robosync::parity {
namespace {

double in_nanoseconds(double time, const std::string& unit) {
  if (unit == "us") return time * 1e3;
  if (unit == "ms") return time * 1e6;
  return unit == "s" ? time * 1e9 : time;
}

}  // namespace

base::Result<std::vector<MicroBenchmark>> micro_benchmarks_of(std::string_view json) {
  const nlohmann::json document = nlohmann::json::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains("benchmarks") ||
      !document["benchmarks"].is_array()) {
    return base::fail(
        base::make_error(base::ErrorKind::kInvalid, "this is no output of Google Benchmark"));
  }
  std::vector<MicroBenchmark> results;
  for (const nlohmann::json& one : document["benchmarks"]) {
    if (!one.is_object() || one.value("error_occurred", false)) continue;
    const std::string unit = one.value("time_unit", "ns");
    results.push_back({.name = one.value("name", ""),
                       .real_time_ns = in_nanoseconds(one.value("real_time", 0.0), unit),
                       .cpu_time_ns = in_nanoseconds(one.value("cpu_time", 0.0), unit),
                       .iterations = one.value("iterations", std::uint64_t{0})});
  }
  return results;
}

base::Result<std::vector<MicroBenchmark>> run_micro_benchmarks(Executor& executor,
                                                               const std::string& folder,
                                                               double min_time_s) {
  namespace fs = std::filesystem;
  std::vector<std::string> programs;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().stem().string().ends_with("_bench")) programs.push_back(at->path().string());
  }
  if (error || programs.empty()) {
    return base::fail(
        base::make_error(base::ErrorKind::kNotFound, "no *_bench programs in " + folder));
  }
  std::ranges::sort(programs);
  std::vector<MicroBenchmark> all;
  for (const std::string& program : programs) {
    ROBOSYNC_ASSIGN(const Finished finished,
                    executor.run({.words = {program, "--benchmark_format=json",
                                            fmt::format("--benchmark_min_time={}", min_time_s)}}));
    if (finished.exit_code != 0) {
      return base::fail(
          base::make_error(base::ErrorKind::kIo,
                           fmt::format("{} ends with exit code {}", program, finished.exit_code)));
    }
    ROBOSYNC_ASSIGN(std::vector<MicroBenchmark> results, micro_benchmarks_of(finished.out));
    all.insert(all.end(), results.begin(), results.end());
  }
  return all;
}

}  // namespace robosync::parity
