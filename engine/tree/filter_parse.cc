#include "engine/tree/filter_parse.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/tree/filter.h"

namespace robosync::tree {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using Kind = ParsedRule::Kind;

std::unexpected<base::Error> usage(std::string reason) {
  return fail(make_error(ErrorKind::kUsage, std::move(reason)));
}

bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

struct LongName {
  std::string_view name;
  char letter;
};
constexpr std::array<LongName, 9> kLongNames = {{{"clear", '!'},
                                                 {"dir-merge", ':'},
                                                 {"exclude", '-'},
                                                 {"hide", 'H'},
                                                 {"include", '+'},
                                                 {"merge", '.'},
                                                 {"protect", 'P'},
                                                 {"risk", 'R'},
                                                 {"show", 'S'}}};

// Takes the rule's name off `entry` and returns its letter, 0 when there is no such rule.
char take_name(std::string_view& entry) {
  for (const auto& [name, letter] : kLongNames) {
    if (!entry.starts_with(name)) continue;
    const std::string_view rest = entry.substr(name.size());
    if (!rest.empty() && rest.front() != '_' && rest.front() != ',' && !is_space(rest.front())) {
      return 0;
    }
    entry = rest;
    return letter;
  }
  const char letter = entry.front();
  if (std::string_view("-+.:HSPR!").find(letter) == std::string_view::npos) return 0;
  entry.remove_prefix(1);
  return letter;
}

void apply_name(char letter, ParsedRule& rule) {
  rule.flags.include = letter == '+' || letter == 'S' || letter == 'R';
  rule.flags.source_side = letter == 'H' || letter == 'S';
  rule.flags.target_side = letter == 'P' || letter == 'R';
  if (letter == '.') rule.kind = Kind::kMerge;
  if (letter == ':') rule.kind = Kind::kDirMerge;
  if (letter == '!') rule.kind = Kind::kClear;
}

// Applies one modifier; false when the rule does not take it. `side_named`: by the rule's name.
bool apply_modifier(char modifier, bool side_named, ParsedRule& rule) {
  RuleFlags& flags = rule.flags;
  const bool merges = rule.kind == Kind::kMerge || rule.kind == Kind::kDirMerge;
  switch (modifier) {
    case '-':
    case '+':
      if (!merges || flags.bare_patterns) return false;
      flags.bare_patterns = true;
      flags.include = modifier == '+';
      return true;
    case '/':
      flags.absolute = true;
      return true;
    case '!':
      rule.negated = true;
      return !merges;
    case 'C':
      if (flags.bare_patterns || side_named) return false;
      flags.bare_patterns = flags.word_split = flags.not_inherited = flags.cvs = true;
      if (!merges) rule.kind = Kind::kCvsList;
      return true;
    case 'e':
      rule.excludes_self = true;
      return merges;
    case 'n':
      flags.not_inherited = true;
      return merges;
    case 'w':
      flags.word_split = true;
      return merges;
    case 'p':
      flags.perishable = true;
      return true;
    case 'r':
      flags.target_side = true;
      return !side_named;
    case 's':
      flags.source_side = true;
      return !side_named;
    case 'x':
      rule.for_xattrs = true;
      return true;
    default:
      return false;
  }
}

// Takes modifiers up to the blank or '_' before the pattern, which stays.
Result<void> take_modifiers(std::string_view& entry, bool side_named, ParsedRule& rule) {
  if (entry.starts_with(',')) entry.remove_prefix(1);
  while (!entry.empty() && entry.front() != ' ' && entry.front() != '_') {
    if (!apply_modifier(entry.front(), side_named, rule)) {
      return usage("invalid modifier '" + std::string(1, entry.front()) + "' in a filter rule");
    }
    entry.remove_prefix(1);
  }
  return {};
}

Result<void> check_text(const ParsedRule& rule) {
  const bool needs_text =
      rule.kind == Kind::kPattern ||
      ((rule.kind == Kind::kMerge || rule.kind == Kind::kDirMerge) && !rule.flags.cvs);
  if (needs_text && rule.text.empty()) return usage("filter rule without a pattern or file name");
  if (rule.kind == Kind::kClear && !rule.text.empty()) {
    return usage("something follows the '!' of a filter rule");
  }
  if (rule.kind == Kind::kCvsList && !rule.text.empty()) {
    return usage("something follows the 'C' of a filter rule");
  }
  if (rule.text.find('\0') != std::string_view::npos) return usage("NUL byte in a filter rule");
  if (rule.text.size() > kFilterPatternBytesMax) {
    return fail(
        make_error(ErrorKind::kLimit,
                   "filter rule longer than " + std::to_string(kFilterPatternBytesMax) + " bytes"));
  }
  return {};
}

}  // namespace

