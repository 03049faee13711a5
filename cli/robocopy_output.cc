#include "cli/robocopy_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "cli/error_text.h"
#include "cli/output_human.h"
#include "cli/output_names.h"
#include "cli/output_progress.h"
#include "cli/output_summary.h"
#include "cli/output_units.h"
#include "cli/robocopy_filters.h"
#include "engine/session/location.h"

namespace robosync::cli {
namespace {

constexpr std::size_t kWidth = 79;

// "2026/03/02 10:20:30", UTC.
std::string time_text(std::chrono::system_clock::time_point time) {
  std::string text = rfc3339(time).substr(0, 19);
  text[4] = text[7] = '/';
  text[10] = ' ';
  return text;
}

std::string time_text(tree::Time time) {
  return time_text(std::chrono::system_clock::time_point(std::chrono::seconds(time.seconds)));
}

// "1023", "1.5 k", "2.0 m": digits and a unit of 1024, as narrow as a column of a table.
std::string size_text(std::uint64_t bytes, const RobocopyOutput& output) {
  constexpr std::array<char, 5> kUnits = {'k', 'm', 'g', 't', 'p'};
  if (output.exact_bytes || bytes < 1024) return fmt::format("{}", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits.at(unit));
}

std::string rule() { return fmt::format("{:->{}}\n", "", kWidth); }

std::string list_line(std::string_view label, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  return printable(fmt::format("{:>9} : {}", label, fmt::join(words, " "))) + "\n";
}

// SOURCE or TARGET in full, as the system writes it; a separator ends it. What is at a server stays
// as it was named.
std::string place_text(const std::string& place) {
  const auto location = session::parse_location(place);
  const bool local = location && location->carrier == session::Location::Carrier::kNone;
  const char separator =
      local ? static_cast<char>(std::filesystem::path::preferred_separator) : '/';
  std::string text = printable(local ? absolute_place(place) : place);
  std::ranges::replace(text, '/', separator);
  if (!text.ends_with(separator)) text += separator;
  return text;
}

std::string header_text(const RobocopyInvocation& invocation, const std::string& source,
                        const std::string& target, std::chrono::system_clock::time_point now) {
  const RobocopySelection& selection = invocation.selection;
  std::string text = rule();
  text += "   ROBOCOPY     ::     front door of RoboSync\n" + rule() + "\n";
  text += fmt::format("{:>9} : {} UTC\n", "Started", time_text(now));
  text += fmt::format("{:>9} : {}\n", "Source", source);
  text += fmt::format("{:>9} : {}\n", "Dest", target);
  text += "\n";
  text += list_line("Files",
                    selection.files.empty() ? std::vector<std::string>{"*.*"} : selection.files);
  text += list_line("Exc Files", selection.excluded_files);
  text += list_line("Exc Dirs", selection.excluded_directories);
  text += fmt::format("{:>9} : {}\n\n", "Options", printable(invocation.options));
  return text + rule() + "\n";
}

// By the times alone, of files on both sides; empty where they are equal.
std::string_view age_class(const Event& event, tree::TimeTolerance tolerance) {
  if (tree::same_time(event.source_time, event.target_time, tolerance)) return {};
  return event.source_time > event.target_time ? "Newer" : "Older";
}

std::string skipped_class(const Event& event, tree::TimeTolerance tolerance) {
  if (event.target_time == tree::Time()) {
    return event.source_time == tree::Time() ? "skipped" : "lonely";
  }
  const std::string_view age = age_class(event, tolerance);
  if (age.empty()) return event.changes.content ? "changed" : "skipped";
  return age == "Newer" ? "newer" : "older";
}

// One row of the summary: a label and six columns.
std::string row(std::string_view label, const std::array<std::string, 6>& cells) {
  std::string text = fmt::format("{:>8} {}", label, label.empty() ? ' ' : ':');
  for (const std::string& cell : cells) text += fmt::format("{:>10}", cell);
  while (text.ends_with(' ')) text.pop_back();
  return text + "\n";
}

struct Cells {
  std::uint64_t total = 0, copied = 0, mismatched = 0, failed = 0, extras = 0;
  std::uint64_t left = 0;  // mismatched and nothing else

