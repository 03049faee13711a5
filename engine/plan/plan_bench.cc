// Planning a directory in which nothing has changed, the usual case of a sync.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "engine/plan/plan.h"

namespace robosync::plan {
namespace {

std::vector<tree::Entry> unchanged_entries(std::int64_t count) {
  std::vector<tree::Entry> entries;
  for (std::int64_t i = 0; i < count; ++i) {
    tree::Entry entry;
    entry.name = "file-" + std::to_string(1'000'000 + i) + ".dat";
    entry.metadata = {.kind = tree::Kind::kRegular,
                      .mode = 0644,
                      .size = 4096,
                      .mtime = {1'700'000'000 + i, 123}};
    entries.push_back(std::move(entry));
  }
  tree::sort_entries(entries);
  return entries;
}

void plan_unchanged(benchmark::State& state) {
  const std::vector<tree::Entry> source = unchanged_entries(state.range(0));
  const std::vector<tree::Entry> target = unchanged_entries(state.range(0));
  const Policy policy;
  for (auto _ : state) {
    const DirectoryPlan plan = plan_directory(source, target, policy);
    if (plan.entries.front().step != Step::kNothing || !plan.extras.empty()) {
      state.SkipWithError("something to do");
      break;
    }
    benchmark::DoNotOptimize(plan.entries.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(plan_unchanged)->Arg(1000);

}  // namespace
}  // namespace robosync::plan
