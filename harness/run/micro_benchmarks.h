// Runs the Google Benchmark programs of a build folder and takes their results into a report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "harness/report/model.h"
#include "harness/run/process.h"

namespace robosync::parity {

// Of every program in `folder` whose name ends in "_bench". `min_time_s` is how long each benchmark
// runs at least.
[[nodiscard]] base::Result<std::vector<MicroBenchmark>> run_micro_benchmarks(
    Executor& executor, const std::string& folder, double min_time_s);

// Reads --benchmark_format=json. kInvalid for what is not.
[[nodiscard]] base::Result<std::vector<MicroBenchmark>> micro_benchmarks_of(std::string_view json);

}  // namespace robosync::parity