// The next entry that is not empty or a comment; empty at the end.
std::string_view RuleReader::take_entry() {
  if (layout_ == RuleLayout::kSingle) {
    const std::string_view all = text_.substr(std::min(at_, text_.size()));
    at_ = text_.size();
    line_ = 1;
    return all;
  }
  if (layout_ == RuleLayout::kWords) {
    skip_to_word();
    line_ = lines_ended_ + 1;
    return take_word();
  }
  const std::string_view ends =
      layout_ == RuleLayout::kNulEnded ? std::string_view("\0", 1) : std::string_view("\r\n");
  while (at_ < text_.size()) {
    const std::size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
    const std::string_view entry = text_.substr(at_, end - at_);
    line_ = lines_ended_ + 1;
    // CR LF is one line end for the count; the empty entry between the two is skipped in any case.
    if (end < text_.size() && (text_[end] != '\r' || !text_.substr(end + 1).starts_with('\n'))) {
      ++lines_ended_;
    }
    at_ = end + 1;
    if (!entry.empty() && entry.front() != '#' && entry.front() != ';') return entry;
  }
  return {};
}

std::string_view RuleReader::take_word() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '\0') ++at_;
  return text_.substr(begin, at_ - begin);
}

void RuleReader::skip_to_word() {
  for (; at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == '\0'); ++at_) {
    if (text_[at_] == '\n') ++lines_ended_;
  }
}

Result<std::optional<ParsedRule>> RuleReader::next() {
  const std::string_view entry = take_entry();
  if (entry.empty()) return std::optional<ParsedRule>();
  ROBOSYNC_ASSIGN(ParsedRule rule, parse(entry));
  ROBOSYNC_TRY(check_text(rule));
  if (defaults_.names_side() && rule.kind != Kind::kClear) {
    // A merge file that is for one side by its rule cannot have rules for the other.
    if (rule.flags.names_side()) {
      return usage("filter rule names a side in a file that is merged for one side");
    }
    rule.flags.source_side = defaults_.source_side;
    rule.flags.target_side = defaults_.target_side;
  }
  return std::optional<ParsedRule>(rule);
}

Result<ParsedRule> RuleReader::parse(std::string_view entry) {
  ParsedRule rule;
  if (!defaults_.bare_patterns && prefix_ == RulePrefix::kFull) {
    ROBOSYNC_ASSIGN(rule, parse_full(entry));
  } else {
    rule.flags.include = defaults_.include;
    rule.text = entry;
    if (entry == "!" && (!defaults_.bare_patterns || defaults_.cvs)) {
      rule.kind = Kind::kClear;
      rule.text = {};
    } else if (!defaults_.bare_patterns && (entry.starts_with("- ") || entry.starts_with("+ "))) {
      rule.flags.include = entry.front() == '+';
      rule.text.remove_prefix(2);
    }
  }
  rule.flags.absolute |= defaults_.absolute;
  rule.flags.perishable |= defaults_.perishable;
  return rule;
}

Result<ParsedRule> RuleReader::parse_full(std::string_view entry) {
  ParsedRule rule;
  const char letter = take_name(entry);
  if (letter == 0) return usage("unknown filter rule");
  apply_name(letter, rule);
  if (letter == '!') {
    if (entry.starts_with(',')) entry.remove_prefix(1);
    rule.text = entry;
    return rule;
  }
  ROBOSYNC_TRY(take_modifiers(entry, rule.flags.names_side(), rule));
  if (!entry.empty()) {
    rule.text = entry.substr(1);
  } else if (layout_ == RuleLayout::kWords && !rule.flags.cvs) {
    // "- foo" in a file of words: the blank behind the prefix does not end the rule.
    skip_to_word();
    rule.text = take_word();
  }
  return rule;
}

}  // namespace robosync::tree
