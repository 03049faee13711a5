#include "harness/report/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/encoding.h"
#include "harness/report/text.h"

namespace robosync::parity {

using Json = nlohmann::json;

struct JsonState {
  Json root;
  std::optional<base::Error> fault;
};

namespace {

const Json& as_json(const void* node) { return *static_cast<const Json*>(node); }

}  // namespace

JsonObject::JsonObject(JsonState* state, const void* node, std::string place)
    : state_(state), node_(node), place_(std::move(place)) {}

std::string JsonObject::place_of(std::string_view name) const {
  return place_.empty() ? std::string(name) : fmt::format("{}.{}", place_, name);
}

void JsonObject::fault(std::string_view name, std::string_view what) const {
  if (state_->fault) return;
  state_->fault = base::make_error(base::ErrorKind::kInvalid,
                                   fmt::format("{}: {}", printable(place_of(name)), what));
}

bool JsonObject::has(std::string_view name) const {
  return node_ != nullptr && as_json(node_).contains(name);
}

const void* JsonObject::field(std::string_view name) const {
  if (node_ == nullptr) return nullptr;
  const auto found = as_json(node_).find(name);
  if (found == as_json(node_).end()) {
    fault(name, "is missing");
    return nullptr;
  }
  return &*found;
}

void JsonObject::read(std::string_view name, std::string& value) const {
  const std::string encoded_name = std::string(name) + "_base64";
  const bool encoded = has(encoded_name);
  if (encoded && has(name)) return fault(name, "stands there twice, once as base64");
  const void* const node = field(encoded ? std::string_view(encoded_name) : name);
  if (node == nullptr) return;
  if (!as_json(node).is_string()) {
    return fault(encoded ? std::string_view(encoded_name) : name, "a string is needed");
  }
  const auto& text = as_json(node).get_ref<const std::string&>();
  if (!encoded) {
    value = text;
    return;
  }
  auto bytes = base::from_base64(text);
  if (!bytes) return fault(encoded_name, "is no base64 text");
  value = std::move(*bytes);
}

void JsonObject::read(std::string_view name, double& value) const {
  const void* const node = field(name);
  if (node == nullptr) return;
  if (!as_json(node).is_number()) return fault(name, "a number is needed");
  value = as_json(node).get<double>();
}

void JsonObject::read(std::string_view name, std::uint64_t& value) const {
  const void* const node = field(name);
  if (node == nullptr) return;
  if (!as_json(node).is_number_unsigned()) {
    return fault(name, "a whole number that is not negative is needed");
  }
  value = as_json(node).get<std::uint64_t>();
}

void JsonObject::read(std::string_view name, unsigned& value) const {
  std::uint64_t wide = value;
  read(name, wide);
  if (wide > std::numeric_limits<unsigned>::max()) return fault(name, "is too large");
  value = static_cast<unsigned>(wide);
}

void JsonObject::read(std::string_view name, int& value) const {
  std::uint64_t wide = 0;
  read(name, wide);
  if (wide > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    return fault(name, "is too large");
  }
  value = static_cast<int>(wide);
}

void JsonObject::read(std::string_view name, bool& value) const {
  const void* const node = field(name);
  if (node == nullptr) return;
  if (!as_json(node).is_boolean()) return fault(name, "true or false is needed");
  value = as_json(node).get<bool>();
}

void JsonObject::read(std::string_view name, std::optional<double>& value) const {
  value.reset();
  if (!has(name) || as_json(field(name)).is_null()) return;
  read(name, value.emplace());
}

void JsonObject::read(std::string_view name, std::optional<std::uint64_t>& value) const {
  value.reset();
  if (!has(name) || as_json(field(name)).is_null()) return;
  read(name, value.emplace());
}

std::vector<JsonObject> JsonObject::objects(std::string_view name) const {
  std::vector<JsonObject> found;
  const void* const node = field(name);
  if (node == nullptr) return found;
  if (!as_json(node).is_array()) {
    fault(name, "an array is needed");
    return found;
  }
  for (const Json& element : as_json(node)) {
    const std::string place = fmt::format("{}[{}]", name, found.size());
    if (!element.is_object()) {
      fault(place, "an object is needed");
      return {};
    }
    found.emplace_back(state_, &element, place_of(place));
  }
  return found;
}

JsonObject JsonObject::object(std::string_view name) const {
  const void* node = field(name);
  if (node != nullptr && !as_json(node).is_object()) {
    fault(name, "an object is needed");
    node = nullptr;
  }
  return {state_, node, place_of(name)};
}

std::vector<std::string> JsonObject::strings(std::string_view name) const {
  std::vector<std::string> found;
  const void* const node = field(name);
  if (node == nullptr) return found;
  if (!as_json(node).is_array()) {
    fault(name, "an array is needed");
    return found;
  }
  for (const Json& element : as_json(node)) {
    if (!element.is_string()) {
      fault(fmt::format("{}[{}]", name, found.size()), "a string is needed");
      return {};
    }
    found.push_back(element.get<std::string>());
  }
  return found;
}

std::vector<double> JsonObject::numbers(std::string_view name) const {
  std::vector<double> found;
  const void* const node = field(name);
  if (node == nullptr) return found;
  if (!as_json(node).is_array()) {
    fault(name, "an array is needed");
    return found;
  }
  for (const Json& element : as_json(node)) {
    if (!element.is_number()) {
      fault(fmt::format("{}[{}]", name, found.size()), "a number is needed");
      return {};
    }
    found.push_back(element.get<double>());
  }
  return found;
}

void JsonObject::only(const std::vector<std::string_view>& names) const {
  if (node_ == nullptr) return;
  for (const auto& item : as_json(node_).items()) {
    if (std::ranges::find(names, item.key()) == names.end()) {
      fault(item.key(), "is not a field of this");
    }
  }
}

base::Result<JsonText> JsonText::parse(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    return base::fail(base::make_error(
        base::ErrorKind::kLimit,
        fmt::format("a text of {} bytes, of which at most {} are read", text.size(), bytes_max)));
  }
  auto state = std::make_unique<JsonState>();
  state->root = Json::parse(text, nullptr, false);
  if (state->root.is_discarded() || !state->root.is_object()) {
    return base::fail(base::make_error(base::ErrorKind::kInvalid, "not a JSON object"));
  }
  return JsonText(std::move(state));
}

JsonText::JsonText(std::unique_ptr<JsonState> state) : state_(std::move(state)) {}
JsonText::JsonText(JsonText&&) noexcept = default;
JsonText& JsonText::operator=(JsonText&&) noexcept = default;
JsonText::~JsonText() = default;

JsonObject JsonText::root() const { return {state_.get(), &state_->root, ""}; }

const std::optional<base::Error>& JsonText::fault() const { return state_->fault; }

}  // namespace robosync::parity
