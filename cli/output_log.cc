#include "cli/output_log.h"

#include "cli/error_text.h"
#include "cli/output_human.h"
#include "cli/output_names.h"
#include "cli/output_summary.h"
#include "cli/output_units.h"
#include "cli/verb.h"

namespace robosync::cli {

LogSink::LogSink(TextStream& log, const Request& request, UtcClock clock)
    : log_(log), request_(request), clock_(std::move(clock)) {
  std::string text = std::string(to_string(request.verb)) + ":";
  for (const std::string& source : request.sources) text += " " + printable(source);
  line(text + " -> " + printable(request.target) + (request.dry_run ? " (dry run)" : ""));
}

void LogSink::line(const std::string& text) { log_.write(rfc3339(clock_()) + " " + text + "\n"); }

void LogSink::event(const Event& event) {
  if (event.action == Action::kUnchanged || event.action == Action::kSkipped) return;
  OutputSettings settings;
  settings.itemize = 2;
  line(event_line(event, request_, settings));
}

void LogSink::problem(const tree::Problem& problem) { line("error: " + problem_text(problem)); }

void LogSink::warning(const std::string& message) { line("warning: " + printable(message)); }

void LogSink::finish(const RunEnd& end) {
  if (end.result) {
    std::string summary = summary_text(end, Detail::kShort);
    while (!summary.empty()) {
      const std::size_t length = summary.find('\n');
      line(summary.substr(0, length));
      summary.erase(0, length + 1);
    }
  }
  for (const std::string& trouble : trouble_lines(end)) line("error: " + trouble);
  line("exit code " + std::to_string(end.exit_code));
  log_.flush();
}

}  // namespace robosync::cli
