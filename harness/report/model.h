// What a parity report holds: plain values, no behaviour. json.h reads and writes them; gate.h,
// html.h, markdown.h and history.h judge and show them. The format is described by
// reports/schema/parity-report.schema.json.
//
// Times are seconds, sizes are bytes, unless the name says otherwise. Names that are identifiers
// (suites, tools, datasets, links, routes, phases, checks) are short lower-case words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace robosync::parity {

inline constexpr int kReportSchema = 1;

// The machine and how it was set up.
struct Environment {
  std::string host;
  // What baselines are kept for: "<os>-<architecture>-<processors>cpu", e.g. "linux-x86_64-2cpu".
  std::string machine_class;
  std::string os;      // with its version
  std::string kernel;  // release
  std::string cpu;     // model name
  unsigned processors = 0;
  std::uint64_t memory_bytes = 0;
  std::string scratch_path;
  std::string scratch_file_system;  // "tmpfs", "ext4", ...
  double load_before = 0;           // one-minute load average; 0 where there is none
  double load_after = 0;
};

struct Tool {
  std::string name;  // "robosync", "rsync", "robocopy", "cp", "rclone"
  bool available = false;
  std::string reason;   // why it is not available
  std::string version;  // its own first line
  std::string path;
  std::string flags;     // what it is run with, for the reader
  std::string fairness;  // why those flags are the fair equivalent
};

struct Link {
  std::string name;  // "localhost", "1gbe", "10gbe", "wan", "remote"
  bool available = false;
  bool emulated = false;
  std::string reason;       // why it is not available
  std::string description;  // rate, delay, loss, congestion control
};

struct DatasetRecord {
  std::string name;
  double scale = 1;
  std::uint64_t seed = 0;
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;
  std::string profile;  // which capability profile the digest is of
  std::string digest;   // of the generated tree
  // False when the spec names a digest for this scale and seed and the tree has another.
  bool digest_matches_spec = true;
};

// One timed run of one tool.
struct Sample {
  double wall_s = 0;
  double user_s = 0;
  double system_s = 0;
  std::uint64_t peak_rss_bytes = 0;         // of the process tree's largest process
  std::optional<std::uint64_t> wire_bytes;  // on links only: interface counters
  bool verified = false;                    // the resulting tree was compared and is right
  std::string problem;                      // why it is not verified or failed
};

enum class CellState : std::uint8_t {
  kValid,        // every sample verified
  kInvalid,      // ran, but failed or left a wrong tree: never scores
  kUnavailable,  // tool or link is not here; reason says so
};

// tool x dataset x link x route x phase.
struct Cell {
  std::string tool;
  std::string dataset;
  std::string link;
  std::string route;  // "local", "push", "pull"
  std::string phase;  // "first", "noop", "incremental", "mirror"
  CellState state = CellState::kUnavailable;
  std::string reason;           // for kInvalid and kUnavailable
  std::string command;          // as run, with $SOURCE and $TARGET for the roots
  std::vector<Sample> samples;  // in the order they were taken
  std::optional<double> system_calls_per_file;
  std::uint64_t files = 0;  // that the dataset has, for per-file figures
  std::uint64_t bytes = 0;
};

enum class CheckOutcome : std::uint8_t { kPass, kFail, kDiffers, kUnsupported, kNotRun };

// One row of the semantics table for one tool and route.
struct CheckResult {
  std::string check;  // "mtime.file.ns"
  std::string title;  // for people
  std::string tool;
  std::optional<std::string> route = std::nullopt;  // "push" or "pull"; none is local
  CheckOutcome outcome = CheckOutcome::kNotRun;
  std::string detail;  // the difference, or the reason

  // Which column of the table: "robosync", "robosync push".
  [[nodiscard]] std::string column() const { return route ? tool + " " + *route : tool; }
};

// One Google Benchmark result.
struct MicroBenchmark {
  std::string name;
  double real_time_ns = 0;
  double cpu_time_ns = 0;
  std::uint64_t iterations = 0;
};

struct Report {
  int schema = kReportSchema;
  std::string tool_version;  // of robosync-parity
  std::string commit;        // "" if unknown
  std::string suite;
  std::string started_at;  // RFC 3339, UTC
  double duration_s = 0;
  Environment environment;
  std::vector<Tool> tools;
  std::vector<Link> links;
  std::vector<DatasetRecord> datasets;
  std::vector<Cell> cells;
  std::vector<CheckResult> checks;
  std::vector<MicroBenchmark> micro_benchmarks;
  std::vector<std::string> warnings;  // each says what to do
};

}  // namespace robosync::parity
