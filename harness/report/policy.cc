// Reading the gate's policy.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/report/gate.h"
#include "harness/report/json_reader.h"
#include "harness/report/words.h"

namespace robosync::parity {
namespace {

// A selector's field that is left out means any.
void read_pattern(const JsonObject& object, std::string_view name, std::string& pattern) {
  if (!object.has(name)) return;
  object.read(name, pattern);
  const std::size_t star = pattern.find('*');
  if (pattern.empty() || (star != std::string::npos && star + 1 != pattern.size())) {
    object.fault(name, "a name is needed, or one that ends in its only *");
  }
}

void read_above_zero(const JsonObject& object, std::string_view name, double& value) {
  object.read(name, value);
  if (!(value > 0)) object.fault(name, "must be above 0");
}

// Left out, the figure is of the dataset as it is specified.
void read_scales(const JsonObject& object, std::vector<double>& scales) {
  if (!object.has("scales")) return;
  scales = object.numbers("scales");
  const bool good = std::ranges::all_of(scales, [](double scale) { return scale > 0; });
  if (scales.empty() || !good) object.fault("scales", "one or more numbers above 0 are needed");
}

RatioLimit read_ratio(const JsonObject& object) {
  object.only({"dataset", "except", "scales", "link", "route", "phase", "subject", "peer",
               "ratio_max", "required", "comment"});
  RatioLimit limit;
  read_pattern(object, "dataset", limit.cells.dataset);
  if (object.has("except")) limit.except = object.strings("except");
  read_scales(object, limit.scales);
  read_pattern(object, "link", limit.cells.link);
  read_pattern(object, "route", limit.cells.route);
  read_pattern(object, "phase", limit.cells.phase);
  if (object.has("subject")) object.read("subject", limit.subject);
  object.read("peer", limit.peer);
  if (limit.peer.empty()) object.fault("peer", "a tool is needed");
  read_above_zero(object, "ratio_max", limit.ratio_max);
  if (object.has("required")) object.read("required", limit.required);
  return limit;
}

RegressionLimit read_regression(const JsonObject& object) {
  object.only({"factor_max", "wall_s_min", "comment"});
  RegressionLimit limit;
  object.read("factor_max", limit.factor_max);
  if (limit.factor_max < 1) object.fault("factor_max", "must be 1 or more");
  object.read("wall_s_min", limit.wall_s_min);
  if (limit.wall_s_min < 0) object.fault("wall_s_min", "must be 0 or more");
  return limit;
}

AcceptedOutcome read_accepted(const JsonObject& object) {
  object.only({"check", "outcome", "reason"});
  AcceptedOutcome accepted;
  object.read("check", accepted.check);
  std::string word;
  object.read("outcome", word);
  const auto outcome = check_outcome_of(word);
  if (outcome == CheckOutcome::kDiffers || outcome == CheckOutcome::kUnsupported) {
    accepted.outcome = *outcome;
  } else {
    object.fault("outcome", "differs or unsupported is needed: a failure is never accepted");
  }
  object.read("reason", accepted.reason);
  if (accepted.reason.empty()) object.fault("reason", "must say why this is accepted");
  return accepted;
}

AllowedGap read_gap(const JsonObject& object) {
  object.only({"check", "detail", "reason"});
  AllowedGap gap;
  read_pattern(object, "check", gap.check);
  read_pattern(object, "detail", gap.detail);
  if (gap.check.empty()) object.fault("check", "a name is needed");
  if (gap.detail.empty() || gap.detail == "*") {
    object.fault("detail", "must name what the report says, not anything");
  }
  object.read("reason", gap.reason);
  if (gap.reason.empty()) object.fault("reason", "must say why this is allowed");
  return gap;
}

void read_checks(const JsonObject& object, Policy& policy) {
  object.only({"required", "not_run_allowed", "accepted"});
  policy.checks_required = object.strings("required");
  if (object.has("not_run_allowed")) {
    for (const JsonObject& row : object.objects("not_run_allowed")) {
      policy.gaps_allowed.push_back(read_gap(row));
    }
  }
  for (const JsonObject& row : object.objects("accepted")) {
    policy.accepted.push_back(read_accepted(row));
  }
}

}  // namespace

base::Result<Policy> policy_from_json(std::string_view text) {
  ROBOSYNC_ASSIGN(const JsonText json, JsonText::parse(text, kPolicyTextBytesMax));
  const JsonObject root = json.root();
  int schema = 0;
  root.read("schema", schema);
  if (schema != kPolicySchema) {
    root.fault("schema",
               fmt::format("version {} is not known here, only {}", schema, kPolicySchema));
  }
  root.only({"schema", "comment", "subject", "ratios", "regression", "checks"});
  Policy policy;
  root.read("subject", policy.subject);
  for (const JsonObject& row : root.objects("ratios")) policy.ratios.push_back(read_ratio(row));
  policy.regression = read_regression(root.object("regression"));
  read_checks(root.object("checks"), policy);
  if (json.fault()) return base::fail(*json.fault());
  return policy;
}

}  // namespace robosync::parity
