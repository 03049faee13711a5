#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "harness/checks/checks.h"
#include "harness/commands.h"
#include "harness/judgement.h"
#include "harness/report/json.h"
#include "harness/run/adapters.h"
#include "harness/run/environment.h"
#include "harness/run/micro_benchmarks.h"
#include "harness/run/plan.h"
#include "harness/run/runner.h"
#include "harness/text_file.h"
#include "robosync/version.h"

namespace robosync::parity {
namespace {

using Clock = std::chrono::steady_clock;

// What /dev/shm must have free to be chosen by itself.
constexpr std::uint64_t kScratchBytesWanted = std::uint64_t{4} << 30U;
// Short: the figures are for orientation.
constexpr double kBenchMinTimeS = 0.05;

// robosync beside robosync-parity, however that was called; else the one in PATH.
std::string robosync_of(const RunWords& words, const Program& program) {
  if (!words.robosync.empty()) {
    const std::string found = find_program(words.robosync);
    return found.empty() ? words.robosync : found;
  }
  const std::filesystem::path self(find_program(program.self));
  if (self.empty()) return "robosync";
  std::filesystem::path beside = self;
  beside.replace_filename("robosync");
  beside.replace_extension(self.extension());
  return find_program(beside.string()).empty() ? "robosync" : beside.string();
}

template <typename T>
base::Result<void> replace_from(const std::vector<std::string>& names,
                                base::Result<T> (*read)(std::string_view), std::vector<T>& values) {
  if (names.empty()) return {};
  values.clear();
  for (const std::string& name : names) {
    ROBOSYNC_ASSIGN(T value, read(name));
    values.push_back(std::move(value));
  }
  return {};
}

// A cell is known by its dataset's name: one scale of each in a run.
base::Result<void> check_datasets(const std::vector<DatasetChoice>& choices) {
  for (auto choice = choices.begin(); choice != choices.end(); ++choice) {
    ROBOSYNC_TRY(find_dataset(choice->name));
    if (std::find_if(choices.begin(), choice, [&](const DatasetChoice& earlier) {
          return earlier.name == choice->name;
        }) == choice) {
      continue;
    }
    return base::fail(base::make_error(base::ErrorKind::kUsage,
                                       "the dataset " + choice->name + " is named twice"));
  }
  return {};
}

// What another machine is asked to show unless the words say otherwise.
void make_remote(Plan& plan) {
  plan.links = {std::string(kRemoteLink)};
  plan.routes = {Route::kPush};
  plan.tools = {"robosync-ssh", "rsync-ssh"};
}

base::Result<Plan> plan_of(const RunWords& words) {
  ROBOSYNC_ASSIGN(Plan plan, suite_plan(words.suite));
  if (!words.remote.empty()) make_remote(plan);
  if (!words.datasets.empty()) plan.only.clear();  // what is named is measured everywhere
  ROBOSYNC_TRY(replace_from(words.datasets, &dataset_choice, plan.datasets));
  ROBOSYNC_TRY(replace_from(words.routes, &route_of, plan.routes));
  ROBOSYNC_TRY(replace_from(words.phases, &phase_of, plan.phases));
  ROBOSYNC_TRY(check_datasets(plan.datasets));
  if (!words.tools.empty()) plan.tools = words.tools;
  if (!words.links.empty()) plan.links = words.links;
  for (const std::string& link : plan.links) {
    if (link == kRemoteLink && !words.remote.empty()) continue;
    if (std::ranges::find(link_names(), link) != link_names().end()) continue;
    return base::fail(
        base::make_error(base::ErrorKind::kUsage,
                         "no such link: " + link + " (there are localhost, 1gbe, 10gbe and wan)"));
  }
  if (words.repeat != 0) plan.repeat = words.repeat;
  if (words.minutes) plan.minutes_max = *words.minutes;
  plan.threads = words.threads;
  return plan;
}

base::Result<std::vector<std::unique_ptr<ToolAdapter>>> adapters_of(const Plan& plan,
                                                                    const std::string& robosync) {
  std::vector<std::unique_ptr<ToolAdapter>> tools;
  for (const std::string& name : plan.tools) {
    ROBOSYNC_ASSIGN(std::unique_ptr<ToolAdapter> tool, make_adapter(name, {.robosync = robosync}));
    tools.push_back(std::move(tool));
  }
  return tools;
}

// What is asked for by name and is not there is a mistake, not a gap in the report.
base::Result<void> require_robosync(const RunWords& words) {
  if (words.robosync.empty() || !find_program(words.robosync).empty()) return {};
  return base::fail(
      base::make_error(base::ErrorKind::kUsage, "there is no program " + words.robosync));
}

base::Result<void> check_semantics(const Runner& runner, Scratch& scratch, const RunWords& words,
                                   Program& program, Report& report) {
  ROBOSYNC_ASSIGN(const std::string folder, scratch.make_folder("checks"));
  std::size_t done = 0;
  report.checks =
      run_checks(program.executor, runner.all_tools(), report.tools,
                 {.scratch = folder, .only = words.checks, .routes = runner.plan().routes},
                 [&](const CheckResult& result) {
                   ++done;
                   if (result.outcome == CheckOutcome::kFail) {
                     program.err(fmt::format("check {} of {} failed: {}\n", result.check,
                                             result.column(), result.detail));
                   }
                 });
  program.err(fmt::format("{} checks\n", done));
  return {};
}

base::Result<void> measure_and_recheck(Runner& runner, const RunWords& words, Program& program,
                                       Report& report) {
  ROBOSYNC_TRY(runner.measure(report));
  if (words.policy.empty()) return {};
  ROBOSYNC_ASSIGN(const Judgement judgement,
                  read_judgement(words.policy, words.baseline, words.slack));
  const std::vector<CellToRemeasure> doubtful =
      cells_to_remeasure(report, judgement.baseline_or_null(), judgement.policy, judgement.options);
  if (doubtful.empty()) return {};
  program.err(
      fmt::format("{} cells would fail the gate and are measured again\n", doubtful.size()));
  return runner.measure_again(doubtful, report);
}

void add_warnings(Report& report) {
  report.environment.load_after = load_average();
  for (std::string& warning : warnings_of(report)) report.warnings.push_back(std::move(warning));
}

std::optional<RemoteHost> remote_of(const RunWords& words, const Program& program) {
  if (words.remote.empty()) return std::nullopt;
  return RemoteHost{.name = words.remote,
                    .ssh_config = words.ssh_config,
                    .parity = program.self,
                    .robosync = robosync_of(words, program)};
}

// Where the *_bench programs are; "" when none are to be run.
std::string bench_folder_of(const RunWords& words, const Plan& plan, const Program& program) {
  if (!words.bench_folder.empty() || !plan.micro_benchmarks) return words.bench_folder;
  return std::filesystem::path(find_program(program.self)).parent_path().string();
}

base::Result<void> run_benchmarks(const RunWords& words, const Plan& plan, Program& program,
                                  Report& report) {
  const std::string folder = bench_folder_of(words, plan, program);
  if (folder.empty()) return {};
  program.err("micro benchmarks\n");
  auto results = run_micro_benchmarks(program.executor, folder, kBenchMinTimeS);
  if (results) {
    report.micro_benchmarks = std::move(*results);
  } else if (words.bench_folder.empty() && results.error().kind == base::ErrorKind::kNotFound) {
    report.warnings.push_back("there are no micro benchmarks: " + results.error().message() +
                              "; build them, or say where they are with --bench-dir");
  } else {
    return base::fail(std::move(results).error());
  }
  return {};
}

bool has_samples(const Report& report) {
  return std::ranges::any_of(report.cells, [](const Cell& cell) { return !cell.samples.empty(); });
}

base::Error cancelled() {
  return base::make_error(base::ErrorKind::kCancelled, "no report was written");
}

// Everything between reading the words and writing the report. When the run is cancelled while it
// measures, what it has is in the report.
base::Result<void> fill_report(const RunWords& words, const Plan& plan, Program& program,
                               Report& report) {
  const Clock::time_point begun = Clock::now();
  ROBOSYNC_TRY(require_robosync(words));
  ROBOSYNC_ASSIGN(std::vector<std::unique_ptr<ToolAdapter>> tools,
                  adapters_of(plan, robosync_of(words, program)));
  ROBOSYNC_ASSIGN(Scratch scratch, Scratch::make(words.scratch, kScratchBytesWanted));
  report.environment = read_environment(scratch.path());
  const unsigned threads = std::max(2U, std::thread::hardware_concurrency());
  const std::unique_ptr<DatasetSource> datasets = make_dataset_source(words.seed, threads);
  const std::chrono::duration<double, std::ratio<60>> minutes(plan.minutes_max);
  Runner runner(
      plan, std::move(tools),
      {.executor = program.executor,
       .cleanup_executor = program.cleanup_executor,
       .datasets = *datasets,
       .scratch = scratch,
       .remote = remote_of(words, program),
       .progress = [&](const std::string& text) { program.err(text + "\n"); },
       .out_of_time = [=] { return minutes.count() > 0 && Clock::now() - begun > minutes; }});
  ROBOSYNC_TRY(runner.prepare(report));
  if (!words.without_checks) {
    ROBOSYNC_TRY(check_semantics(runner, scratch, words, program, report));
  }
  ROBOSYNC_TRY(run_benchmarks(words, plan, program, report));
  // The checks turn a cancelled command into "not run"; such a report is not to be written.
  if (program.cancellation.requested()) return base::fail(cancelled());
  if (plan.datasets.empty()) return {};
  return measure_and_recheck(runner, words, program, report);
}

// Said before minutes are spent on a report that could not be kept.
base::Result<void> require_folder_of(const std::string& report) {
  const std::filesystem::path folder = std::filesystem::path(report).parent_path();
  std::error_code code;
  if (folder.empty() || std::filesystem::is_directory(folder, code)) return {};
  return base::fail(base::make_error(base::ErrorKind::kUsage,
                                     "there is no folder " + folder.string() + " for the report"));
}

base::Result<int> report_on(const RunWords& words, const Plan& plan, Program& program) {
  const Clock::time_point begun = Clock::now();
  ROBOSYNC_TRY(require_folder_of(words.report));
  Report report;
  report.tool_version = version();
  report.commit = commit();
  report.suite = plan.suite;
  report.started_at = utc_now();
  const base::Result<void> filled = fill_report(words, plan, program, report);
  const bool interrupted = !filled && filled.error().kind == base::ErrorKind::kCancelled;
  if (!filled && !(interrupted && has_samples(report))) return base::fail(filled.error());
  if (interrupted)
    report.warnings.emplace_back("the run was interrupted: run it again for the rest");
  report.duration_s = std::chrono::duration<double>(Clock::now() - begun).count();
  add_warnings(report);
  ROBOSYNC_TRY(write_text_file(words.report, report_to_json(report)));
  for (const std::string& warning : report.warnings) program.err("warning: " + warning + "\n");
  const auto invalid = std::ranges::count_if(
      report.cells, [](const Cell& cell) { return cell.state == CellState::kInvalid; });
  program.out(fmt::format("{} cells ({} invalid), {} checks, {:.1f} s: {}\n", report.cells.size(),
                          invalid, report.checks.size(), report.duration_s, words.report));
  return interrupted ? kExitInterrupted : kExitOk;
}

}  // namespace

base::Result<int> run_command(const RunWords& words, Program& program) {
  ROBOSYNC_ASSIGN(const Plan plan, plan_of(words));
  return report_on(words, plan, program);
}

base::Result<int> check_command(const RunWords& words, Program& program) {
  ROBOSYNC_ASSIGN(const Plan ci, suite_plan("ci"));
  Plan plan{.suite = "check",
            .tools = words.tools.empty() ? ci.tools : words.tools,
            .routes = {Route::kLocal}};
  ROBOSYNC_TRY(replace_from(words.routes, &route_of, plan.routes));
  return report_on(words, plan, program);
}

}  // namespace robosync::parity
