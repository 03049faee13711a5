#include "harness/run/arena.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "harness/run/system_calls.h"
#include "harness/run/version_probe.h"
#include "harness/run/warm_memory.h"

namespace robosync::parity {
namespace {

constexpr std::array kChain = {Phase::kFirst, Phase::kNoop, Phase::kIncremental, Phase::kMirror};
constexpr std::size_t kDifferencesShown = 3;
constexpr unsigned kRoundsMin = 2;  // the warm-up and one that counts
constexpr std::uint64_t kMemoryPerFile = std::uint64_t{8} * 1024;  // a page that is not full, inode
constexpr std::uint64_t kMemoryOfProcesses = std::uint64_t{128} * 1024 * 1024;

// One tool's place in the arena.
struct Contender {
  const ToolAdapter* tool = nullptr;
  Server server;              // of push and pull
  std::string server_fault;   // why there is none
  std::string targets;        // the folder in which its targets are made
  std::string target;         // of this round
  bool target_right = false;  // the last run left the right tree
  bool given_up = false;      // ran into the timeout: not tried again
};

std::string replaced(std::string text, const std::string& what, std::string_view with) {
  for (std::size_t at = 0; !what.empty() && (at = text.find(what, at)) != std::string::npos;) {
    text.replace(at, what.size(), with);
    at += with.size();
  }
  return text;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text.append(text.empty() ? "" : "; ").append(line);
  return text;
}

// As run, with $SOURCE and $TARGET for the roots, so that it is the same in every round.
std::string shown(const Command& command, const Job& job) {
  std::string text = replaced(to_text(command), job.source, "$SOURCE");
  text = replaced(std::move(text), job.target, "$TARGET");
  // A path that had to be quoted needs it no more.
  text = replaced(std::move(text), "'$SOURCE'", "$SOURCE");
  text = replaced(std::move(text), "'$TARGET'", "$TARGET");
  if (job.route == Route::kPull) {
    return replaced(std::move(text), "/" + path_at(job.server, job.source), "/$SOURCE");
  }
  if (job.route == Route::kPush) {
    return replaced(std::move(text), "/" + path_at(job.server, job.target), "/$TARGET");
  }
  return text;
}

class Arena {
 public:
  explicit Arena(const ArenaSetting& setting) : s_(setting) {
    for (const Phase phase : s_.phases) {
      for (const ToolAdapter* tool : s_.tools) {
        Cell cell;
        cell.tool = tool->name();
        cell.phase = to_string(phase);
        cell.files = s_.sources.generated().files;
        cell.bytes = s_.sources.generated().bytes;
        cell.reason = tool->unavailable(s_.route, phase);
        cell.state = cell.reason.empty() ? CellState::kValid : CellState::kUnavailable;
        cells_.push_back(std::move(cell));
      }
    }
  }

  base::Result<std::vector<Cell>> measure() {
    for (const ToolAdapter* tool : s_.tools) ROBOSYNC_TRY(enter(*tool));
    const auto late = [this] { return s_.out_of_time && s_.out_of_time(); };
    for (unsigned round = 0; round <= s_.rounds; ++round) {
      if (round >= kRoundsMin && late()) break;
      ROBOSYNC_TRY(take_round(round));
    }
    if (s_.system_calls && !late()) ROBOSYNC_TRY(trace());
    for (Contender& contender : contenders_) ROBOSYNC_TRY(remove(contender.targets));
    for (Cell& cell : cells_) conclude(cell);
    return std::move(cells_);
  }

 private:
  // Where the targets are, if that is another machine.
  [[nodiscard]] FarSide* far() const { return s_.link.far_side(); }

  [[nodiscard]] base::Result<void> remove(const std::string& path) const {
    return far() ? far()->remove(path) : remove_tree(path);
  }

  // Gives a tool its folder and starts its server.
  base::Result<void> enter(const ToolAdapter& tool) {
    Contender contender{.tool = &tool};
    const std::string name = "target-" + tool.name();
    ROBOSYNC_ASSIGN(contender.targets,
                    far() ? far()->make_folder(name) : s_.scratch.make_folder(name));
    if (s_.route != Route::kLocal) {
      ServerPlace place{.route = s_.route, .host = s_.link.server_host};
      place.root = s_.route == Route::kPush ? contender.targets : s_.sources.folder();
      place.prefix = s_.link.server_prefix;
      if (far()) {
        place.shell = far()->shell();
        place.programs = far()->programs();
      }
      ROBOSYNC_ASSIGN(place.scratch, s_.scratch.make_folder("server-" + tool.name()));
      base::Result<Server> server = tool.unavailable(s_.route, Phase::kFirst).empty()
                                        ? tool.start_server(place, s_.executor)
                                        : Server{};
      if (server) {
        contender.server = std::move(*server);
      } else if (server.error().kind == base::ErrorKind::kCancelled) {
        return base::fail(std::move(server).error());
      } else {
        contender.server_fault = server.error().message();
      }
    }
    contenders_.push_back(std::move(contender));
    return {};
  }

