#include "harness/run/plan.h"

#include <algorithm>
#include <cstdlib>

#include "harness/run/adapters.h"
#include "harness/run/link.h"

namespace robosync::parity {
namespace {

constexpr double kScaleMax = 1000;
constexpr double kFullMinutes = 75;

base::Error usage(std::string text) {
  return base::make_error(base::ErrorKind::kUsage, std::move(text));
}

std::vector<Phase> all_phases() {
  return {Phase::kFirst, Phase::kNoop, Phase::kIncremental, Phase::kMirror};
}

// Under a minute: enough to see that everything works and that nothing is grossly slow.
Plan smoke() {
  return {.suite = "smoke",
          .datasets = {{"tiny", 1}, {"small-10k", 0.2}},
          .tools = {"robosync", "rsync", "cp"},
          .links = {"localhost"},
          .routes = {Route::kLocal},
          .phases = all_phases(),
          .repeat = 3};
}

// Under ten minutes on two processors.
Plan ci() {
  return {.suite = "ci",
          .datasets = {{"small-10k", 1},
                       {"source-tree", 0.5},
                       {"mixed", 0.1},
                       {"large-1", 0.0625},
                       {"wide", 0.1},
                       {"deep", 1},
                       {"links", 1},
                       {"vm-image", 0.0625}},
          .tools = {"robosync", "rsync", "robocopy", "cp", "rclone"},
          .links = {"localhost"},
          .routes = {Route::kLocal},
          .phases = all_phases(),
          .repeat = 3,
          .micro_benchmarks = true};
}

// Everything that one machine can show, in three quarters of an hour on two processors.
Plan full() {
  return {.suite = "full",
          .datasets = {{"small-10k", 1},
                       {"small-100k", 1},
                       {"source-tree", 1},
                       {"mixed", 1},
                       {"large-1", 0.25},
                       {"large-8", 0.25},
                       {"wide", 1},
                       {"deep", 1},
                       {"names", 1},
                       {"links", 1},
                       {"vm-image", 0.5},
                       {"photos", 1}},
          .tools = adapter_names(),
          .links = link_names(),
          // A gigabyte takes nine seconds over 1gbe and minutes over wan. The transports are
          // compared where they matter most; rclone takes several times as long as the others.
          .only = {{"1gbe", {"small-10k", "large-1"}},
                   {"10gbe", {"small-10k", "source-tree", "large-1"}},
                   {"wan", {"names"}},
                   {"robosync-tls", {"small-10k", "large-1", "names"}},
                   {"robosync-ssh", {"small-10k", "large-1", "names"}},
                   {"rsync-ssh", {"small-10k", "large-1", "names"}},
                   {"rclone", {"small-10k", "source-tree", "large-1", "names", "links"}}},
          .routes = {Route::kLocal, Route::kPush, Route::kPull},
          .phases = all_phases(),
          .repeat = 3,
          .minutes_max = kFullMinutes,
          .micro_benchmarks = true};
}

Plan release() {
  Plan plan = full();
  plan.suite = "release";
  plan.datasets.push_back({"small-1m", 1});
  plan.repeat = 11;
  plan.minutes_max = 0;
  return plan;
}

}  // namespace

bool Plan::measures(std::string_view dataset, std::string_view link_or_tool) const {
  const auto limited = std::ranges::find(only, link_or_tool, &OnlyDatasets::link_or_tool);
  return limited == only.end() ||
         std::ranges::find(limited->datasets, dataset) != limited->datasets.end();
}

const std::vector<std::string>& suite_names() {
  static const std::vector<std::string> kNames = {"smoke", "ci", "full", "release"};
  return kNames;
}

base::Result<Plan> suite_plan(std::string_view name) {
  if (name == "smoke") return smoke();
  if (name == "ci") return ci();
  if (name == "full") return full();
  if (name == "release") return release();
  return base::fail(
      usage("no such suite: " + std::string(name) + " (there are smoke, ci, full and release)"));
}

base::Result<DatasetChoice> dataset_choice(std::string_view text) {
  const std::size_t at = text.find('@');
  DatasetChoice choice{.name = std::string(text.substr(0, at))};
  if (at == std::string_view::npos) return choice;
  // Not std::from_chars: libc++ has none for numbers with a fraction before version 20.
  const std::string scale(text.substr(at + 1));
  char* end = nullptr;
  choice.scale = std::strtod(scale.c_str(), &end);
  if (scale.empty() || end != scale.c_str() + scale.size() || !(choice.scale > 0) ||
      choice.scale > kScaleMax) {
    return base::fail(
        usage("the scale in " + std::string(text) + " must be a number above 0 and at most 1000"));
  }
  return choice;
}

base::Result<Route> route_of(std::string_view name) {
  for (const Route route : {Route::kLocal, Route::kPush, Route::kPull}) {
    if (to_string(route) == name) return route;
  }
  return base::fail(
      usage("no such route: " + std::string(name) + " (there are local, push and pull)"));
}

base::Result<Phase> phase_of(std::string_view name) {
  for (const Phase phase : all_phases()) {
    if (to_string(phase) == name) return phase;
  }
  return base::fail(usage("no such phase: " + std::string(name) +
                          " (there are first, noop, incremental and mirror)"));
}

}  // namespace robosync::parity
