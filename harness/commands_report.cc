#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/judgement.h"
#include "harness/merge_reports.h"
#include "harness/report/history.h"
#include "harness/report/html.h"
#include "harness/report/json.h"
#include "harness/report/markdown.h"
#include "harness/text_file.h"

namespace robosync::parity {

base::Result<Report> read_report(const std::string& path) {
  ROBOSYNC_ASSIGN(const std::string text, read_text_file(path));
  base::Result<Report> report = report_from_json(text);
  if (report) return report;
  base::Error error = std::move(report).error();
  error.context = path + ": " + error.context;
  return base::fail(std::move(error));
}

base::Result<Judgement> read_judgement(const std::string& policy, const std::string& baseline,
                                       double slack) {
  Judgement judgement{.options = {.slack = slack}};
  if (!policy.empty()) {
    ROBOSYNC_ASSIGN(const std::string text, read_text_file(policy));
    base::Result<Policy> read = policy_from_json(text);
    if (!read) {
      base::Error error = std::move(read).error();
      error.context = policy + ": " + error.context;
      return base::fail(std::move(error));
    }
    judgement.policy = std::move(*read);
  }
  if (!baseline.empty()) {
    ROBOSYNC_ASSIGN(judgement.baseline, read_report(baseline));
  }
  return judgement;
}

base::Result<int> gate_command(const ReportWords& words, Program& program) {
  ROBOSYNC_ASSIGN(const Report report, read_report(words.reports.front()));
  ROBOSYNC_ASSIGN(const Judgement judgement,
                  read_judgement(words.policy, words.baseline, words.slack));
  ROBOSYNC_ASSIGN(const Verdict verdict,
                  judge(report, judgement.baseline_or_null(), judgement.policy, judgement.options));
  program.out(to_text(verdict));
  return static_cast<int>(verdict.exit);
}

base::Result<int> report_command(const ReportWords& words, Program& program) {
  if (words.html.empty() && !words.markdown) {
    return base::fail(
        base::make_error(base::ErrorKind::kUsage, "--html FILE or --markdown is needed"));
  }
  std::vector<Report> reports;
  for (const std::string& path : words.reports) {
    ROBOSYNC_ASSIGN(Report report, read_report(path));
    reports.push_back(std::move(report));
  }
  ROBOSYNC_ASSIGN(const Report report, merge_reports(std::move(reports)));
  std::optional<Verdict> verdict;
  if (!words.policy.empty() || !words.baseline.empty()) {
    ROBOSYNC_ASSIGN(const Judgement judgement,
                    read_judgement(words.policy, words.baseline, words.slack));
    ROBOSYNC_ASSIGN(
        verdict, judge(report, judgement.baseline_or_null(), judgement.policy, judgement.options));
  }
  const Verdict* shown = verdict ? &*verdict : nullptr;
  if (words.markdown) {
    program.out(render_markdown(report, shown));
    return kExitOk;
  }
  ROBOSYNC_TRY(write_text_file(words.html, render_html(report, shown)));
  return kExitOk;
}

base::Result<int> history_command(const ReportWords& words, Program& program) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator at(words.folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == ".json") paths.push_back(at->path().string());
  }
  if (error) {
    base::Error fault = base::make_error(base::ErrorKind::kIo, "list " + words.folder);
    fault.code = error;
    return base::fail(fault);
  }
  std::ranges::sort(paths);
  std::vector<Report> runs;
  for (const std::string& path : paths) {
    base::Result<Report> report = read_report(path);
    if (report) {
      runs.push_back(std::move(*report));
    } else {
      program.err("robosync-parity history: passed over: " + report.error().message() + "\n");
    }
  }
  if (runs.empty()) {
    return base::fail(
        base::make_error(base::ErrorKind::kNotFound, "there is no report below " + words.folder));
  }
  ROBOSYNC_TRY(write_text_file(words.html, render_history_html(runs)));
  program.out(fmt::format("{} runs\n", runs.size()));
  return kExitOk;
}

}  // namespace robosync::parity
