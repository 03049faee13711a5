#include "engine/daemon/config_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/daemon/config.h"

namespace robosync::daemon {
namespace {

// What a key that nobody knows may look like in a message.
constexpr std::size_t kShownKeyBytesMax = 80;
constexpr std::size_t kShownTextBytesMax = 500;

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out(text.substr(0, bytes_max));
  std::ranges::replace_if(out, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, '?');
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string closest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > kShownKeyBytesMax) return {};
  std::string best;
  std::size_t best_distance = word.size() / 3 + 1;  // one slip in every three letters
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance > best_distance || (distance == best_distance && !best.empty())) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

void ConfigProblems::add(unsigned line, std::string_view key, std::string_view what) {
  ++count_;
  if (count_ > kConfigProblemsMax) return;
  lines_.emplace_back(line, fmt::format("{}:{}: {}: {}", file_name_, std::max(line, 1U),
                                        printable(key, 3 * kShownKeyBytesMax),
                                        printable(what, kShownTextBytesMax)));
}

std::string ConfigProblems::text() const {
  auto sorted = lines_;
  std::ranges::stable_sort(sorted, {}, &std::pair<unsigned, std::string>::first);
  std::string out;
  for (const auto& [line, text] : sorted) {
    if (!out.empty()) out += '\n';
    out += text;
  }
  if (count_ > sorted.size()) out += fmt::format("\nand {} more", count_ - sorted.size());
  return out;
}

std::string TableReader::full_key(std::string_view key) const {
  return prefix_.empty() ? std::string(key) : fmt::format("{}.{}", prefix_, key);
}

void TableReader::problem(unsigned line, std::string_view key, std::string_view what) {
  problems_.add(line, key.empty() ? prefix_ : full_key(key), what);
}

const ConfigValue* TableReader::take_any(std::string_view key) {
  known_.emplace_back(key);
  for (const auto& [name, value] : table_.entries) {
    if (name == key) return &value;
  }
  return nullptr;
}

const ConfigValue* TableReader::take(std::string_view key, ConfigValue::Kind kind) {
  const ConfigValue* value = take_any(key);
  if (value == nullptr || value->kind == kind) return value;
  problem(value->line, key,
          fmt::format("must be {}, is {}", to_string(kind), to_string(value->kind)));
  return nullptr;
}

bool TableReader::boolean(std::string_view key, bool& out) {
  const ConfigValue* value = take(key, ConfigValue::Kind::kBoolean);
  if (value != nullptr) out = value->boolean;
  return value != nullptr;
}

bool TableReader::integer(std::string_view key, std::uint64_t min, std::uint64_t max,
                          std::uint64_t& out) {
  const ConfigValue* value = take(key, ConfigValue::Kind::kInteger);
  if (value == nullptr) return false;
  if (value->integer < 0 || static_cast<std::uint64_t>(value->integer) < min ||
      static_cast<std::uint64_t>(value->integer) > max) {
    problem(value->line, key, fmt::format("must be {} to {}, is {}", min, max, value->integer));
    return false;
  }
  out = static_cast<std::uint64_t>(value->integer);
  return true;
}

bool TableReader::check_string(const ConfigValue& value, std::string_view key) {
  if (value.kind != ConfigValue::Kind::kString) {
    problem(value.line, key, fmt::format("must be a string, is {}", to_string(value.kind)));
    return false;
  }
  if (value.text.empty()) {
    problem(value.line, key, "must not be empty");
    return false;
  }
  if (value.text.size() > kConfigStringBytesMax) {
    problem(value.line, key, fmt::format("is longer than {} bytes", kConfigStringBytesMax));
    return false;
  }
  const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
  if (std::ranges::any_of(value.text, is_control)) {
    problem(value.line, key, "must not have control characters");
    return false;
  }
  return true;
}

bool TableReader::string(std::string_view key, std::string& out) {
  const ConfigValue* value = take_any(key);
  if (value == nullptr || !check_string(*value, key)) return false;
  out = value->text;
  return true;
}

TableReader::Strings TableReader::strings(std::string_view key, std::size_t count_max) {
  Strings out;
  const ConfigValue* value = take(key, ConfigValue::Kind::kArray);
  if (value == nullptr) return out;
  if (value->items.size() > count_max) {
    problem(value->line, key, fmt::format("has more than {} entries", count_max));
    return out;
  }
  for (const ConfigValue& item : value->items) {
    if (check_string(item, key)) out.emplace_back(item.line, item.text);
  }
  return out;
}

bool TableReader::choice(std::string_view key, const std::vector<std::string_view>& names,
                         std::size_t& out) {
  const ConfigValue* value = take_any(key);
  if (value == nullptr || !check_string(*value, key)) return false;
  const auto found = std::ranges::find(names, value->text);
  if (found == names.end()) {
    problem(value->line, key,
            fmt::format("must be one of {}, is '{}'", fmt::join(names, ", "), value->text));
    return false;
  }
  out = static_cast<std::size_t>(found - names.begin());
  return true;
}

void TableReader::finish() {
  for (const auto& [name, value] : table_.entries) {
    if (std::ranges::find(known_, name) != known_.end()) continue;
    const std::string suggestion = closest(name, known_);
    problem(value.line, name,
            suggestion.empty() ? "there is no such key"
                               : fmt::format("there is no such key; is it '{}'?", suggestion));
  }
}

}  // namespace robosync::daemon
