// The gate: whether a report keeps what the policy asks. Pure functions of a report, a baseline and
// a policy; any thread.
//
// Only ratios between tools that were measured in the same run are judged, never seconds. A finding
// of the worst kind decides the exit code: a broken check comes before an invalid cell, since a
// tool that leaves the wrong tree needs no timing, and an invalid cell before a regression, since
// what was not measured properly can neither regress nor be cleared. See reports/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "harness/report/figures.h"
#include "harness/report/model.h"

namespace robosync::parity {

inline constexpr int kPolicySchema = 1;
// A longer policy text is not read.
inline constexpr std::size_t kPolicyTextBytesMax = std::size_t{1} << 20U;

// Which cells a row of the policy means; "*" is any, and "small-*" any name beginning like that.
struct CellSelector {
  std::string dataset = "*";
  std::string link = "*";
  std::string route = "*";
  std::string phase = "*";
};

[[nodiscard]] bool matches(const CellSelector& selector, const CellKey& key);

// The subject must take at most ratio_max of the peer's time. Where several rows mean a cell, each
// holds.
struct RatioLimit {
  CellSelector cells;
  std::vector<std::string> except;  // datasets that have rows of their own
  // At which scales of its dataset the figure was found and holds: start-up is a larger share of a
  // smaller tree. Cells at others are shown, not judged.
  std::vector<double> scales = {1};
  std::string subject = {};  // whose time; "" is the policy's subject
  std::string peer;
  double ratio_max = 1;
  // Whether a report in which no such cell could be judged fails (kInvalidCells); otherwise it is
  // only said.
  bool required = false;
};

// How much worse than the baseline's ratio a ratio may be.
struct RegressionLimit {
  double factor_max = 1.25;
  // Where the subject took less than this both times, start-up and noise are all there is to see.
  double wall_s_min = 0.05;
};

// A check whose outcome for the subject is not "pass" and is known and meant.
struct AcceptedOutcome {
  std::string check;                              // a trailing "*" is any ending
  CheckOutcome outcome = CheckOutcome::kDiffers;  // kDiffers or kUnsupported
  std::string reason;
};

// Where a required check may be left out: the machine cannot show it.
struct AllowedGap {
  std::string check;   // a trailing "*" is any ending
  std::string detail;  // why it did not run, as the report says; a trailing "*" is any ending
  std::string reason;  // why that is no fault
};

struct Policy {
  std::string subject = "robosync";
  std::vector<RatioLimit> ratios;
  RegressionLimit regression;
  std::vector<AcceptedOutcome> accepted;
  // Checks that must have run for the subject. With a trailing "*": all such, and at least one.
  std::vector<std::string> checks_required;
  std::vector<AllowedGap> gaps_allowed;
};

// kInvalid with the place of the fault, as in report_from_json; here an unknown field is a fault
// too, since a misspelt limit would otherwise never bite.
[[nodiscard]] base::Result<Policy> policy_from_json(std::string_view text);

struct GateOptions {
  // Limits are exceeded only beyond this many times their figure. 1 on a quiet machine; 2 in the
  // ordinary check, where only gross faults may speak.
  double slack = 1;
};

enum class GateExit : std::uint8_t {
  kPass = 0,
  kRegression = 1,    // a ratio limit or the baseline's ratio is exceeded
  kParityBroken = 2,  // a semantic check failed, or a required one did not run
  kInvalidCells = 4,  // a cell that counts failed, or nothing could be judged
};

enum class FindingKind : std::uint8_t {
  kCheckFailed,
  kCheckMissing,  // required, not run
  kInvalidCell,
  kRatioMissing,  // required, not judged
  kNothingJudged,
  kRatioExceeded,
  kRegressed,
  // What follows is said, and fails nothing.
  kNotJudged,
  kPeerInvalid,
  kAccepted,
  kStaleAcceptance,
  kWithinSlack,  // beyond the figure, not beyond the slack
  kNoisy,
};

// "pass", "regression", "parity broken", "invalid cells"
[[nodiscard]] std::string_view to_string(GateExit exit);

// "ratio_exceeded"
[[nodiscard]] std::string_view to_string(FindingKind kind);

// What a finding of this kind makes the gate exit with.
[[nodiscard]] GateExit exit_of(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::kNotJudged;
  std::string subject;  // the cell or check: "small-100k first local localhost vs rsync"
  std::string text;     // what is the matter, with the figures
  std::string advice;   // what to do about it; "" where there is nothing to do
};

struct Verdict {
  GateExit exit = GateExit::kPass;
  std::vector<Finding> findings;  // the failing ones first
  std::size_t ratios_judged = 0;
  std::size_t checks_judged = 0;
  std::size_t regressions_judged = 0;  // ratios compared with the baseline's
};

// Judges a report. `baseline` may be null: then nothing is compared with it. kRefused when the
// baseline is of another machine class; kInvalid for a slack below 1.
[[nodiscard]] base::Result<Verdict> judge(const Report& report, const Report* baseline,
                                          const Policy& policy, const GateOptions& options);

// For a terminal or a log: one line per finding and its advice, the verdict last. Ends in a
// newline.
[[nodiscard]] std::string to_text(const Verdict& verdict);

// A cell to measure again, all tools in one interleaved run.
struct CellToRemeasure {
  CellKey key;
  std::vector<std::string> tools;  // the subject, then the peers it failed against

  friend bool operator==(const CellToRemeasure&, const CellToRemeasure&) = default;
};

// The cells that would fail the gate for a ratio: noise is met by measuring these again before the
// verdict. Append the new samples to those of the cell, for all its tools, so that the medians come
// from twice the rounds. A baseline of another machine class is passed over here; judge() refuses
// it.
[[nodiscard]] std::vector<CellToRemeasure> cells_to_remeasure(const Report& report,
                                                              const Report* baseline,
                                                              const Policy& policy,
                                                              const GateOptions& options);

}  // namespace robosync::parity
