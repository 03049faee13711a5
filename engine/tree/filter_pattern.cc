#include "engine/tree/filter_pattern.h"

#include <algorithm>

#include "engine/base/case_folding.h"
#include "engine/base/check.h"

namespace robosync::tree {
namespace {

// The last `count` components of `path`; nothing (no data) when it has fewer.
std::string_view tail(std::string_view path, std::size_t count) {
  std::size_t end = path.size();
  for (;;) {
    const std::size_t slash = path.substr(0, end).rfind('/');
    if (--count == 0) return slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (slash == std::string_view::npos) return {};
    end = slash;
  }
}

}  // namespace

FilterPattern FilterPattern::compile(std::string_view text, NameCase name_case) {
  ROBOSYNC_CHECK(!text.empty());
  std::string small;
  if (name_case == NameCase::kInsensitive) {
    small = base::folded_case(text);
    text = small;
  }
  FilterPattern pattern;
  if (text.size() > 1 && text.ends_with('/')) {
    pattern.directories_only_ = true;
    text.remove_suffix(1);
  }
  // These four look at the text as it stands, escaped or bracketed characters included, as rsync
  // does: "a\**b" is compared with the path although its first star is an ordinary character.
  const auto slashes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '/'));
  const bool has_wildcard = text.find_first_of("*?[") != std::string_view::npos;
  const bool has_deep_star = text.find("**") != std::string_view::npos;
  const bool ends_with_triple_star = text.ends_with("***");

  pattern.anchored_ = text.starts_with('/');
  if (pattern.anchored_) text.remove_prefix(1);

  if (has_wildcard) {
    pattern.glob_ = Glob::compile(text, name_case);
    if (pattern.glob_.never_matches()) return pattern;
  }
  const bool by_name = slashes == 0 && !has_deep_star;
  if (by_name && has_wildcard) {
    pattern.choose_name_shape();
    return pattern;
  }
  if (!has_wildcard) pattern.literal_ = text;
  if (by_name) {
    pattern.shape_ = Shape::kName;
    return pattern;
  }

  const Glob& glob = pattern.glob_;
  // A wildcard pattern whose wildcards are all escaped is a literal after all.
  const bool literal = !has_wildcard || glob.literal(0, glob.size(), pattern.literal_);
  pattern.shape_ = literal ? Shape::kPathLiteral : Shape::kPathGlob;
  if (pattern.anchored_) {
    pattern.start_ = Start::kRoot;
  } else if (!has_deep_star) {
    pattern.start_ = Start::kTail;
    pattern.tail_components_ = slashes + 1;
  } else if (!text.starts_with("**")) {
    pattern.start_ = Start::kAnyComponent;
  }
  pattern.slash_may_lead_ =
      !pattern.anchored_ && text.starts_with("**") && glob.size() > 1 && glob.is_byte(1, '/');
  pattern.slash_may_follow_ =
      ends_with_triple_star && glob.size() > 1 && glob.is_byte(glob.size() - 2, '/');
  return pattern;
}

void FilterPattern::choose_name_shape() {
  const std::size_t size = glob_.size();
  shape_ = Shape::kNameGlob;
  if (glob_.literal(0, size, literal_)) {
    shape_ = Shape::kName;
  } else if (size == 1 && glob_.is_star(0)) {
    shape_ = Shape::kAnyName;
  } else if (glob_.is_star(size - 1) && glob_.literal(0, size - 1, literal_)) {
    shape_ = Shape::kNamePrefix;
  } else if (glob_.is_star(0) && glob_.literal(1, size, literal_)) {
    shape_ = Shape::kNameSuffix;
  }
  if (shape_ != Shape::kNameGlob) return;
  for (std::size_t i = 0; i < size; ++i) bytes_min_ += glob_.is_star(i) ? 0U : 1U;
  std::size_t fixed = 0;
  while (glob_.literal(0, fixed + 1, literal_)) ++fixed;
  [[maybe_unused]] const bool found = glob_.literal(0, fixed, literal_);
}

bool FilterPattern::glob_matches_from(std::string_view text, bool is_directory) const {
  const std::size_t size = glob_.size();
  if (glob_.matches(text, 0, size)) return true;
  // "**/x" is compared with "/path": its slash may stand for the one before the first component.
  if (slash_may_lead_ && glob_.matches(text, 2, size)) return true;
  // "x/***" is compared with "path/" when that is a directory.
  if (!slash_may_follow_ || !is_directory) return false;
  return glob_.matches(text, 0, size - 2) ||
         (slash_may_lead_ && size > 3 && glob_.matches(text, 2, size - 2));
}

bool FilterPattern::matches_path(std::string_view path, bool is_directory) const {
  if (start_ == Start::kTail) {
    path = tail(path, tail_components_);
    if (path.data() == nullptr) return false;
  }
  if (shape_ == Shape::kPathLiteral) return path == literal_;
  if (glob_matches_from(path, is_directory)) return true;
  if (start_ != Start::kAnyComponent) return false;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    if (glob_matches_from(path.substr(slash + 1), is_directory)) return true;
  }
  return false;
}

}  // namespace robosync::tree
