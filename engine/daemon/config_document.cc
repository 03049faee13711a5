#include "engine/daemon/config_document.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "engine/daemon/config.h"

namespace robosync::daemon {
namespace {

base::Result<ConfigValue> converted(const toml::node& node, std::string_view file_name, int depth) {
  ConfigValue value;
  value.line = node.source().begin.line;
  if (depth > kConfigDepthMax) {
    return base::fail(
        base::make_error(base::ErrorKind::kLimit,
                         fmt::format("{}:{}: more than {} tables or lists inside each other",
                                     file_name, value.line, kConfigDepthMax)));
  }
  if (const auto* text = node.as_string()) {
    value.kind = ConfigValue::Kind::kString;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = ConfigValue::Kind::kInteger;
    value.integer = integer->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = ConfigValue::Kind::kBoolean;
    value.boolean = boolean->get();
  } else if (const auto* array = node.as_array()) {
    value.kind = ConfigValue::Kind::kArray;
    for (const toml::node& item : *array) {
      ROBOSYNC_ASSIGN(ConfigValue child, converted(item, file_name, depth + 1));
      value.items.push_back(std::move(child));
    }
  } else if (const auto* table = node.as_table()) {
    value.kind = ConfigValue::Kind::kTable;
    for (const auto& [key, item] : *table) {
      ROBOSYNC_ASSIGN(ConfigValue child, converted(item, file_name, depth + 1));
      child.line = key.source().begin.line;
      value.entries.emplace_back(std::string(key.str()), std::move(child));
    }
  }
  return value;
}

}  // namespace

std::string_view to_string(ConfigValue::Kind kind) {
  switch (kind) {
    case ConfigValue::Kind::kString:
      return "a string";
    case ConfigValue::Kind::kInteger:
      return "a whole number";
    case ConfigValue::Kind::kBoolean:
      return "true or false";
    case ConfigValue::Kind::kArray:
      return "a list";
    case ConfigValue::Kind::kTable:
      return "a table";
    case ConfigValue::Kind::kOther:
      break;
  }
  return "a fraction or a date";
}

base::Result<ConfigValue> parse_document(std::string_view text, std::string_view file_name) {
  if (text.size() > kConfigBytesMax) {
    return base::fail(
        base::make_error(base::ErrorKind::kLimit,
                         fmt::format("{}:1: longer than {} bytes", file_name, kConfigBytesMax)));
  }
  try {
    const toml::table document = toml::parse(text);
    return converted(document, file_name, 0);
  } catch (const toml::parse_error& fault) {
    return base::fail(base::make_error(
        base::ErrorKind::kUsage,
        fmt::format("{}:{}: {}", file_name, fault.source().begin.line, fault.description())));
  }
}

}  // namespace robosync::daemon
