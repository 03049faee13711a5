// The grammar of filter rules: the text of an argument or a file becomes ParsedRules; nothing is
// matched or read.
//
//   RULE [PATTERN]      RULE,MODIFIERS [PATTERN]
//
// with RULE a short or long name ("-", "exclude") and one blank or '_' before the pattern. What the
// rules mean is in filter_loader.h. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::tree {

// What a rule says beside its pattern, and what a merge rule makes the default for its file.
struct RuleFlags {
  bool include = false;
  bool absolute = false;       // '/': matched against the absolute path
  bool perishable = false;     // 'p'
  bool source_side = false;    // 's', hide, show; where neither side is named, both are meant
  bool target_side = false;    // 'r', protect, risk
  bool bare_patterns = false;  // '-' and '+' of a merge rule: the file holds patterns, not rules
  bool word_split = false;     // 'w': rules end at white space
  bool not_inherited = false;  // 'n'
  bool cvs = false;            // 'C'

  [[nodiscard]] bool names_side() const { return source_side || target_side; }
};

struct ParsedRule {
  enum class Kind : std::uint8_t { kPattern, kMerge, kDirMerge, kClear, kCvsList };
  Kind kind = Kind::kPattern;
  RuleFlags flags;
  bool negated = false;        // '!': takes effect where the pattern does not match
  bool for_xattrs = false;     // 'x'
  bool excludes_self = false;  // 'e': the merge file itself is excluded
  std::string_view text;       // the pattern or the file's name, never empty where one is needed
};

// How a rule's prefix is written.
enum class RulePrefix : std::uint8_t {
  kFull,      // any rule name
  kOldStyle,  // "- ", "+ " or none, and "!" alone, as in --exclude and its files
};

// Where one rule ends and the next begins.
enum class RuleLayout : std::uint8_t {
  kSingle,    // the text is one rule
  kLines,     // a rule a line; empty lines and lines that begin with '#' or ';' are skipped
  kNulEnded,  // likewise, entries ended by NUL
  kWords,     // rules end at white space, no comments
};

// Reads the rules of one text in order. `text` must outlive the reader and the rules.
class RuleReader {
 public:
  // `defaults` is what the merge rule said that brought us here; its word_split overrides `layout`
  // of a file.
  RuleReader(std::string_view text, RuleLayout layout, const RuleFlags& defaults, RulePrefix prefix)
      : text_(text),
        layout_(defaults.word_split && layout != RuleLayout::kSingle ? RuleLayout::kWords : layout),
        defaults_(defaults),
        prefix_(prefix) {}

  // The next rule, or nothing at the end. Fails with kUsage or kLimit; the error says what is wrong
  // and quotes no more than a byte of the rule, since the file may hold somebody's secrets.
  [[nodiscard]] base::Result<std::optional<ParsedRule>> next();

  // The line that the last rule begins on, from 1 (of NUL-ended entries, its number).
  [[nodiscard]] std::size_t line() const { return line_; }

 private:
  [[nodiscard]] std::string_view take_entry();
  [[nodiscard]] std::string_view take_word();
  void skip_to_word();
  [[nodiscard]] base::Result<ParsedRule> parse(std::string_view entry);
  [[nodiscard]] base::Result<ParsedRule> parse_full(std::string_view entry);

  std::string_view text_;
  RuleLayout layout_;
  RuleFlags defaults_;
  RulePrefix prefix_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t lines_ended_ = 0;  // line ends before at_
};

}  // namespace robosync::tree
