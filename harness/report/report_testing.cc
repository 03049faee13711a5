#include "harness/report/report_testing.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace robosync::parity {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

// How the rounds of a real run scatter: a disturbed one, and the rest within a few hundredths.
constexpr std::array<double, 5> kScatter = {1.00, 1.03, 0.98, 1.11, 0.99};

Environment sample_environment() {
  return {.host = "bench-1",
          .machine_class = "linux-x86_64-2cpu",
          .os = "Debian GNU/Linux 12 (bookworm)",
          .kernel = "6.1.0-18-amd64",
          .cpu = "AMD EPYC 7R13 Processor",
          .processors = 2,
          .memory_bytes = 8192 * kMiB,
          .scratch_path = "/dev/shm/parity-\xFF",
          .scratch_file_system = "tmpfs",
          .load_before = 0.12,
          .load_after = 1.9};
}

std::vector<Tool> sample_tools() {
  return {{.name = "robosync",
           .available = true,
           .reason = "",
           .version = "robosync 0.1.0 (5a4be42)",
           .path = "/usr/local/bin/robosync",
           .flags = "mirror --quiet",
           .fairness = "the program under test, with its defaults"},
          {.name = "rsync",
           .available = true,
           .reason = "",
           .version = "rsync  version 3.2.7  protocol version 31",
           .path = "/usr/bin/rsync",
           .flags = "-a --delete",
           .fairness = "the same metadata; no -c and no fsync, as robosync by default"},
          {.name = "cp",
           .available = true,
           .reason = "",
           .version = "cp (GNU coreutils) 9.1",
           .path = "/usr/bin/cp",
           .flags = "-a",
           .fairness = "first copies only: it neither compares nor deletes"},
          {.name = "rclone",
           .available = true,
           .reason = "",
           .version = "rclone v1.60.1-DEV",
           .path = "/usr/bin/rclone",
           .flags = "sync --links --metadata --transfers 8",
           .fairness = "the metadata it can keep, and as many workers as robosync has"},
          {.name = "robocopy",
           .available = false,
           .reason = "its self-test ended with 53 instead of 1: no real robocopy on this system",
           .version = "",
           .path = "",
           .flags = "/MIR /COPY:DAT /DCOPY:DAT /MT:8",
           .fairness = "the same metadata and thread count"}};
}

std::vector<Link> sample_links() {
  return {{.name = "localhost",
           .available = true,
           .emulated = false,
           .reason = "",
           .description = "one file system, no network"},
          {.name = "10gbe",
           .available = true,
           .emulated = true,
           .reason = "",
           .description = "network namespaces, 10 Gbit/s, 0.1 ms, cubic"},
          {.name = "wan",
           .available = false,
           .emulated = true,
           .reason = "the kernel has no netem module; modprobe sch_netem as root",
           .description = "50 ms, 1 % loss"}};
}

struct DatasetShape {
  std::string_view name;
  std::uint64_t files, directories, bytes;
};