  [[nodiscard]] std::array<std::string, 6> texts() const {
    const std::uint64_t done = std::min(total, copied + failed + left);
    return {fmt::format("{}", total),        fmt::format("{}", copied),
            fmt::format("{}", total - done), fmt::format("{}", mismatched),
            fmt::format("{}", failed),       fmt::format("{}", extras)};
  }
};

std::uint64_t copied_files(const Counters& counters) {
  return not_directories(counters.created) + not_directories(counters.updated) +
         not_directories(counters.linked);
}

std::string summary(const Report& report, const RobocopyTally& tally,
                    const RobocopyInvocation& invocation) {
  const Counters& c = report.counters;
  const RobocopyOutput& output = invocation.output;
  const bool left = invocation.request.leave_mismatched;
  std::string text = "\n" + rule() + "\n";
  text += row("", {"Total", "Copied", "Skipped", "Mismatch", "FAILED", "Extras"});
  text +=
      row("Dirs", Cells{.total = c.scanned.directories,
                        .copied = c.created.directories,
                        .mismatched = tally.mismatched_directories,
                        .failed = c.failed.directories,
                        .extras = std::max(c.deleted.directories, tally.extra_directories.load()),
                        .left = left ? tally.mismatched_directories.load() : 0}
                      .texts());
  text +=
      row("Files", Cells{.total = not_directories(c.scanned),
                         .copied = copied_files(c),
                         .mismatched = tally.mismatched_files,
                         .failed = not_directories(c.failed),
                         .extras = std::max(not_directories(c.deleted), tally.extra_files.load()),
                         .left = left ? tally.mismatched_files.load() : 0}
                       .texts());
  const std::uint64_t copied = std::min(c.transferred_bytes, c.source_bytes);
  text += row("Bytes", {size_text(c.source_bytes, output), size_text(copied, output),
                        size_text(c.source_bytes - copied, output), "0", "0", "0"});
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(report.elapsed).count();
  const std::string time =
      fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  text += row("Times", {time, time, "", "", "0:00:00", "0:00:00"});
  const double rate = rate_of(Verb::kCopy, report);
  if (rate >= 1 && !invocation.request.dry_run) {
    text += fmt::format("\n{:>8} :{:>20.0f} Bytes/sec.\n", "Speed", rate);
    text += fmt::format("{:>8} :{:>20.3f} MegaBytes/min.\n", "Speed", rate * 60 / 1'048'576);
  }
  return text;
}

}  // namespace

std::uint64_t not_directories(const Counters::ByKind& kinds) {
  return kinds.total() - kinds.directories;
}

int robocopy_exit_code(const base::Result<Report>& result, const RobocopyTally& tally) {
  if (!result || result->outcome == Outcome::kAborted || result->outcome == Outcome::kCancelled) {
    return kRobocopyFatal;
  }
  const Counters& counters = result->counters;
  int code = 0;
  if (copied_files(counters) > 0) code |= kRobocopyCopied;
  const std::uint64_t extras = tally.extra_files + tally.extra_directories;
  if (counters.deleted.total() + extras > 0) code |= kRobocopyExtras;
  if (tally.mismatched_files + tally.mismatched_directories > 0) code |= kRobocopyMismatches;
  if (result->outcome != Outcome::kOk) code |= kRobocopyFailures;
  return code;
}

std::string robocopy_class(const Event& event, tree::TimeTolerance tolerance) {
  const bool directory = event.kind == tree::Kind::kDirectory;
  if (event.changes.kind) return "*Mismatch";
  switch (event.action) {
    case Action::kCreated:
    case Action::kLinked:
      return directory ? "New Dir" : "New File";
    case Action::kUpdated: {
      const std::string_view age = age_class(event, tolerance);
      if (!age.empty()) return std::string(age);
      return event.changes.size || event.changes.content ? "Changed" : "Same";
    }
    case Action::kMetadata:
      return directory ? "" : "Tweaked";
    case Action::kUnchanged:
      return directory ? "" : "same";
    case Action::kDeleted:
      return directory ? "*EXTRA Dir" : "*EXTRA File";
    case Action::kSkipped:
      return directory ? "skipped" : skipped_class(event, tolerance);
    default:
      return "";
  }
}

RobocopySink::RobocopySink(TextStream& out, const RobocopyInvocation& invocation,
                           const RobocopyTally& tally, Troubles troubles, UtcClock clock)
    : out_(out),
      invocation_(invocation),
      tally_(tally),
      troubles_(troubles),
      clock_(std::move(clock)),
      source_(place_text(invocation.request.sources.front())),
      target_(place_text(invocation.request.target)) {
  if (invocation_.output.header) {
    out_.write(header_text(invocation_, source_, target_, clock_()));
  }
}

Observer::Wants RobocopySink::wants_events() const {
  return invocation_.output.skipped ? Observer::Wants::kEverything : Observer::Wants::kChanges;
}

std::string RobocopySink::shown_path(std::string path, const std::string& place) const {
  std::ranges::replace(path, '/', place.back());
  return invocation_.output.full_paths ? place + path : path;
}

// Before the name of an entry, with robocopy's tabs between.
std::string RobocopySink::columns(const Event& event) const {
  const RobocopyOutput& output = invocation_.output;
  const bool directory = event.kind == tree::Kind::kDirectory;
  const bool known = !directory && event.action != Action::kDeleted;
  std::string text;
  if (output.classes) {
    const Request& request = invocation_.request;
    const std::string name = robocopy_class(
        event, {.window_ns = request.modify_window_ns, .one_hour = request.ignore_one_hour});
    const int indent = (directory ? 2 : 4) - (name.starts_with('*') ? 2 : 0);
    text = fmt::format("\t{:{}}{:<{}}", "", indent, name, (directory ? 10 : 14) - indent);
  }
  if (output.sizes && directory) {
    text += fmt::format("{:>10}", event.action == Action::kDeleted ? "-1" : "");
  } else if (output.sizes) {
    text += fmt::format("\t\t{:>8}", known ? size_text(event.bytes, output) : "");
  }
  if (output.times && known) text += " " + time_text(event.source_time);
  return text.empty() ? text : text + "\t";
}

void RobocopySink::event(const Event& event) {
  const RobocopyOutput& output = invocation_.output;
  const bool directory = event.kind == tree::Kind::kDirectory;
  if (!(directory ? output.directories : output.files)) return;
  // Its copy has been told of already.
  if (event.action == Action::kRemovedFromSource) return;
  if (event.action == Action::kDeleted && tally_.extras_told) return;
  // Directories are brought up to date in passing.
  if (directory && event.action == Action::kMetadata && !output.skipped) return;
  const std::string path = event.path.empty() && output.full_paths ? "" : display_path(event);
  out_.write(columns(event) +
             shown_path(path, event.action == Action::kDeleted ? target_ : source_) + "\n");
}

void RobocopySink::problem(const tree::Problem& problem) {
  if (troubles_ == Troubles::kShown) {
    std::string text = time_text(clock_()) + " ERROR ";
    if (const int code = problem.error.code.value(); code != 0) {
      text +=
          fmt::format("{} (0x{:08X}) Copying File {}\n", code, static_cast<unsigned>(code),
                      shown_path(problem.path.empty() ? "." : printable(problem.path), source_));
    }
    out_.write(text + problem_text(problem) + "\n");
  }
  out_.flush();  // so that it stands where it happened when both streams go to one place
}

void RobocopySink::warning(const std::string& message) {
  if (troubles_ == Troubles::kShown) out_.write("WARNING " + printable(message) + "\n");
  out_.flush();
}

void RobocopySink::finish(const RunEnd& end) {
  if (end.result && invocation_.output.summary) {
    out_.write(summary(*end.result, tally_, invocation_));
    out_.write(fmt::format("{:>8} : {} UTC\n\n", "Ended", time_text(clock_())));
  }
  if (troubles_ == Troubles::kShown) {
    for (const std::string& line : trouble_lines(end)) out_.write("ERROR " + line + "\n");
  }
  out_.flush();
}

RobocopyMonitor::RobocopyMonitor(TextStream& err, const RobocopyOutput& output,
                                 RobocopyTally& tally)
    : err_(err), output_(output), tally_(tally) {}

void RobocopyMonitor::event(const Event& event) {
  const bool copied = event.action == Action::kCreated || event.action == Action::kUpdated;
  if (output_.warn_of_junctions && copied && event.kind == tree::Kind::kSymlink &&
      !std::exchange(junctions_told_, true)) {
    warning(display_path(event) +
            ": a junction is copied as a junction (/SJ says so, /XJ leaves it out); robocopy would "
            "follow it, as robosync copy --junctions=follow does");
  }
  if (!event.changes.kind) return;
  const bool directory = event.kind == tree::Kind::kDirectory;
  ++(directory ? tally_.mismatched_directories : tally_.mismatched_files);
}

void RobocopyMonitor::problem(const tree::Problem& problem) {
  // A directory stands where a file is to be, and stays.
  if (problem.error.kind == base::ErrorKind::kNotEmpty) ++tally_.mismatched_files;
  err_.write("robosync: " + problem_text(problem) + "\n");
}

void RobocopyMonitor::warning(const std::string& message) {
  err_.write("robosync: warning: " + printable(message) + "\n");
}

void RobocopyMonitor::progress(const ProgressState& state) {
  const std::chrono::nanoseconds interval(kLineInterval);
  if (state.elapsed - last_shown_.value_or(std::chrono::nanoseconds(0)) < interval) return;
  last_shown_ = state.elapsed;
  err_.write(progress_line(state) + "\n");
}

void RobocopyMonitor::finish(const RunEnd& end) {
  for (const std::string& line : trouble_lines(end)) err_.write("robosync: " + line + "\n");
}

}  // namespace robosync::cli
