#include "harness/run/runner.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "harness/report/figures.h"
#include "harness/run/arena.h"
#include "harness/run/source_chain.h"

namespace robosync::parity {
namespace {

constexpr double kMib = 1048576;
constexpr const char* kInterrupted = "the run was interrupted before this was measured";
constexpr const char* kOutOfTime =
    "the run's time was used up before this was measured (--minutes)";

// Cells of the report with the same key and tool get the new samples, others are added.
void merge(std::vector<Cell> measured, Report& report) {
  for (Cell& cell : measured) {
    const auto same = std::ranges::find_if(report.cells, [&](const Cell& other) {
      return other.tool == cell.tool && key_of(other) == key_of(cell);
    });
    if (same == report.cells.end()) {
      report.cells.push_back(std::move(cell));
      continue;
    }
    same->samples.insert(same->samples.end(), cell.samples.begin(), cell.samples.end());
    if (same->state == CellState::kValid && cell.state == CellState::kInvalid) {
      same->state = cell.state;
      same->reason = cell.reason;
    }
  }
}

// A dataset is generated once in a run, so that one record of it is enough.
void add_record(const DatasetChoice& choice, const Generated& generated, Report& report) {
  if (std::ranges::any_of(report.datasets,
                          [&](const DatasetRecord& one) { return one.name == choice.name; })) {
    return;
  }
  report.datasets.push_back({.name = choice.name,
                             .scale = generated.scale,
                             .seed = generated.seed,
                             .files = generated.files,
                             .directories = generated.directories,
                             .bytes = generated.bytes,
                             .profile = generated.profile,
                             .digest = generated.digest,
                             .digest_matches_spec = generated.digest_matches_spec.value_or(true)});
  if (generated.digest_matches_spec.has_value() && !*generated.digest_matches_spec) {
    report.warnings.push_back(fmt::format(
        "the dataset {} has another digest than its spec expects: its generator has changed, so "
        "its figures cannot be compared with earlier runs; put the new digest into the spec if the "
        "change is meant",
        choice.name));
  }
}

}  // namespace

std::uint64_t space_needed(const DatasetSummary& dataset, std::size_t tools) {
  const double trees = static_cast<double>(kSourceStates + tools);
  const double tree =
      static_cast<double>(dataset.bytes) + static_cast<double>(dataset.files * kSpacePerFile);
  return static_cast<std::uint64_t>(tree * trees * kSpaceReserve);
}

Runner::Runner(Plan plan, std::vector<std::unique_ptr<ToolAdapter>> tools, RunnerParts parts)
    : plan_(std::move(plan)), tools_(std::move(tools)), parts_(std::move(parts)) {}

void Runner::say(const std::string& text) const {
  if (parts_.progress) parts_.progress(text);
}

std::vector<const ToolAdapter*> Runner::all_tools() const {
  std::vector<const ToolAdapter*> tools;
  tools.reserve(tools_.size());
  for (const auto& tool : tools_) tools.push_back(tool.get());
  return tools;
}

std::vector<const ToolAdapter*> Runner::available_tools() const {
  std::vector<const ToolAdapter*> tools;
  for (std::size_t i = 0; i < probed_.size(); ++i) {
    if (probed_[i].available) tools.push_back(tools_[i].get());
  }
  return tools;
}

base::Result<void> Runner::prepare(Report& report) {
  ROBOSYNC_ASSIGN(const std::string folder, parts_.scratch.make_folder("probe"));
  for (const auto& tool : tools_) {
    probed_.push_back(tool->probe(parts_.executor, folder));
    report.tools.push_back(probed_.back());
  }
  ROBOSYNC_TRY(remove_tree(folder));
  for (const std::string& name : plan_.links) {
    std::unique_ptr<NetworkLink> link;
    if (parts_.remote && name == kRemoteLink) {
      link = make_remote_link(*parts_.remote, parts_.cleanup_executor);
    } else {
      ROBOSYNC_ASSIGN(link, make_link(name, parts_.cleanup_executor));
    }
    report.links.push_back(link->record);
    links_.push_back(std::move(link));
  }
  return {};
}

// The local route needs no link: it is measured on localhost alone.
std::vector<Runner::Lane> Runner::lanes_of(const DatasetChoice& choice) const {
  std::vector<Lane> lanes;
  for (const auto& link : links_) {
    if (!plan_.measures(choice.name, link->record.name)) continue;
    for (const Route route : plan_.routes) {
      if (route == Route::kLocal && link->record.name != "localhost") continue;
      Lane lane{.link = link.get(), .route = route, .phases = plan_.phases, .tools = all_tools()};
      std::erase_if(lane.tools, [&](const ToolAdapter* tool) {
        return !plan_.measures(choice.name, tool->name());
      });
      lanes.push_back(std::move(lane));
    }
  }
  return lanes;
}

base::Result<void> Runner::measure(Report& report) {
  base::Result<void> done;
  for (const DatasetChoice& choice : plan_.datasets) {
    const std::vector<Lane> lanes = lanes_of(choice);
    if (done) done = measure_dataset(choice, lanes, report);
    if (done) continue;
    if (done.error().kind != base::ErrorKind::kCancelled) break;
    for (const Lane& lane : lanes) add_unavailable(choice, lane, lane.tools, kInterrupted, report);
  }
  return done;
}

void Runner::add_unavailable(const DatasetChoice& choice, const Lane& lane,
                             const std::vector<const ToolAdapter*>& tools,
                             const std::string& reason, Report& report) const {
  std::vector<Cell> cells;
  for (const Phase phase : lane.phases) {
    for (const ToolAdapter* tool : tools) {
      cells.push_back({.tool = tool->name(),
                       .dataset = choice.name,
                       .link = lane.link->record.name,
                       .route = std::string(to_string(lane.route)),
                       .phase = std::string(to_string(phase)),
                       .state = CellState::kUnavailable,
                       .reason = reason});
    }
  }
  merge(std::move(cells), report);
}

base::Result<void> Runner::measure_dataset(const DatasetChoice& choice,
                                           const std::vector<Lane>& lanes, Report& report) {
  if (lanes.empty()) return {};
  if (out_of_time()) {
    for (const Lane& lane : lanes) add_unavailable(choice, lane, lane.tools, kOutOfTime, report);
    return {};
  }
  ROBOSYNC_ASSIGN(const DatasetSummary summary, parts_.datasets.summarize(choice));
  ROBOSYNC_ASSIGN(const std::uint64_t free, parts_.scratch.free_bytes());
  const std::uint64_t needed = space_needed(summary, available_tools().size());
  if (needed > free) {
    const std::string reason = fmt::format(
        "{} at scale {} needs {:.0f} MiB of scratch space and {} has {:.0f} MiB free: choose "
        "another folder with --scratch, or a smaller scale",
        choice.name, choice.scale, static_cast<double>(needed) / kMib, parts_.scratch.path(),
        static_cast<double>(free) / kMib);
    say(reason);
    for (const Lane& lane : lanes) add_unavailable(choice, lane, lane.tools, reason, report);
    return {};
  }
  say(fmt::format("{}: generating {} files, {:.0f} MiB, in three states", choice.name,
                  summary.files, static_cast<double>(summary.bytes) / kMib));
  ROBOSYNC_ASSIGN(const std::string folder, parts_.scratch.make_folder(choice.name));
  ROBOSYNC_ASSIGN(SourceChain sources,
                  SourceChain::make(parts_.datasets, choice, folder, kVerifyThreads));
  add_record(choice, sources.generated(), report);
  for (const Lane& lane : lanes) ROBOSYNC_TRY(measure_lane(choice, lane, sources, report));
  return remove_tree(folder);
}

std::string Runner::obstacle(const Lane& lane, std::size_t tool) const {
  if (!probed_[tool].available) return probed_[tool].reason;
  if (lane.link->far_side() == nullptr) return {};
  if (lane.route != Route::kPush) return "to another machine only pushes are measured";
  if (tools_[tool]->reaches_by_shell()) return {};
  return "this harness does not know how to run it on another machine over ssh";
}

base::Result<void> Runner::measure_lane(const DatasetChoice& choice, const Lane& lane,
                                        SourceChain& sources, Report& report) {
  if (out_of_time()) {
    add_unavailable(choice, lane, lane.tools, kOutOfTime, report);
    return {};
  }
  if (!lane.link->record.available) {
    add_unavailable(choice, lane, lane.tools, lane.link->record.reason, report);
    return {};
  }
  std::vector<const ToolAdapter*> able;
  for (std::size_t i = 0; i < tools_.size(); ++i) {
    const ToolAdapter* const tool = tools_[i].get();
    if (std::ranges::find(lane.tools, tool) == lane.tools.end()) continue;
    const std::string reason = obstacle(lane, i);
    if (!reason.empty()) {
      add_unavailable(choice, lane, {tool}, reason, report);
    } else {
      able.push_back(tool);
    }
  }
  if (able.empty()) return {};
  const std::string where =
      fmt::format("{} {} {}", choice.name, lane.link->record.name, to_string(lane.route));
  const ArenaSetting setting{
      .executor = parts_.executor,
      .scratch = parts_.scratch,
      .link = *lane.link,
      .sources = sources,
      .route = lane.route,
      .tools = able,
      .phases = lane.phases,
      .rounds = plan_.repeat,
      .threads = plan_.threads,
      .system_calls = plan_.system_calls,
      .out_of_time = parts_.out_of_time,
      .progress = [this, &where](const std::string& text) { say(where + ": " + text); }};
  ROBOSYNC_ASSIGN(std::vector<Cell> cells, measure_arena(setting));
  for (Cell& cell : cells) {
    cell.dataset = choice.name;
    cell.link = lane.link->record.name;
    cell.route = to_string(lane.route);
  }
  merge(std::move(cells), report);
  return {};
}

base::Result<void> Runner::measure_again(const std::vector<CellToRemeasure>& cells,
                                         Report& report) {
  for (const DatasetChoice& choice : plan_.datasets) {
    std::vector<Lane> again;
    for (Lane lane : lanes_of(choice)) {
      std::set<std::string> phases;
      std::set<std::string> tools;
      for (const CellToRemeasure& cell : cells) {
        if (cell.key.dataset != choice.name || cell.key.link != lane.link->record.name ||
            cell.key.route != to_string(lane.route)) {
          continue;
        }
        phases.insert(cell.key.phase);
        tools.insert(cell.tools.begin(), cell.tools.end());
      }
      std::erase_if(lane.phases,
                    [&](Phase phase) { return !phases.contains(std::string(to_string(phase))); });
      std::erase_if(lane.tools,
                    [&](const ToolAdapter* tool) { return !tools.contains(tool->name()); });
      if (!lane.phases.empty() && !lane.tools.empty()) again.push_back(std::move(lane));
    }
    if (again.empty()) continue;
    say(choice.name + ": measured again, since its ratios would fail the gate");
    ROBOSYNC_TRY(measure_dataset(choice, again, report));
  }
  return {};
}

}  // namespace robosync::parity
