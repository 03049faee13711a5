// ConfigValue: a TOML document as a tree of plain values that know their lines.
//
// The one place that knows the TOML library; everything that gives keys a meaning reads this.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace robosync::daemon {

// Arrays and tables inside each other.
inline constexpr int kConfigDepthMax = 16;

struct ConfigEntry;

struct ConfigValue {
  enum class Kind : std::uint8_t { kString, kInteger, kBoolean, kArray, kTable, kOther };
  Kind kind = Kind::kOther;  // kOther: floats, dates and times, which no key of ours takes
  unsigned line = 0;         // 0: the document itself
  std::string text;
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<ConfigValue> items;
  std::vector<ConfigEntry> entries;  // in the order of their keys
};

struct ConfigEntry {
  std::string key;
  ConfigValue value;
};

[[nodiscard]] std::string_view to_string(ConfigValue::Kind kind);

// The document as a table. kUsage ("FILE:LINE: what the parser says"), or kLimit when it is longer
// than kConfigBytesMax or deeper than kConfigDepthMax.
[[nodiscard]] base::Result<ConfigValue> parse_document(std::string_view text,
                                                       std::string_view file_name);

}  // namespace robosync::daemon