constexpr std::array<DatasetShape, 6> kShapes = {{
    {"small-10k", 10'000, 101, 10'000 * 4096ULL},
    {"small-100k", 100'000, 1'001, 100'000 * 4096ULL},
    {"small-1m", 1'000'000, 10'001, 1'000'000 * 4096ULL},
    {"source-tree", 62'000, 4'180, 1'150 * kMiB},
    {"large-1", 1, 1, 4096 * kMiB},
    {"mixed", 50'001, 512, 612 * kMiB},
}};

std::vector<DatasetRecord> sample_datasets() {
  std::vector<DatasetRecord> records;
  records.reserve(kShapes.size());
  for (const DatasetShape& shape : kShapes) {
    records.push_back({.name = std::string(shape.name),
                       .scale = 1,
                       .seed = 7,
                       .files = shape.files,
                       .directories = shape.directories,
                       .bytes = shape.bytes,
                       .profile = "posix",
                       .digest = "3f1c9a5e00d1b2c3",
                       .digest_matches_spec = shape.name != "mixed"});
  }
  return records;
}

// Median seconds of each tool; 0 where it has no such cell.
struct CellTimes {
  std::string_view dataset, link, route, phase;
  double robosync, rsync, cp, rclone;
};

constexpr std::array<CellTimes, 16> kTimes = {{
    {"small-10k", "localhost", "local", "first", 0.152, 0.61, 0.31, 3.9},
    {"small-10k", "localhost", "local", "noop", 0.031, 0.098, 0, 0.4},
    {"small-10k", "localhost", "local", "incremental", 0.061, 0.18, 0, 1.2},
    {"small-100k", "localhost", "local", "first", 1.63, 6.94, 3.38, 41},
    {"small-100k", "localhost", "local", "noop", 0.29, 0.75, 0, 4.2},
    {"small-100k", "localhost", "local", "incremental", 0.52, 1.42, 0, 9.1},
    {"small-100k", "localhost", "local", "mirror", 0.48, 1.13, 0, 8.7},
    {"small-1m", "localhost", "local", "first", 17.4, 74.2, 36.0, 0},
    {"small-1m", "localhost", "local", "noop", 3.4, 8.1, 0, 0},
    {"source-tree", "localhost", "local", "first", 1.92, 5.6, 3.1, 27},
    {"source-tree", "localhost", "local", "noop", 0.24, 0.66, 0, 3.0},
    {"large-1", "localhost", "local", "first", 1.31, 4.02, 1.18, 2.9},
    {"mixed", "localhost", "local", "first", 1.02, 4.1, 2.2, 19},
    {"small-10k", "10gbe", "push", "first", 0.83, 1.49, 0, 5.85},
    {"small-10k", "10gbe", "pull", "first", 0.29, 0.37, 0, 5.0},
    {"large-1", "10gbe", "push", "first", 4.3, 4.1, 0, 6.2},
}};

Cell sample_cell(const CellTimes& times, std::string_view tool, double seconds) {
  const auto shape = std::ranges::find(kShapes, times.dataset, &DatasetShape::name);
  Cell cell = {.tool = std::string(tool),
               .dataset = std::string(times.dataset),
               .link = std::string(times.link),
               .route = std::string(times.route),
               .phase = std::string(times.phase),
               .state = CellState::kValid,
               .reason = "",
               .command = std::string(tool) + " ... \"$SOURCE/\" \"$TARGET/\"",
               .samples = {},
               .system_calls_per_file = {},
               .files = shape->files,
               .bytes = shape->bytes};
  if (tool == "robosync" && times.phase == "first") cell.system_calls_per_file = 7.2;
  // Tools are disturbed at different times.
  std::size_t round = tool.size() + times.dataset.size();
  for (std::size_t i = 0; i < kScatter.size(); ++i) {
    const double wall = seconds * kScatter.at(round++ % kScatter.size());
    Sample sample = {.wall_s = wall,
                     .user_s = wall * 0.3,
                     .system_s = wall * 1.2,
                     .peak_rss_bytes = 21 * kMiB,
                     .wire_bytes = {},
                     .verified = true,
                     .problem = ""};
    if (times.link != "localhost") sample.wire_bytes = shape->bytes + shape->bytes / 50;
    cell.samples.push_back(sample);
  }
  return cell;
}

std::vector<Cell> sample_cells(double factor) {
  std::vector<Cell> cells;
  for (const CellTimes& times : kTimes) {
    cells.push_back(sample_cell(times, "robosync", times.robosync * factor));
    cells.push_back(sample_cell(times, "rsync", times.rsync));
    if (times.cp > 0) cells.push_back(sample_cell(times, "cp", times.cp));
    if (times.rclone > 0) cells.push_back(sample_cell(times, "rclone", times.rclone));
  }
  Cell invalid =
      sample_cell({"source-tree", "localhost", "local", "mirror", 0, 0, 0, 0}, "rclone", 12.5);
  invalid.state = CellState::kInvalid;
  invalid.reason = "the tree differs: empty folders are missing";
  for (Sample& sample : invalid.samples) {
    sample.verified = false;
    sample.problem = "docs/empty: not there";
  }
  cells.push_back(invalid);
  Cell missing =
      sample_cell({"small-10k", "localhost", "local", "first", 0, 0, 0, 0}, "robocopy", 1);
  missing.state = CellState::kUnavailable;
  missing.reason = "robocopy is not available";
  missing.samples.clear();
  cells.push_back(missing);
  return cells;
}

// Outcomes of robosync, rsync, cp and rclone, one letter each: pass, fail, differs, unsupported,
// not run.
struct CheckRow {
  std::string_view check, title, outcomes;
};

constexpr std::array<CheckRow, 24> kChecks = {{
    {"mtime.file.ns", "A file's time arrives to the nanosecond", "pppp"},
    {"mtime.directory.ns", "A folder's time arrives to the nanosecond", "pppd"},
    {"mtime.link.ns", "A link's own time arrives", "pppf"},
    {"mtime.before_1970", "A time before 1970 arrives", "pppp"},
    {"mtime.after_2038", "A time after 2038 arrives", "pppp"},
    {"mtime.fat_window", "On FAT, two seconds are no difference", "nnnn"},
    {"symlink.relative", "A relative link keeps its text", "pppp"},
    {"symlink.absolute", "An absolute link keeps its text", "pppp"},
    {"symlink.dangling", "A link to nothing is copied", "pppp"},
    {"symlink.escaping", "A link out of the tree is copied, not followed", "dppp"},
    {"symlink.loop", "A loop of links ends", "pppp"},
    {"mode.bits", "Permission bits arrive", "pppp"},
    {"mode.read_only", "A read-only file is replaced", "ppff"},
    {"mirror.extra_file", "An extra file goes", "ppup"},
    {"mirror.extra_folder", "An extra folder goes", "ppup"},
    {"mirror.file_replaces_folder", "A file takes the place of a folder", "ppup"},
    {"mirror.empty_source", "An empty source deletes nothing", "pduf"},
    {"mirror.unreadable_source", "An unreadable source folder deletes nothing", "pduf"},
    {"hardlink.kept", "Hard links stay one file", "pppu"},
    {"sparse.kept", "Holes stay holes", "pdpu"},
    {"names.odd_bytes", "Names that are not UTF-8 arrive", "pppf"},
    {"names.case_collision", "Names that differ in case alone stay two", "pppp"},
    {"content.same_size_and_time", "Other content of the same size and time is seen", "dduf"},
    {"second_run.nothing", "A second run transfers nothing", "ppup"},
}};

std::vector<CheckResult> sample_checks() {
  constexpr std::array<std::string_view, 4> kTools = {"robosync", "rsync", "cp", "rclone"};
  std::vector<CheckResult> results;
  for (const CheckRow& row : kChecks) {
    for (std::size_t i = 0; i < kTools.size(); ++i) {
      CheckResult result = {.check = std::string(row.check),
                            .title = std::string(row.title),
                            .tool = std::string(kTools.at(i)),
                            .outcome = CheckOutcome::kPass,
                            .detail = ""};
      switch (row.outcomes.at(i)) {
        case 'f':
          result.outcome = CheckOutcome::kFail;
          result.detail =
              "caf\xE9/<img src=x onerror=alert(1)>: 1999-12-31T23:59:59Z instead of "
              "1969-12-31T23:59:59.5Z";
          break;
        case 'd':
          result.outcome = CheckOutcome::kDiffers;
          result.detail = "expected: kept; seen: left to an option (--checksum)";
          break;
        case 'u':
          result.outcome = CheckOutcome::kUnsupported;
          result.detail = "the tool has no such mode";
          break;
        case 'n':
          result.outcome = CheckOutcome::kNotRun;
          result.detail = "no FAT volume can be mounted here: run it as root";
          break;
        default:
          break;
      }
      results.push_back(result);
    }
  }
  return results;
}

}  // namespace

Cell timed_cell(std::string_view tool, std::string_view dataset, std::string_view phase,
                const std::vector<double>& wall_s) {
  Cell cell;
  cell.tool = tool;
  cell.dataset = dataset;
  cell.link = "localhost";
  cell.route = "local";
  cell.phase = phase;
  cell.state = CellState::kValid;
  cell.files = 1000;
  cell.bytes = 4'096'000;
  for (const double seconds : wall_s) {
    Sample sample;
    sample.wall_s = seconds;
    sample.user_s = seconds / 4;
    sample.system_s = seconds / 2;
    sample.peak_rss_bytes = kMiB;
    sample.verified = true;
    cell.samples.push_back(sample);
  }
  return cell;
}

CheckResult check_result(std::string_view check, std::string_view tool, CheckOutcome outcome,
                         std::string_view detail) {
  return {.check = std::string(check),
          .title = "About " + std::string(check),
          .tool = std::string(tool),
          .outcome = outcome,
          .detail = std::string(detail)};
}

Report sample_report() { return sample_report_at("2026-03-04T05:06:07Z", "5a4be42c0ffee", 1); }

Report sample_report_at(std::string_view started_at, std::string_view commit, double factor) {
  Report report;
  report.tool_version = "0.1.0";
  report.commit = commit;
  report.suite = "full";
  report.started_at = started_at;
  report.duration_s = 1834.2;
  report.environment = sample_environment();
  report.tools = sample_tools();
  report.links = sample_links();
  report.datasets = sample_datasets();
  report.cells = sample_cells(factor);
  report.checks = sample_checks();
  report.micro_benchmarks = {
      {.name = "Scan/small-10k", .real_time_ns = 8.1e6, .cpu_time_ns = 7.9e6, .iterations = 87}};
  report.warnings = {
      "the one-minute load was 1.9 at the end: run again on a quiet machine",
      "<b>mixed</b>: the tree's digest is not the spec's; regenerate it, or update the spec"};
  return report;
}

}  // namespace robosync::parity
