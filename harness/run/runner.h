// The runner: a plan in, the measured part of a report out. It probes the tools, makes the links,
// generates each dataset once and measures it over every link and route (arena.h).
//
// What cannot be measured is a cell with its reason, never an error: a tool that is missing, a link
// that cannot be made, a dataset that does not fit. An error says that the run is cancelled or that
// the harness itself failed. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "harness/report/gate.h"
#include "harness/report/model.h"
#include "harness/run/dataset_source.h"
#include "harness/run/link.h"
#include "harness/run/plan.h"
#include "harness/run/process.h"
#include "harness/run/remote_link.h"
#include "harness/run/scratch.h"
#include "harness/run/source_chain.h"
#include "harness/run/tool.h"

namespace robosync::parity {

// A dataset is measured where its bytes fit so many times more than the trees that stand at the
// same time: files take whole blocks, folders take room, too.
inline constexpr double kSpaceReserve = 1.2;
inline constexpr std::uint64_t kSpacePerFile = 4096;

// What stands at the same time for a dataset: the source's states and a target for each tool.
[[nodiscard]] std::uint64_t space_needed(const DatasetSummary& dataset, std::size_t tools);

struct RunnerParts {
  Executor& executor;
  Executor& cleanup_executor;  // obeys no cancellation
  DatasetSource& datasets;
  Scratch& scratch;
  std::optional<RemoteHost> remote;                  // of the link "remote"
  std::function<void(const std::string&)> progress;  // may be empty
  std::function<bool()> out_of_time;                 // may be empty: there is time enough
};

class Runner {
 public:
  Runner(Plan plan, std::vector<std::unique_ptr<ToolAdapter>> tools, RunnerParts parts);

  // Probes tools and makes links, into `report`. Call first, once.
  [[nodiscard]] base::Result<void> prepare(Report& report);
  // Measures all cells of the plan, into `report`. When the run is cancelled or out of time, what
  // is missing is in the report as unavailable; cancelled, it fails all the same.
  [[nodiscard]] base::Result<void> measure(Report& report);
  // Measures these cells again, in interleaved rounds, and appends the samples to theirs.
  [[nodiscard]] base::Result<void> measure_again(const std::vector<CellToRemeasure>& cells,
                                                 Report& report);

  [[nodiscard]] const Plan& plan() const { return plan_; }
  // Those that prepare() found available, in the order of the plan.
  [[nodiscard]] std::vector<const ToolAdapter*> available_tools() const;
  // All, in the order of the plan.
  [[nodiscard]] std::vector<const ToolAdapter*> all_tools() const;

 private:
  struct Lane {
    NetworkLink* link = nullptr;
    Route route = Route::kLocal;
    std::vector<Phase> phases;
    std::vector<const ToolAdapter*> tools;
  };

  [[nodiscard]] std::vector<Lane> lanes_of(const DatasetChoice& choice) const;
  [[nodiscard]] base::Result<void> measure_dataset(const DatasetChoice& choice,
                                                   const std::vector<Lane>& lanes, Report& report);
  [[nodiscard]] base::Result<void> measure_lane(const DatasetChoice& choice, const Lane& lane,
                                                SourceChain& sources, Report& report);
  [[nodiscard]] bool out_of_time() const { return parts_.out_of_time && parts_.out_of_time(); }
  // Why the lane cannot be measured with this tool; "" when it can.
  [[nodiscard]] std::string obstacle(const Lane& lane, std::size_t tool) const;
  void add_unavailable(const DatasetChoice& choice, const Lane& lane,
                       const std::vector<const ToolAdapter*>& tools, const std::string& reason,
                       Report& report) const;
  void say(const std::string& text) const;

  Plan plan_;
  std::vector<std::unique_ptr<ToolAdapter>> tools_;
  std::vector<Tool> probed_;  // as tools_
  std::vector<std::unique_ptr<NetworkLink>> links_;
  RunnerParts parts_;
};

}  // namespace robosync::parity
