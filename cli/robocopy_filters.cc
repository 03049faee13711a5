#include "cli/robocopy_filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>

#include "engine/base/case_folding.h"

namespace robosync::cli {
namespace {

using tree::NameCase;
using Rules = RobocopyRules;

base::Error usage(std::string message) {
  return base::make_error(base::ErrorKind::kUsage, std::move(message));
}

std::filesystem::path native(const std::string& path) {
  return {std::u8string(path.begin(), path.end())};
}

bool has_separator(std::string_view word, NameCase name_case) {
  // Where names do not differ by case a backslash separates; elsewhere it is part of a name.
  return word.find_first_of(name_case == NameCase::kInsensitive ? "/\\" : "/") !=
         std::string_view::npos;
}

// A pattern of * and ? in the language of the filters, where more characters are special.
std::string pattern_of(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '*' && pattern.ends_with('*')) continue;  // "**" would match '/', too
    if (c == '[') {
      pattern += "[[]";
    } else if (c == '\\') {
      pattern += "[\\\\]";
    } else {
      pattern += c;
    }
  }
  // DOS: names without a dot match *.*, too.
  if (pattern == "*.*" || pattern.ends_with("/*.*")) pattern.resize(pattern.size() - 2);
  return pattern;
}

// The part of `path` below `place`: "" for the place itself, nothing when it lies elsewhere.
std::optional<std::string> below(const std::string& path, const std::string& place,
                                 NameCase name_case) {
  const std::string head = path.substr(0, place.size());
  const bool same = name_case == NameCase::kInsensitive
                        ? base::folded_case(head) == base::folded_case(place)
                        : head == place;
  if (!same) return std::nullopt;
  if (path.size() == place.size()) return "";
  if (path[place.size()] != '/') return std::nullopt;
  return path.substr(place.size() + 1);
}

void add(Rules& rules, std::string rule) {
  rules.filters.push_back({.form = tree::FilterArgument::Form::kRule, .text = std::move(rule)});
}

// `slash` is "/" for directories.
base::Result<void> exclude(Rules& rules, std::string_view name, const std::string& word,
                           std::string_view slash, const RobocopyPlaces& places) {
  if (word.empty()) return base::fail(usage(fmt::format("{}: an empty name", name)));
  const bool is_path = has_separator(word, places.name_case) || word == "." || word == "..";
  if (!is_path) {
    add(rules, fmt::format("- {}{}", pattern_of(word), slash));
    return {};
  }
  const std::string path = absolute_place(word, places.source);
  bool names_something = false;
  if (const auto inside = below(path, places.source, places.name_case)) {
    if (inside->empty()) {
      return base::fail(usage(fmt::format("{}: '{}' is the SOURCE itself", name, word)));
    }
    add(rules, fmt::format("- /{}{}", pattern_of(*inside), slash));
    names_something = true;
  }
  const auto inside = below(path, places.target, places.name_case);
  if (inside && !inside->empty()) {
    add(rules, fmt::format("P /{}{}", pattern_of(*inside), slash));
    names_something = true;
  }
  if (!names_something) {
    rules.warnings.push_back(fmt::format(
        "{}: '{}' lies neither in SOURCE nor in TARGET and leaves out nothing", name, word));
  }
  return {};
}

base::Result<std::string> checked_file_pattern(const std::string& word, NameCase name_case) {
  if (word.empty()) return base::fail(usage("FILE: an empty name"));
  if (has_separator(word, name_case)) {
    return base::fail(usage(fmt::format(
        "'{}': FILE is a name or a pattern without separators, after SOURCE and TARGET", word)));
  }
  return pattern_of(word);
}

}  // namespace

std::string absolute_place(const std::string& path, const std::string& base) {
  std::filesystem::path place = native(path);
  std::error_code error;
  if (!base.empty()) {
    place = native(base) / place;
  } else if (auto absolute = std::filesystem::absolute(place, error); !error) {
    place = std::move(absolute);
  }
  const std::u8string text = place.lexically_normal().generic_u8string();
  std::string normal(text.begin(), text.end());
  while (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
  return normal == "/" ? "" : normal;
}

base::Result<RobocopyRules> robocopy_filters(const RobocopySelection& selection,
                                             const RobocopyPlaces& places) {
  Rules rules;
  for (const std::string& word : selection.excluded_directories) {
    ROBOSYNC_TRY(exclude(rules, "/XD", word, "/", places));
  }
  if (selection.levels > 0) {
    std::string deepest = "- /";
    for (unsigned level = 0; level < selection.levels; ++level) deepest += "*/";
    add(rules, std::move(deepest));
  }
  const bool everything =
      selection.files.empty() || std::ranges::any_of(selection.files, [](const std::string& file) {
        return pattern_of(file) == "*";
      });
  if (everything && selection.excluded_files.empty()) return rules;
  add(rules, "+ */");  // what follows is about files
  for (const std::string& word : selection.excluded_files) {
    ROBOSYNC_TRY(exclude(rules, "/XF", word, "", places));
  }
  if (everything) return rules;
  for (const std::string& word : selection.files) {
    ROBOSYNC_ASSIGN(const std::string pattern, checked_file_pattern(word, places.name_case));
    add(rules, "+ " + pattern);
  }
  add(rules, "- *");
  return rules;
}

}  // namespace robosync::cli
