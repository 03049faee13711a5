// TableReader: takes the keys of one TOML table one by one, and knows in the end which nobody
// asked for.
//
// Every mistake becomes a line in ConfigProblems with file, line and full key; reading goes on, so
// that a file's mistakes are told together. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/daemon/config_document.h"

namespace robosync::daemon {

class ConfigProblems {
 public:
  explicit ConfigProblems(std::string_view file_name) : file_name_(file_name) {}

  // `key` in full ("modules.photos.path").
  void add(unsigned line, std::string_view key, std::string_view what);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  // One mistake a line, at most kConfigProblemsMax, by line number.
  [[nodiscard]] std::string text() const;

 private:
  std::string file_name_;
  std::size_t count_ = 0;
  std::vector<std::pair<unsigned, std::string>> lines_;
};

// Something to read that may be missing (nullptr) or of the wrong kind (told, then nullptr).
class TableReader {
 public:
  // REQUIRES: `table` is a table; both outlive the reader.
  TableReader(const ConfigValue& table, std::string prefix, ConfigProblems& problems)
      : table_(table), prefix_(std::move(prefix)), problems_(problems) {}

  [[nodiscard]] const ConfigValue* take(std::string_view key, ConfigValue::Kind kind);
  [[nodiscard]] const ConfigValue* take_any(std::string_view key);

  // Leave `out` alone where the key is missing or wrong; true when it was read. A string is not
  // empty and has no control characters.
  bool boolean(std::string_view key, bool& out);
  bool integer(std::string_view key, std::uint64_t min, std::uint64_t max, std::uint64_t& out);
  bool string(std::string_view key, std::string& out);

  // The strings of a list with their lines.
  using Strings = std::vector<std::pair<unsigned, std::string>>;
  [[nodiscard]] Strings strings(std::string_view key, std::size_t count_max);

  // One of `names`, by its index.
  bool choice(std::string_view key, const std::vector<std::string_view>& names, std::size_t& out);

  void problem(unsigned line, std::string_view key, std::string_view what);
  [[nodiscard]] std::string full_key(std::string_view key) const;
  [[nodiscard]] unsigned line() const { return table_.line; }

  // Tells every key that was never taken. Call once, last.
  void finish();

 private:
  bool check_string(const ConfigValue& value, std::string_view key);

  const ConfigValue& table_;
  std::string prefix_;
  ConfigProblems& problems_;
  std::vector<std::string> known_;
};

// The one of `known` that `word` was probably meant to be, or "".
[[nodiscard]] std::string closest(std::string_view word, const std::vector<std::string>& known);

}  // namespace robosync::daemon
