#include "cli/output_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cli/output_counters.h"
#include "cli/output_human.h"
#include "cli/output_itemize.h"
#include "cli/output_names.h"
#include "cli/output_summary.h"
#include "cli/output_units.h"
#include "engine/base/encoding.h"
#include "robosync/version.h"

namespace robosync::cli {
namespace {

using Json = nlohmann::ordered_json;

Json document(std::string_view type, std::chrono::system_clock::time_point time) {
  return Json{{"message_type", type}, {"schema", kJsonSchema}, {"time", rfc3339(time)}};
}

// JSON is UTF-8 and names are bytes: a name that is not UTF-8 goes into a field of its own.
void put_name(Json& json, const std::string& key, const std::string& name) {
  if (base::is_utf8(name)) {
    json[key] = name;
  } else {
    json[key + "_base64"] = base::base64(name);
  }
}

Json name_document(const std::string& name) {
  Json json = Json::object();
  put_name(json, "path", name);
  return json;
}

double seconds_of(std::chrono::nanoseconds time) {
  // Microseconds are more than anybody needs and keep the numbers short.
  return std::round(std::chrono::duration<double>(time).count() * 1e6) / 1e6;
}

void put_error(Json& json, const base::Error& error) {
  json["error_kind"] = base::to_string(error.kind);
  if (error.code) json["os_error"] = error.code.value();
  json["message"] = printable(error.message());
}

Json changes_list(const Changes& changes) {
  Json list = Json::array();
  std::string words = changes_in_words(changes);
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(", "), words.size());
    list.push_back(words.substr(0, end));
    words.erase(0, std::min(end + 2, words.size()));
  }
  return list;
}

void put_counters(Json& json, const Counters& counters) {
  for (const KindCounter& counter : kind_counters()) {
    const Counters::ByKind& kinds = counters.*counter.field;
    json[std::string(counter.name)] = Json{{"total", kinds.total()},
                                           {"files", kinds.files},
                                           {"directories", kinds.directories},
                                           {"symlinks", kinds.symlinks},
                                           {"others", kinds.others}};
  }
  for (const PlainCounter& counter : plain_counters()) {
    json[std::string(counter.name)] = counters.*counter.field;
  }
}

void write_line(TextStream& out, const Json& json) {
  // Everything put in is UTF-8 by now; "replace" is there so that a mistake does not throw.
  out.write(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

// The lists of people and of programs are the same, but JSON says what happened to each entry.
bool is_minor(Action action) { return action == Action::kUnchanged || action == Action::kSkipped; }

}  // namespace

std::string json_name(Action action) {
  switch (action) {
    case Action::kCreated:
      return "created";
    case Action::kUpdated:
      return "updated";
    case Action::kMetadata:
      return "metadata_updated";
    case Action::kUnchanged:
      return "unchanged";
    case Action::kLinked:
      return "linked";
    case Action::kDeleted:
      return "deleted";
    case Action::kSkipped:
      return "skipped";
    case Action::kRemovedFromSource:
      return "removed_from_source";
    case Action::kDifferent:
      return "different";
    case Action::kOnlySource:
      return "only_source";
    case Action::kOnlyTarget:
      return "only_target";
  }
  return "unknown";
}

std::string json_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kDifferent:
      return "different";
    case Outcome::kPartial:
      return "partial";
    case Outcome::kVanished:
      return "vanished";
    case Outcome::kGuarded:
      return "guarded";
    case Outcome::kCancelled:
      return "cancelled";
    case Outcome::kAborted:
      return "aborted";
  }
  return "unknown";
}

JsonSink::JsonSink(TextStream& out, const Request& request, const OutputSettings& settings,
                   UtcClock clock)
    : out_(out), request_(request), settings_(settings), clock_(std::move(clock)) {}

Observer::Wants JsonSink::wants_events() const { return wanted_events(request_, settings_); }

bool JsonSink::wants_progress() const { return settings_.progress == Wish::kYes; }

void JsonSink::event(const Event& event) {
  const Observer::Wants wants = wants_events();
  if (wants == Observer::Wants::kNothing) return;
  if (wants == Observer::Wants::kChanges && is_minor(event.action)) return;
  Json json = document("event", clock_());
  json["action"] = json_name(event.action);
  json["kind"] = tree::to_string(event.kind);
  put_name(json, "path", event.path);
  json["bytes"] = event.bytes;
  if (!(event.changes == Changes{})) json["changes"] = changes_list(event.changes);
  if (!event.link_target.empty()) put_name(json, "link_target", event.link_target);
  if (!event.reason.empty()) json["reason"] = printable(event.reason);
  write_line(out_, json);
}

void JsonSink::problem(const tree::Problem& problem) {
  Json json = document("problem", clock_());
  put_name(json, "path", problem.path);
  put_error(json, problem.error);
  write_line(out_, json);
}

void JsonSink::warning(const std::string& message) {
  Json json = document("warning", clock_());
  json["message"] = printable(message);
  write_line(out_, json);
}

void JsonSink::progress(const ProgressState& state) {
  if (last_status_ && state.elapsed - *last_status_ < kStatusInterval) return;
  last_status_ = state.elapsed;
  Json json = document("status", clock_());
  json["total_known"] = state.total_known;
  json["entries_done"] = state.entries_done;
  json["bytes_done"] = state.bytes_done;
  if (state.total_known) {
    json["entries_total"] = state.entries_total;
    json["bytes_total"] = state.bytes_total;
    json["percent_done"] = std::floor(state.fraction * 1000) / 10;
  }
  json["bytes_per_second"] = std::llround(state.bytes_per_second);
  json["elapsed_seconds"] = seconds_of(state.elapsed);
  if (state.remaining) json["remaining_seconds"] = state.remaining->count();
  write_line(out_, json);
}

void JsonSink::finish(const RunEnd& end) {
  Json json = document("summary", clock_());
  json["version"] = version();
  json["verb"] = to_string(end.request.verb);
  json["dry_run"] = end.request.dry_run;
  json["sources"] = Json::array();
  for (const std::string& source : end.request.sources) {
    json["sources"].push_back(name_document(source));
  }
  json["target"] = name_document(end.request.target);
  json["outcome"] = end.result ? json_name(end.result->outcome) : "not_started";
  json["exit_code"] = end.exit_code;
  if (!end.result) {
    put_error(json, end.result.error());
  } else {
    const Report& report = *end.result;
    if (report.fatal) put_error(json, *report.fatal);
    put_counters(json, report.counters);
    json["problem_count"] = report.problem_count;
    json["deletions_withheld"] = report.deletions_withheld || report.outcome == Outcome::kGuarded;
    json["elapsed_seconds"] = seconds_of(report.elapsed);
    json["bytes_per_second"] = std::llround(rate_of(end.request.verb, report));
  }
  write_line(out_, json);
  out_.flush();
}

}  // namespace robosync::cli
