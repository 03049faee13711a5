// Writing a report.

#include <nlohmann/json.hpp>

#include "engine/base/encoding.h"
#include "harness/report/figures.h"
#include "harness/report/json.h"
#include "harness/report/json_fields.h"
#include "harness/report/text.h"
#include "harness/report/words.h"

namespace robosync::parity {
namespace {

// In the order of writing, which is the order people read.
using Json = nlohmann::ordered_json;

void put_text(Json& object, std::string_view name, std::string_view text) {
  if (base::is_utf8(text)) {
    object[std::string(name)] = text;
  } else {
    object[std::string(name) + "_base64"] = base::base64(text);
  }
}

class Writing {
 public:
  explicit Writing(Json& object) : object_(object) {}

  template <typename Value>
  void operator()(const char* name, const Value& value) {
    put(name, value);
  }

 private:
  template <typename Value>
  void put(const char* name, const Value& value)
    requires std::is_arithmetic_v<Value>
  {
    object_[name] = value;
  }

  void put(const char* name, const std::string& value) { put_text(object_, name, value); }
  void put(const char* name, CellState value) { object_[name] = to_string(value); }
  void put(const char* name, CheckOutcome value) { object_[name] = to_string(value); }

  void put(const char* name, const Environment& value) {
    Writing inner(object_[name]);
    fields(inner, value);
  }

  // What was not counted is left out.
  template <typename Value>
  void put(const char* name, const std::optional<Value>& value) {
    if (value) object_[name] = *value;
  }

  void put(const char* name, const std::vector<std::string>& values) {
    Json& array = object_[name] = Json::array();
    for (const std::string& value : values) put_text(array.emplace_back(), "text", value);
  }

  template <typename Value>
  void put(const char* name, const std::vector<Value>& values) {
    Json& array = object_[name] = Json::array();
    for (const Value& value : values) {
      Writing inner(array.emplace_back());
      fields(inner, value);
    }
  }

  Json& object_;
};

Json figures_json(const Report& report, const Cell& cell) {
  const CellFigures figures = figures_of(cell);
  Json json;
  json["median_wall_s"] = figures.wall_s.median;
  json["mad_wall_s"] = figures.wall_s.mad;
  json["min_wall_s"] = figures.wall_s.min;
  json["max_wall_s"] = figures.wall_s.max;
  json["median_user_s"] = figures.user_s;
  json["median_system_s"] = figures.system_s;
  json["median_peak_rss_bytes"] = figures.peak_rss_bytes;
  json["files_per_s"] = figures.files_per_s;
  json["bytes_per_s"] = figures.bytes_per_s;
  json["us_per_file"] = figures.us_per_file;
  json["noisy"] = figures.noisy;
  Json& ratios = json["ratios"] = Json::array();
  for (const PeerRatio& peer : peer_ratios(report, cell)) {
    Json& row = ratios.emplace_back();
    put_text(row, "peer", peer.peer);
    row["ratio"] = peer.ratio.value;
    row["mad"] = peer.ratio.mad;
    row["min"] = peer.ratio.min;
    row["max"] = peer.ratio.max;
    row["rounds"] = peer.ratio.rounds;
  }
  return json;
}

Json verdict_json(const Verdict& verdict) {
  Json json;
  json["exit"] = static_cast<int>(verdict.exit);
  json["ratios_judged"] = verdict.ratios_judged;
  json["checks_judged"] = verdict.checks_judged;
  json["regressions_judged"] = verdict.regressions_judged;
  Json& findings = json["findings"] = Json::array();
  for (const Finding& finding : verdict.findings) {
    Json& row = findings.emplace_back();
    row["kind"] = to_string(finding.kind);
    put_text(row, "subject", finding.subject);
    put_text(row, "text", finding.text);
    put_text(row, "advice", finding.advice);
  }
  return json;
}

}  // namespace

std::string report_to_json(const Report& report, const Verdict* verdict) {
  Json json;
  Writing writing(json);
  fields(writing, report);
  for (std::size_t i = 0; i < report.cells.size(); ++i) {
    if (!scores(report.cells[i])) continue;
    json["cells"][i]["figures"] = figures_json(report, report.cells[i]);
  }
  if (verdict != nullptr) json["verdict"] = verdict_json(*verdict);
  return json.dump(2) + "\n";
}

}  // namespace robosync::parity
