#include "harness/report/gate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "harness/report/words.h"

namespace robosync::parity {
namespace {

// A pattern is a name, or the beginning of one and a "*".
bool fits(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

// Of the exit codes, which one a verdict with several findings takes.
int rank(GateExit exit) {
  switch (exit) {
    case GateExit::kPass:
      return 0;
    case GateExit::kRegression:
      return 1;
    case GateExit::kInvalidCells:
      return 2;
    case GateExit::kParityBroken:
      return 3;
  }
  return 0;
}

std::string versus(const CellKey& key, std::string_view peer) {
  return fmt::format("{} vs {}", to_string(key), peer);
}

std::string figures_text(const Ratio& ratio) {
  return fmt::format("{:.3f} of its time (rounds {:.3f} to {:.3f}, deviation {:.3f}, {} rounds)",
                     ratio.value, ratio.min, ratio.max, ratio.mad, ratio.rounds);
}

std::string run_again(const CellKey& key, std::string_view subject, std::string_view peer) {
  return fmt::format("robosync-parity run --datasets {} --links {} --routes {} --tools {},{}",
                     key.dataset, key.link, key.route, subject, peer);
}

// What a cell's dataset was scaled by. A report that says nothing of its dataset is taken to be
// unscaled.
double scale_of(const Report& report, const CellKey& key) {
  const auto record = std::ranges::find(report.datasets, key.dataset, &DatasetRecord::name);
  return record == report.datasets.end() ? 1 : record->scale;
}

// Scales are written in decimal and come back from JSON as they went in: equal means equal.
bool holds_at(const RatioLimit& limit, double scale) {
  return std::ranges::find(limit.scales, scale) != limit.scales.end();
}

std::string version_of(const Report& report, std::string_view tool) {
  for (const Tool& row : report.tools) {
    if (row.name == tool) return row.version;
  }
  return {};
}

// "mirror.extra_file", "mirror.extra_file push"
std::string subject_of(const CheckResult& result) {
  return result.route ? result.check + " " + *result.route : result.check;
}

// A ratio that fails the gate.
struct FailedRatio {
  CellKey key;
  std::string subject;
  std::string peer;
};

// Builds a verdict, one kind of evidence after the other.
class Judge {
 public:
  Judge(const Report& report, const Report* baseline, const Policy& policy,
        const GateOptions& options)
      : report_(report), baseline_(baseline), policy_(policy), options_(options) {}

  void judge_checks();
  void judge_cells();
  void judge_ratios();
  void judge_regressions();
  void finish();

  [[nodiscard]] const Verdict& verdict() const { return verdict_; }
  [[nodiscard]] const std::vector<FailedRatio>& failed_ratios() const { return failed_ratios_; }

 private:
  void add(FindingKind kind, std::string subject, std::string text, std::string advice = {});
  void judge_outcome(const CheckResult& result);
  void judge_required_checks();
  [[nodiscard]] const AcceptedOutcome* accepted(const CheckResult& result) const;
  [[nodiscard]] bool is_required(const CheckResult& result) const;
  void judge_not_run(const CheckResult& result);
  [[nodiscard]] bool counts(const Cell& cell) const;
  [[nodiscard]] const std::string& whose(const RatioLimit& limit) const {
    return limit.subject.empty() ? policy_.subject : limit.subject;
  }
  // The keys a row selects, in the report's order, each once.
  [[nodiscard]] std::vector<CellKey> selected(const CellSelector& selector) const;
  // True when there was a ratio to judge.
  bool judge_ratio(const RatioLimit& limit, const CellKey& key);
  [[nodiscard]] std::string why_not(const CellKey& key, std::string_view tool) const;
  void judge_regression(const CellKey& key, const PeerRatio& now);
  void note_noise(const CellKey& key, std::string_view tool);

  const Report& report_;
  const Report* baseline_;
  const Policy& policy_;
  const GateOptions& options_;
  Verdict verdict_;
  std::vector<FailedRatio> failed_ratios_;
  std::vector<const Cell*> noisy_;
};

void Judge::add(FindingKind kind, std::string subject, std::string text, std::string advice) {
  verdict_.findings.push_back({.kind = kind,
                               .subject = std::move(subject),
                               .text = std::move(text),
                               .advice = std::move(advice)});
}

const AcceptedOutcome* Judge::accepted(const CheckResult& result) const {
  for (const AcceptedOutcome& row : policy_.accepted) {
    if (row.outcome == result.outcome && fits(row.check, result.check)) return &row;
  }
  return nullptr;
}

bool Judge::is_required(const CheckResult& result) const {
  return std::ranges::any_of(policy_.checks_required, [&](const std::string& pattern) {
    return fits(pattern, result.check);
  });
}

void Judge::judge_not_run(const CheckResult& result) {
  if (!is_required(result)) {
    add(FindingKind::kNotJudged, subject_of(result), fmt::format("not run: {}", result.detail));
    return;
  }
  const auto gap = std::ranges::find_if(policy_.gaps_allowed, [&](const AllowedGap& row) {
    return fits(row.check, result.check) && fits(row.detail, result.detail);
  });
  if (gap != policy_.gaps_allowed.end()) {
    add(FindingKind::kNotJudged, subject_of(result),
        fmt::format("required by the policy, not run: {}; allowed: {}", result.detail,
                    gap->reason));
    return;
  }
  add(FindingKind::kCheckMissing, subject_of(result),
      fmt::format("required by the policy, not run: {}", result.detail),
      "make it possible to run here, or list the reason under checks.not_run_allowed");
}

void Judge::judge_outcome(const CheckResult& result) {
  const std::string_view outcome = to_string(result.outcome);
  switch (result.outcome) {
    case CheckOutcome::kPass:
      break;
    case CheckOutcome::kFail:
      add(FindingKind::kCheckFailed, subject_of(result),
          fmt::format("{}: {}", outcome, result.detail),
          fmt::format("see it again with robosync-parity check --tools {}, and mend it: a failure "
                      "cannot be accepted",
                      policy_.subject));
      break;
    case CheckOutcome::kDiffers:
    case CheckOutcome::kUnsupported:
      if (const AcceptedOutcome* row = accepted(result)) {
        add(FindingKind::kAccepted, subject_of(result),
            fmt::format("{}, accepted: {}", outcome, row->reason));
      } else {
        add(FindingKind::kCheckFailed, subject_of(result),
            fmt::format("{}: {}", outcome, result.detail),
            "mend it, or, where it is meant, list it under checks.accepted in the policy with the "
            "reason");
      }
      break;
    case CheckOutcome::kNotRun:
      judge_not_run(result);
      return;
  }
  ++verdict_.checks_judged;
}

void Judge::judge_required_checks() {
  for (const std::string& pattern : policy_.checks_required) {
    const bool reported = std::ranges::any_of(report_.checks, [&](const CheckResult& result) {
      return result.tool == policy_.subject && fits(pattern, result.check);
    });
    if (reported) continue;
    add(FindingKind::kCheckMissing, pattern,
        fmt::format("required by the policy, not in the report for {}", policy_.subject),
        "run a suite with the semantic checks, or take it from checks.required");
  }
}

void Judge::judge_checks() {
  for (const CheckResult& result : report_.checks) {
    if (result.tool == policy_.subject) judge_outcome(result);
  }
  judge_required_checks();
  for (const AcceptedOutcome& row : policy_.accepted) {
    const bool passes = std::ranges::any_of(report_.checks, [&](const CheckResult& result) {
      return result.tool == policy_.subject && result.check == row.check &&
             result.outcome == CheckOutcome::kPass;
    });
    if (!passes) continue;
    add(FindingKind::kStaleAcceptance, row.check, "passes, although the policy accepts less",
        "where it passes on every platform, take it from checks.accepted, so that it stays so");
  }
}

// Whether an invalid cell fails the gate: the subject's, and a peer's that a limit needs. Another
// peer's shortcomings are its own.
bool Judge::counts(const Cell& cell) const {
  if (cell.tool == policy_.subject) return true;
  const CellKey key = key_of(cell);
  return std::ranges::any_of(policy_.ratios, [&](const RatioLimit& limit) {
    const std::string& subject = whose(limit);
    if (!matches(limit.cells, key) || find_cell(report_, key, subject) == nullptr) return false;
    if (std::ranges::find(limit.except, key.dataset) != limit.except.end()) return false;
    return limit.peer == cell.tool || subject == cell.tool;
  });
}

void Judge::judge_cells() {
  bool scored = false;
  for (const Cell& cell : report_.cells) {
    if (cell.state == CellState::kUnavailable) continue;
    if (scores(cell)) {
      scored = scored || cell.tool == policy_.subject;
      continue;
    }
    std::string text = cell.reason.empty() ? "no reason is given" : cell.reason;
    for (const Sample& sample : cell.samples) {
      if (sample.problem.empty() || sample.problem == cell.reason) continue;
      text += "; " + sample.problem;
      break;
    }
    add(counts(cell) ? FindingKind::kInvalidCell : FindingKind::kPeerInvalid,
        fmt::format("{} {}", to_string(key_of(cell)), cell.tool), std::move(text),
        counts(cell) ? fmt::format("run it by hand: {}", cell.command) : std::string());
  }
  if (scored || verdict_.checks_judged > 0) return;
  add(FindingKind::kNothingJudged, policy_.subject, "no cell scored and no check ran",
      "see that the program is found (--robosync PATH) and that the suite has cells for it");
}

std::vector<CellKey> Judge::selected(const CellSelector& selector) const {
  std::vector<CellKey> keys;
  for (const Cell& cell : report_.cells) {
    CellKey key = key_of(cell);
    if (!matches(selector, key) || std::ranges::find(keys, key) != keys.end()) continue;
    keys.push_back(std::move(key));
  }
  return keys;
}

std::string Judge::why_not(const CellKey& key, std::string_view tool) const {
  const Cell* const cell = find_cell(report_, key, tool);
  if (cell == nullptr) return fmt::format("{} was not measured", tool);
  if (scores(*cell)) return {};
  if (cell->state != CellState::kUnavailable) return fmt::format("{}'s cell is invalid", tool);
  return fmt::format("{} is not available: {}", tool, cell->reason);
}

void Judge::note_noise(const CellKey& key, std::string_view tool) {
  const Cell* const cell = find_cell(report_, key, tool);
  if (cell == nullptr || std::ranges::find(noisy_, cell) != noisy_.end()) return;
  const CellFigures figures = figures_of(*cell);
  if (!figures.noisy) return;
  noisy_.push_back(cell);
  add(FindingKind::kNoisy, fmt::format("{} {}", to_string(key), tool),
      fmt::format("its times scatter by {:.0f} % of their median",
                  relative_mad(figures.wall_s) * 100),
      "measure on a quiet machine, or with more repeats");
}

bool Judge::judge_ratio(const RatioLimit& limit, const CellKey& key) {
  const auto ratio = ratio_to(report_, key, whose(limit), limit.peer);
  if (!ratio) return false;
  ++verdict_.ratios_judged;
  note_noise(key, whose(limit));
  note_noise(key, limit.peer);
  if (ratio->value <= limit.ratio_max) return true;
  const std::string text = fmt::format("{}, limit {:g}", figures_text(*ratio), limit.ratio_max);
  if (ratio->value <= limit.ratio_max * options_.slack) {
    add(FindingKind::kWithinSlack, versus(key, limit.peer),
        fmt::format("{}, let pass up to {:g} times that", text, options_.slack),
        "judge it with slack 1 on a quiet machine");
    return true;
  }
  failed_ratios_.push_back({.key = key, .subject = whose(limit), .peer = limit.peer});
  add(FindingKind::kRatioExceeded, versus(key, limit.peer),
      options_.slack > 1 ? fmt::format("{}, even with slack {:g}", text, options_.slack) : text,
      fmt::format("measure it alone: {}; if it stays, profile that cell",
                  run_again(key, whose(limit), limit.peer)));
  return true;
}

void Judge::judge_ratios() {
  for (const RatioLimit& limit : policy_.ratios) {
    const std::vector<CellKey> keys = selected(limit.cells);
    std::size_t judged = 0;
    std::vector<std::string> reasons;
    for (const CellKey& key : keys) {
      if (std::ranges::find(limit.except, key.dataset) != limit.except.end()) continue;
      const double scale = scale_of(report_, key);
      std::string reason;
      if (!holds_at(limit, scale)) {
        reason = fmt::format("{} is at scale {:g}, the limit is for {}", key.dataset, scale,
                             fmt::join(limit.scales, " and "));
      } else if (judge_ratio(limit, key)) {
        ++judged;
        continue;
      }
      if (reason.empty()) reason = why_not(key, whose(limit));
      if (reason.empty()) reason = why_not(key, limit.peer);
      if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(std::move(reason));
    }
    if (keys.empty()) reasons.push_back("the report has no such cell");
    if (reasons.empty()) continue;
    const CellKey row = {limit.cells.dataset, limit.cells.link, limit.cells.route,
                         limit.cells.phase};
    const bool missing = limit.required && judged == 0;
    add(missing ? FindingKind::kRatioMissing : FindingKind::kNotJudged, versus(row, limit.peer),
        fmt::format("{}not judged: {}", missing ? "required by the policy, " : "",
                    fmt::join(reasons, "; ")),
        missing ? "install the tool or choose a suite that measures this, or make the row not "
                  "required"
                : "");
  }
}

void Judge::judge_regression(const CellKey& key, const PeerRatio& now) {
  const Cell& cell = *find_cell(report_, key, policy_.subject);
  const Cell* const before = find_cell(*baseline_, key, policy_.subject);
  const auto then = ratio_to(*baseline_, key, policy_.subject, now.peer);
  if (before == nullptr || !then) return;
  if (before->files != cell.files || before->bytes != cell.bytes) {
    add(FindingKind::kNotJudged, versus(key, now.peer),
        "not compared with the baseline: its dataset was of another size");
    return;
  }
  const double longer = std::max(figures_of(cell).wall_s.median, figures_of(*before).wall_s.median);
  if (longer < policy_.regression.wall_s_min) return;
  ++verdict_.regressions_judged;
  const double factor = now.ratio.value / then->value;
  if (factor <= policy_.regression.factor_max * options_.slack) return;
  failed_ratios_.push_back({.key = key, .subject = policy_.subject, .peer = now.peer});
  const std::string old_version = version_of(*baseline_, now.peer);
  const std::string new_version = version_of(report_, now.peer);
  std::string advice = fmt::format("measure it alone: {}; if it stays, find what changed since {}",
                                   run_again(key, policy_.subject, now.peer),
                                   baseline_->commit.empty() ? "the baseline" : baseline_->commit);
  if (old_version != new_version) {
    advice += fmt::format("; {} itself changed from \"{}\" to \"{}\"", now.peer, old_version,
                          new_version);
  }
  add(FindingKind::kRegressed, versus(key, now.peer),
      fmt::format("{}, {:.3f} in the baseline: {:.2f} times that, limit {:g}",
                  figures_text(now.ratio), then->value, factor,
                  policy_.regression.factor_max * options_.slack),
      std::move(advice));
}

void Judge::judge_regressions() {
  if (baseline_ == nullptr) return;
  for (const Cell& cell : report_.cells) {
    if (cell.tool != policy_.subject) continue;
    for (const PeerRatio& now : peer_ratios(report_, cell)) judge_regression(key_of(cell), now);
  }
}

void Judge::finish() {
  for (const Finding& finding : verdict_.findings) {
    const GateExit exit = exit_of(finding.kind);
    if (rank(exit) > rank(verdict_.exit)) verdict_.exit = exit;
  }
  std::ranges::stable_sort(verdict_.findings, std::ranges::greater{},
                           [](const Finding& finding) { return rank(exit_of(finding.kind)); });
}

bool same_machine(const Report& report, const Report& baseline) {
  return report.environment.machine_class == baseline.environment.machine_class;
}

}  // namespace

bool matches(const CellSelector& selector, const CellKey& key) {
  return fits(selector.dataset, key.dataset) && fits(selector.link, key.link) &&
         fits(selector.route, key.route) && fits(selector.phase, key.phase);
}

base::Result<Verdict> judge(const Report& report, const Report* baseline, const Policy& policy,
                            const GateOptions& options) {
  if (!(options.slack >= 1)) {
    return base::fail(
        base::make_error(base::ErrorKind::kInvalid,
                         fmt::format("a slack of {:g}: it must be 1 or more", options.slack)));
  }
  if (baseline != nullptr && !same_machine(report, *baseline)) {
    return base::fail(base::make_error(
        base::ErrorKind::kRefused,
        fmt::format(
            "the baseline is of machine class \"{}\" and the report of \"{}\": their ratios "
            "cannot be compared; use the baseline of the same class, or none",
            baseline->environment.machine_class, report.environment.machine_class)));
  }
  Judge judge(report, baseline, policy, options);
  judge.judge_checks();
  judge.judge_cells();
  judge.judge_ratios();
  judge.judge_regressions();
  judge.finish();
  return judge.verdict();
}

std::vector<CellToRemeasure> cells_to_remeasure(const Report& report, const Report* baseline,
                                                const Policy& policy, const GateOptions& options) {
  const bool comparable = baseline != nullptr && same_machine(report, *baseline);
  Judge judge(report, comparable ? baseline : nullptr, policy, options);
  judge.judge_ratios();
  judge.judge_regressions();
  std::vector<CellToRemeasure> cells;
  for (const FailedRatio& failed : judge.failed_ratios()) {
    auto cell = std::ranges::find(cells, failed.key, &CellToRemeasure::key);
    if (cell == cells.end()) cell = cells.insert(cell, {.key = failed.key, .tools = {}});
    for (const std::string& tool : {failed.subject, failed.peer}) {
      if (std::ranges::find(cell->tools, tool) == cell->tools.end()) cell->tools.push_back(tool);
    }
  }
  return cells;
}

}  // namespace robosync::parity
