// A run as robocopy shows it: job header, a line for each entry with its class, summary table; and
// its exit code, a sum of bits.
//
// Entries are shown as they are done, by paths relative to the target, for several threads are at
// work: there is no directory line that files stand under. One call at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/output_sink.h"
#include "cli/output_stream.h"
#include "cli/robocopy_command.h"

namespace robosync::cli {

enum RobocopyExit : int {
  kRobocopyCopied = 1,
  kRobocopyExtras = 2,
  kRobocopyMismatches = 4,
  kRobocopyFailures = 8,
  kRobocopyFatal = 16,
};

// What the report of a run does not count. Written by the monitor and by show_extras().
struct RobocopyTally {
  std::atomic<std::uint64_t> mismatched_files{0};
  std::atomic<std::uint64_t> mismatched_directories{0};
  // With /X, all of them.
  std::atomic<std::uint64_t> extra_files{0};
  std::atomic<std::uint64_t> extra_directories{0};
  std::atomic<bool> extras_told{false};
};

// robocopy's files: all that is no directory.
[[nodiscard]] std::uint64_t not_directories(const Counters::ByKind& kinds);

[[nodiscard]] int robocopy_exit_code(const base::Result<Report>& result,
                                     const RobocopyTally& tally);

// "New File", "Newer", "*EXTRA Dir": what robocopy calls an entry of which this is told.
[[nodiscard]] std::string robocopy_class(const Event& event, tree::TimeTolerance tolerance);

using UtcClock = std::function<std::chrono::system_clock::time_point()>;

enum class Troubles : bool { kLeftOut, kShown };

// The output proper, to the screen or to a log.
class RobocopySink final : public Sink {
 public:
  // Writes the job header. REQUIRES: stream, invocation and tally outlive the sink.
  RobocopySink(TextStream& out, const RobocopyInvocation& invocation, const RobocopyTally& tally,
               Troubles troubles, UtcClock clock);

  [[nodiscard]] Observer::Wants wants_events() const override;
  [[nodiscard]] bool wants_progress() const override { return false; }
  void event(const Event& event) override;
  void problem(const tree::Problem& problem) override;
  void warning(const std::string& message) override;
  void progress(const ProgressState& /*state*/) override {}
  void suspend() override {}
  void flush() override { out_.flush(); }
  void finish(const RunEnd& end) override;

 private:
  [[nodiscard]] std::string columns(const Event& event) const;
  // `path` is below `place`, source_ or target_, and shown with it when the user wants that.
  [[nodiscard]] std::string shown_path(std::string path, const std::string& place) const;

  TextStream& out_;
  const RobocopyInvocation& invocation_;
  const RobocopyTally& tally_;
  const Troubles troubles_;
  const UtcClock clock_;
  const std::string source_;  // in full, a separator at its end
  const std::string target_;
};

// Counts, and says on standard error what goes wrong and, with /ETA, how far the run is.
class RobocopyMonitor final : public Sink {
 public:
  // REQUIRES: stream, output and tally outlive the sink.
  RobocopyMonitor(TextStream& err, const RobocopyOutput& output, RobocopyTally& tally);

  [[nodiscard]] Observer::Wants wants_events() const override { return Observer::Wants::kChanges; }
  [[nodiscard]] bool wants_progress() const override { return output_.progress; }
  void event(const Event& event) override;
  void problem(const tree::Problem& problem) override;
  void warning(const std::string& message) override;
  void progress(const ProgressState& state) override;
  void suspend() override {}
  void flush() override {}
  void finish(const RunEnd& end) override;

 private:
  TextStream& err_;
  const RobocopyOutput& output_;
  RobocopyTally& tally_;
  std::optional<std::chrono::nanoseconds> last_shown_;
  bool junctions_told_ = false;
};

}  // namespace robosync::cli