  // Round 0 warms up.
  base::Result<void> take_round(unsigned round) {
    std::vector<Contender*> order;
    order.reserve(contenders_.size());
    for (Contender& contender : contenders_) order.push_back(&contender);
    if (round % 2 == 1) std::ranges::reverse(order);
    for (Contender* contender : order) {
      contender->target = fmt::format("{}/round-{}", contender->targets, round);
      contender->target_right = true;
    }
    for (const Phase phase : kChain) {
      if (!is_needed(phase)) continue;
      if (s_.progress) {
        s_.progress(fmt::format("{}{}", to_string(phase),
                                round == 0 ? ", warm-up" : fmt::format(", round {}", round)));
      }
      for (Contender* contender : order) ROBOSYNC_TRY(take_turn(*contender, phase, round > 0));
    }
    for (Contender* contender : order) ROBOSYNC_TRY(remove(contender->target));
    return {};
  }

  // A phase that is not recorded is done all the same where a later one builds upon it, and a no-op
  // is followed by the incremental copy, which shows whether it left out too much.
  [[nodiscard]] bool is_needed(Phase phase) const {
    const auto recorded = [this](Phase one) {
      return std::ranges::find(s_.phases, one) != s_.phases.end();
    };
    switch (phase) {
      case Phase::kFirst:
        return true;
      case Phase::kNoop:
        return recorded(Phase::kNoop);
      case Phase::kIncremental:
        return recorded(Phase::kIncremental) || recorded(Phase::kNoop) || recorded(Phase::kMirror);
      case Phase::kMirror:
        return recorded(Phase::kMirror);
    }
    return false;
  }

  base::Result<void> take_turn(Contender& contender, Phase phase, bool counts) {
    if (contender.given_up || !contender.tool->unavailable(s_.route, phase).empty()) return {};
    Cell* cell = find(contender, phase);
    if (!contender.target_right) {
      if (counts && cell != nullptr) {
        cell->samples.push_back({.problem = "the phase before it left a wrong tree"});
      }
      return {};
    }
    ROBOSYNC_ASSIGN(const Sample sample, take_sample(contender, phase, cell, {}));
    contender.target_right = sample.verified;
    if (!sample.verified && phase == Phase::kIncremental) doubt_noop(contender, sample, counts);
    // A warm-up is not timed, but what it leaves has to be right.
    if (!sample.verified && !counts && !contender.given_up && cell != nullptr) {
      cell->state = CellState::kInvalid;
      cell->reason = "in the warm-up: " + sample.problem;
    }
    if (counts && cell != nullptr) cell->samples.push_back(sample);
    return {};
  }

  // What the copy after a no-op got wrong, the no-op may have hidden.
  void doubt_noop(const Contender& contender, const Sample& sample, bool counts) {
    Cell* noop = find(contender, Phase::kNoop);
    if (!counts || noop == nullptr || noop->samples.empty()) return;
    noop->samples.back().verified = false;
    noop->samples.back().problem =
        "the copy after it, when the source had changed, left a wrong tree: " + sample.problem;
  }

  [[nodiscard]] base::Result<Job> job_of(const Contender& contender, Phase phase) {
    Job job{.verb = verb_of(phase), .route = s_.route};
    ROBOSYNC_ASSIGN(job.source, s_.sources.turn_to(phase));
    job.target = contender.target;
    job.server = contender.server.address;
    job.threads = s_.threads;
    return job;
  }

  // What a run touches: a new tree, and the processes' own memory.
  [[nodiscard]] std::uint64_t memory_wanted(Phase phase) const {
    const Generated& dataset = s_.sources.generated();
    if (phase != Phase::kFirst) return kMemoryOfProcesses;
    return dataset.bytes + dataset.files * kMemoryPerFile + kMemoryOfProcesses;
  }

