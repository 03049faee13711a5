#include "harness/merge_reports.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/report/figures.h"

namespace robosync::parity {
namespace {

// Adds those whose name is new.
template <typename T>
void add_named(std::vector<T>& all, const std::vector<T>& more) {
  for (const T& one : more) {
    const bool known =
        std::ranges::any_of(all, [&](const T& other) { return other.name == one.name; });
    if (!known) all.push_back(one);
  }
}

// A limit holds for a scale, so one name must not stand for two trees.
base::Result<void> check_same_trees(const std::vector<DatasetRecord>& all,
                                    const std::vector<DatasetRecord>& more) {
  for (const DatasetRecord& one : more) {
    const auto other = std::ranges::find(all, one.name, &DatasetRecord::name);
    if (other == all.end() || (other->scale == one.scale && other->seed == one.seed)) continue;
    return base::fail(base::make_error(
        base::ErrorKind::kUsage,
        "two reports have the dataset " + one.name + " at another scale or from another seed"));
  }
  return {};
}

template <typename T>
void append(std::vector<T>& all, std::vector<T>& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

base::Result<Report> merge_reports(std::vector<Report> reports) {
  Report merged = std::move(reports.front());
  for (std::size_t i = 1; i < reports.size(); ++i) {
    Report& more = reports[i];
    ROBOSYNC_TRY(check_same_trees(merged.datasets, more.datasets));
    for (const Cell& cell : more.cells) {
      const bool twice = std::ranges::any_of(
          merged.cells, [&](const Cell& other) { return key_of(other) == key_of(cell); });
      if (twice) {
        return base::fail(base::make_error(base::ErrorKind::kUsage,
                                           "two reports have the cell " + to_string(key_of(cell)) +
                                               ": runs are not compared on one page; use history"));
      }
    }
    for (const CheckResult& check : more.checks) {
      const bool twice = std::ranges::any_of(merged.checks, [&](const CheckResult& other) {
        return other.check == check.check && other.column() == check.column();
      });
      if (!twice) merged.checks.push_back(check);
    }
    append(merged.cells, more.cells);
    add_named(merged.tools, more.tools);
    add_named(merged.links, more.links);
    add_named(merged.datasets, more.datasets);
    add_named(merged.micro_benchmarks, more.micro_benchmarks);
    append(merged.warnings, more.warnings);
    merged.duration_s += more.duration_s;
  }
  return merged;
}

}  // namespace robosync::parity
