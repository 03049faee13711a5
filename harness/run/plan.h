// Plan: what a run measures. A suite is a named plan; the command line changes parts of it.
// Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "harness/run/tool.h"

namespace robosync::parity {

// More rounds than this are refused.
inline constexpr unsigned kRepeatMax = 1000;

struct DatasetChoice {
  std::string name;
  double scale = 1;
};

// A link over which, or a tool with which, only some of the plan's datasets are measured: it is
// slow, or it does the same work as another but for the transport.
struct OnlyDatasets {
  std::string link_or_tool;
  std::vector<std::string> datasets;
};

struct Plan {
  std::string suite;
  std::vector<DatasetChoice> datasets;
  std::vector<std::string> tools;
  std::vector<std::string> links;
  std::vector<OnlyDatasets> only;  // of links and tools that are not here: every dataset
  std::vector<Route> routes;
  std::vector<Phase> phases;
  unsigned repeat = 5;       // rounds that count; one more comes before them
  unsigned threads = 0;      // of tools that take a number; 0 is each tool's own choice
  bool system_calls = true;  // counts them where strace is installed
  double minutes_max = 0;    // what is not measured by then is left out, with that reason; 0: none
  bool micro_benchmarks = false;

  [[nodiscard]] bool measures(std::string_view dataset, std::string_view link_or_tool) const;
};

// "smoke", "ci", "full", "release".
[[nodiscard]] const std::vector<std::string>& suite_names();

// kUsage, naming those there are, for an unknown name.
[[nodiscard]] base::Result<Plan> suite_plan(std::string_view name);

// "small-10k" or "small-10k@0.2": a name and what it is scaled by. kUsage for a scale that is not
// above zero.
[[nodiscard]] base::Result<DatasetChoice> dataset_choice(std::string_view text);

// "local", "push", "pull"; kUsage for others.
[[nodiscard]] base::Result<Route> route_of(std::string_view name);

// "first", "noop", "incremental", "mirror"; kUsage for others.
[[nodiscard]] base::Result<Phase> phase_of(std::string_view name);

}  // namespace robosync::parity
