#include "engine/daemon/config_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

// A key such as [}] breaks what toml++ takes for granted, which is undefined behaviour in a release
// build unless its assertions are kept.
[[noreturn]] static void on_malformed_key() { throw std::logic_error("malformed key"); }
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? void() : on_malformed_key())
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
      value.entries.push_back({std::string(key.str()), std::move(child)});
    }
  }
  return value;
}

// The first line with anything but ASCII outside strings and comments, 0 if there is none. TOML has
// no place for it, and toml++ runs into undefined behaviour over it (é = 1).
std::size_t line_of_odd_character(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // some editors' byte order mark
  std::string_view quote;                                       // of the string that is open
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    if (rest.front() == '\n') {
      ++line;
      if (quote.size() == 1) quote = {};  // which toml++ reports
    } else if (!quote.empty()) {
      if (rest.front() == '\\' && quote.front() == '"' && rest.size() > 1 && rest[1] != '\n') {
        ++at;
      } else if (rest.starts_with(quote)) {
        at += quote.size() - 1;
        quote = {};
      }
    } else if (rest.front() == '"' || rest.front() == '\'') {
      const bool thrice = rest.starts_with("\"\"\"") || rest.starts_with("\'\'\'");
      quote = rest.substr(0, thrice ? 3 : 1);
      at += quote.size() - 1;
    } else if (rest.front() == '#') {
      at = std::min(text.find('\n', at), text.size()) - 1;
    } else if (static_cast<unsigned char>(rest.front()) >= 0x80) {
      return line;
    }
  }
  return 0;
}

bool has_malformed_key(std::string_view text) {
  try {
    [[maybe_unused]] const toml::table document = toml::parse(text);
  } catch (const toml::parse_error&) {
    return false;
  } catch (const std::logic_error&) {
    return true;
  }
  return false;
}

// The line at which a text begins to have a malformed key.
std::size_t line_of_malformed_key(std::string_view text) {
  std::vector<std::size_t> ends;  // where each line ends
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    ends.push_back(at);
  }
  const auto found = std::ranges::partition_point(
      ends, [&](std::size_t end) { return !has_malformed_key(text.substr(0, end)); });
  return static_cast<std::size_t>(found - ends.begin()) + 1;
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
  if (const std::size_t line = line_of_odd_character(text); line > 0) {
    return base::fail(base::make_error(
        base::ErrorKind::kUsage,
        fmt::format("{}:{}: a character that belongs into quotes", file_name, line)));
  }
  try {
    const toml::table document = toml::parse(text);
    return converted(document, file_name, 0);
  } catch (const toml::parse_error& fault) {
    return base::fail(base::make_error(
        base::ErrorKind::kUsage,
        fmt::format("{}:{}: {}", file_name, fault.source().begin.line, fault.description())));
  } catch (const std::logic_error&) {
    return base::fail(base::make_error(
        base::ErrorKind::kUsage,
        fmt::format("{}:{}: a key is malformed", file_name, line_of_malformed_key(text))));
  }
}

}  // namespace robosync::daemon
