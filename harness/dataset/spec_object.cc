#include "harness/dataset/spec_object.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace robosync::parity {
namespace {

const nlohmann::json& json_of(const void* value) {
  return *static_cast<const nlohmann::json*>(value);
}

}  // namespace

void SpecFault::set(std::string_view key, std::string_view what) {
  if (!error)
    error = base::make_error(base::ErrorKind::kInvalid, fmt::format("{}: {}: {}", file, key, what));
}

SpecObject::SpecObject(const void* json, std::string where, SpecFault* fault)
    : json_(json), where_(std::move(where)), fault_(fault) {
  if (!json_of(json_).is_object()) fault_->set(where_, "must be an object");
}

std::string SpecObject::path_of(std::string_view key) const {
  return where_.empty() ? std::string(key) : fmt::format("{}.{}", where_, key);
}

const void* SpecObject::find(std::string_view key, Need need) {
  asked_.emplace_back(key);
  const nlohmann::json& json = json_of(json_);
  if (json.is_object())
    if (const auto at = json.find(key); at != json.end()) return &*at;
  if (need == Need::kRequired) fault_->set(path_of(key), "is missing");
  return nullptr;
}

std::uint64_t SpecObject::number(std::string_view key, Range range, Need need,
                                 std::uint64_t fallback) {
  const void* const value = find(key, need);
  if (value == nullptr) return fallback;
  const nlohmann::json& json = json_of(value);
  if (json.is_number_unsigned()) {
    const auto number = json.get<std::uint64_t>();
    if (number >= range.min && number <= range.max) return number;
  }
  fault_->set(path_of(key), fmt::format("must be a whole number from {} to {}, is {}", range.min,
                                        range.max, json.dump()));
  return fallback;
}

std::uint64_t SpecObject::decimal(std::string_view key, double max, double factor, Need need) {
  const void* const value = find(key, need);
  if (value == nullptr) return 0;
  const nlohmann::json& json = json_of(value);
  if (json.is_number()) {
    const auto number = json.get<double>();
    if (number >= 0 && number <= max)
      return static_cast<std::uint64_t>(std::llround(number * factor));
  }
  fault_->set(path_of(key), fmt::format("must be a number from 0 to {}, is {}", max, json.dump()));
  return 0;
}

std::string SpecObject::text(std::string_view key, Need need, std::string fallback) {
  const void* const value = find(key, need);
  if (value == nullptr) return fallback;
  const nlohmann::json& json = json_of(value);
  if (json.is_string()) return json.get<std::string>();
  fault_->set(path_of(key), fmt::format("must be a text, is {}", json.dump()));
  return fallback;
}

std::size_t SpecObject::choice(std::string_view key, const std::vector<std::string>& choices,
                               Need need) {
  const std::string chosen = text(key, need, choices.front());
  const auto at = std::ranges::find(choices, chosen);
  if (at != choices.end()) return static_cast<std::size_t>(at - choices.begin());
  fault_->set(path_of(key),
              fmt::format("must be one of {}, is \"{}\"", fmt::join(choices, ", "), chosen));
  return 0;
}

std::optional<SpecObject> SpecObject::object(std::string_view key, Need need) {
  const void* const value = find(key, need);
  if (value == nullptr) return std::nullopt;
  return SpecObject(value, path_of(key), fault_);
}

std::vector<SpecObject> SpecObject::objects(std::string_view key, Need need) {
  std::vector<SpecObject> found;
  const void* const value = find(key, need);
  if (value == nullptr) return found;
  const nlohmann::json& json = json_of(value);
  if (!json.is_array()) {
    fault_->set(path_of(key), "must be a list of objects");
    return found;
  }
  for (std::size_t i = 0; i < json.size(); ++i)
    found.emplace_back(&json[i], fmt::format("{}[{}]", path_of(key), i), fault_);
  return found;
}

std::vector<std::string> SpecObject::keys() const {
  std::vector<std::string> found;
  const nlohmann::json& json = json_of(json_);
  if (json.is_object())
    for (const auto& item : json.items()) found.push_back(item.key());
  return found;
}

void SpecObject::refuse(std::string_view key, std::string_view what) {
  fault_->set(path_of(key), what);
}

void SpecObject::finish() {
  for (const std::string& key : keys())
    if (std::ranges::find(asked_, key) == asked_.end())
      fault_->set(path_of(key), fmt::format("is unknown; allowed are {}", fmt::join(asked_, ", ")));
}

}  // namespace robosync::parity
