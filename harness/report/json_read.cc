// Reading a report.

#include <fmt/format.h>

#include <utility>

#include "harness/report/json.h"
#include "harness/report/json_fields.h"
#include "harness/report/json_reader.h"
#include "harness/report/words.h"

namespace robosync::parity {
namespace {

class Reading {
 public:
  explicit Reading(JsonObject object) : object_(std::move(object)) {}

  template <typename Value>
  void operator()(std::string_view name, Value& value) {
    get(name, value);
  }

 private:
  template <typename Value>
  void get(std::string_view name, Value& value)
    requires requires(const JsonObject& object) { object.read(name, value); }
  {
    object_.read(name, value);
  }

  void get(std::string_view name, Environment& value) {
    Reading inner(object_.object(name));
    fields(inner, value);
  }

  void get(std::string_view name, std::optional<std::string>& value) {
    if (object_.has(name)) object_.read(name, value.emplace());
  }

  void get(std::string_view name, CellState& value) {
    enumeration(name, value, cell_state_of, "valid, invalid or unavailable is needed");
  }

  void get(std::string_view name, CheckOutcome& value) {
    enumeration(name, value, check_outcome_of,
                "pass, fail, differs, unsupported or not_run is needed");
  }

  // Texts in an array are objects, so that each can be base64-encoded.
  void get(std::string_view name, std::vector<std::string>& values) {
    for (const JsonObject& element : object_.objects(name)) {
      element.read("text", values.emplace_back());
    }
  }

  template <typename Value>
  void get(std::string_view name, std::vector<Value>& values) {
    for (JsonObject& element : object_.objects(name)) {
      Reading inner(std::move(element));
      fields(inner, values.emplace_back());
    }
  }

  template <typename Enum>
  void enumeration(std::string_view name, Enum& value,
                   std::optional<Enum> (*find)(std::string_view), std::string_view needed) {
    std::string word;
    object_.read(name, word);
    if (const auto found = find(word)) {
      value = *found;
    } else {
      object_.fault(name, needed);
    }
  }

  JsonObject object_;
};

}  // namespace

base::Result<Report> report_from_json(std::string_view text) {
  ROBOSYNC_ASSIGN(const JsonText json, JsonText::parse(text, kReportTextBytesMax));
  // The version first: a report of another one may lack anything.
  int schema = 0;
  json.root().read("schema", schema);
  if (!json.fault() && schema != kReportSchema) {
    json.root().fault("schema",
                      fmt::format("version {} is not known here, only {}", schema, kReportSchema));
  }
  if (json.fault()) return base::fail(*json.fault());
  Report report;
  Reading reading(json.root());
  fields(reading, report);
  if (json.fault()) return base::fail(*json.fault());
  return report;
}

}  // namespace robosync::parity