  // `tracer` is put before the command.
  base::Result<Sample> take_sample(Contender& contender, Phase phase, Cell* cell,
                                   const std::vector<std::string>& tracer) {
    Sample sample;
    sample.problem = contender.server_fault;
    if (!sample.problem.empty()) return sample;
    ROBOSYNC_ASSIGN(const Job job, job_of(contender, phase));
    base::Result<Command> command = contender.tool->command(job);
    if (!command) {
      sample.problem = command.error().message();
      return sample;
    }
    if (cell != nullptr && cell->command.empty()) {
      cell->command = shown(*command, job);
    }
    command->prefix = s_.link.client_prefix;
    command->prefix.insert(command->prefix.end(), tracer.begin(), tracer.end());
    if (!tracer.empty()) command->timeout_s = kTracedTimeS;
    if (far() == nullptr) warm_memory(memory_wanted(phase));
    const base::Result<std::uint64_t> wire_before = s_.link.wire_bytes();
    base::Result<Finished> finished = s_.executor.run(*command);
    const base::Result<std::uint64_t> wire_after = s_.link.wire_bytes();
    if (!finished) {
      if (finished.error().kind == base::ErrorKind::kCancelled) {
        return base::fail(std::move(finished).error());
      }
      sample.problem = finished.error().message();
      return sample;
    }
    sample.wall_s = finished->wall_s;
    sample.user_s = finished->user_s;
    sample.system_s = finished->system_s;
    sample.peak_rss_bytes = finished->peak_rss_bytes;
    if (wire_before && wire_after) sample.wire_bytes = *wire_after - *wire_before;
    contender.given_up = finished->timed_out && tracer.empty();
    sample.problem = problem_of(contender, phase, job, *finished);
    sample.verified = sample.problem.empty();
    return sample;
  }

  // "" when the tool says it succeeded and the target is right.
  [[nodiscard]] std::string problem_of(const Contender& contender, Phase phase, const Job& job,
                                       const Finished& finished) const {
    if (finished.timed_out) return fmt::format("ended after {:.0f} s", finished.wall_s);
    if (!contender.tool->succeeded(finished)) {
      return fmt::format("exit code {}: {}", finished.exit_code,
                         first_line(finished.err.empty() ? finished.out : finished.err));
    }
    if (far()) return far_problem_of(contender, phase, job);
    const base::Result<TreeImage> found = read_tree_image(job.target, kVerifyThreads);
    if (!found) return "the target cannot be read: " + found.error().message();
    if (!found->shared_outside.empty()) {
      return found->shared_outside + " is the same file as one outside the target";
    }
    return joined(differences(s_.sources.expected(phase), *found, contender.tool->kept(job),
                              kDifferencesShown));
  }

  // Of a tree on another machine only the digest is known here.
  [[nodiscard]] std::string far_problem_of(const Contender& contender, Phase phase,
                                           const Job& job) const {
    const Aspects kept = contender.tool->kept(job);
    const base::Result<std::string> found = far()->digest(job.target, kept);
    if (!found) return "the target cannot be read: " + found.error().message();
    const std::string expected = tree_digest(s_.sources.expected(phase), kept);
    if (*found == expected) return {};
    return fmt::format("the tree there has the digest {}, not {}", *found, expected);
  }

  // One more first copy and no-op of each tool, traced and not timed; no count where that takes too
  // long.
  base::Result<void> trace() {
    if (find_program("strace").empty() || s_.route != Route::kLocal ||
        s_.sources.generated().files > kTracedFilesMax || s_.sources.generated().files == 0) {
      return {};
    }
    for (Contender& contender : contenders_) {
      if (contender.given_up) continue;
      contender.target = contender.targets + "/traced";
      for (const Phase phase : {Phase::kFirst, Phase::kNoop}) {
        Cell* cell = find(contender, phase);
        if (!contender.tool->unavailable(s_.route, phase).empty()) continue;
        const std::string file = contender.targets + "/calls";
        ROBOSYNC_ASSIGN(const Sample sample,
                        take_sample(contender, phase, nullptr, system_call_tracer(file)));
        const std::optional<std::uint64_t> calls = system_calls_counted(file);
        if (!sample.verified || !calls) break;
        if (cell == nullptr) continue;
        cell->system_calls_per_file =
            static_cast<double>(*calls) / static_cast<double>(s_.sources.generated().files);
      }
    }
    return {};
  }

  // The cell of a recorded phase, else null.
  Cell* find(const Contender& contender, Phase phase) {
    const auto found = std::ranges::find_if(cells_, [&](const Cell& cell) {
      return cell.tool == contender.tool->name() && cell.phase == to_string(phase);
    });
    return found == cells_.end() ? nullptr : &*found;
  }

  static void conclude(Cell& cell) {
    if (cell.state == CellState::kUnavailable) return;
    for (const Sample& sample : cell.samples) {
      if (sample.verified) continue;
      cell.state = CellState::kInvalid;
      cell.reason = sample.problem;
      return;
    }
    if (!cell.samples.empty() || cell.state == CellState::kInvalid) return;
    cell.state = CellState::kInvalid;
    cell.reason = "it was not measured: the warm-up did not end in time";
  }

  const ArenaSetting& s_;
  std::vector<Cell> cells_;
  std::vector<Contender> contenders_;
};

}  // namespace

base::Result<std::vector<Cell>> measure_arena(const ArenaSetting& setting) {
  return Arena(setting).measure();
}

}  // namespace robosync::parity
