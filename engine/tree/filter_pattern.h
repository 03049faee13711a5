// FilterPattern: the pattern of one filter rule, compiled for matching.
//
// Decides from the pattern's text what it is compared with (the last component or the path), where
// it may begin (a leading '/' anchors it), whether it wants a directory (trailing '/'), and picks
// the cheapest comparison: most patterns in use are a plain name, a suffix or a prefix.
// Immutable value; any thread; matching allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/tree/filter_glob.h"

namespace robosync::tree {

class FilterPattern {
 public:
  // With kInsensitive names and paths are to be given in small letters. REQUIRES: text is not empty
  // and within kFilterPatternBytesMax.
  [[nodiscard]] static FilterPattern compile(std::string_view text,
                                             NameCase name_case = NameCase::kSensitive);

  // True when only the last component of a path is looked at.
  [[nodiscard]] bool wants_name() const { return shape_ < Shape::kPathLiteral; }
  // True when the pattern begins with '/'.
  [[nodiscard]] bool is_anchored() const { return anchored_; }

  // What an exact pattern is equal to (besides wanting a directory, perhaps): a whole name, or a
  // whole path from the anchor. Others may match more than one text.
  enum class Exact : std::uint8_t { kNo, kName, kAnchoredPath };
  [[nodiscard]] Exact exact() const {
    if (shape_ == Shape::kName) return Exact::kName;
    return shape_ == Shape::kPathLiteral && anchored_ ? Exact::kAnchoredPath : Exact::kNo;
  }
  // REQUIRES: exact() != Exact::kNo. Lives as long as the pattern stays where it is.
  [[nodiscard]] std::string_view exact_text() const { return literal_; }
  [[nodiscard]] bool wants_directory() const { return directories_only_; }

  // `name` is the last component of the entry, `path` its path from the place where the pattern is
  // anchored; `path` is not looked at when wants_name().
  [[nodiscard]] bool matches(std::string_view name, std::string_view path,
                             bool is_directory) const {
    if (directories_only_ && !is_directory) return false;
    switch (shape_) {
      case Shape::kNever:
        return false;
      case Shape::kAnyName:
        return true;
      case Shape::kName:
        return name == literal_;
      case Shape::kNamePrefix:
        return name.starts_with(literal_);
      case Shape::kNameSuffix:
        return name.ends_with(literal_);
      case Shape::kNameGlob:
        return name.size() >= bytes_min_ && name.starts_with(literal_) && glob_.matches(name);
      default:
        return matches_path(path, is_directory);
    }
  }

 private:
  // Those up to kNameGlob look at the name alone.
  enum class Shape : std::uint8_t {
    kNever,
    kAnyName,
    kName,        // literal_
    kNamePrefix,  // literal_*
    kNameSuffix,  // *literal_
    kNameGlob,    // begins with literal_
    kPathLiteral,
    kPathGlob,
  };
  // Where in the path a pattern with a '/' or "**" may begin.
  enum class Start : std::uint8_t {
    kRoot,          // at the anchor only
    kTail,          // at the last tail_components_ components
    kAnyComponent,  // at the anchor and behind every '/'
  };

  void choose_name_shape();
  [[nodiscard]] bool matches_path(std::string_view path, bool is_directory) const;
  [[nodiscard]] bool glob_matches_from(std::string_view text, bool is_directory) const;

  Shape shape_ = Shape::kNever;
  Start start_ = Start::kRoot;
  bool directories_only_ = false;
  bool anchored_ = false;
  bool slash_may_lead_ = false;    // begins with "**/", which also matches nothing at all
  bool slash_may_follow_ = false;  // ends with "/***", which also matches the directory itself
  std::size_t tail_components_ = 0;
  std::size_t bytes_min_ = 0;
  std::string literal_;
  Glob glob_;
};

}  // namespace robosync::tree
