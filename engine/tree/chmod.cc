#include "engine/tree/chmod.h"

#include <algorithm>
#include <string>

namespace robosync::tree {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

constexpr std::uint32_t kSetUser = 04000;
constexpr std::uint32_t kSetGroup = 02000;
constexpr std::uint32_t kSticky = 01000;
constexpr std::uint32_t kAllBits = 07777;
constexpr std::uint32_t kEverybody = 0111;
constexpr std::uint32_t kExecute = 0111;

}  // namespace

bool ModeChange::parse_who(char letter, Clause& clause) {
  switch (letter) {
    case 'u':
      clause.who |= 0100;
      clause.who_special |= kSetUser;
      return true;
    case 'g':
      clause.who |= 0010;
      clause.who_special |= kSetGroup;
      return true;
    case 'o':
      clause.who |= 0001;
      return true;
    case 'a':
      clause.who |= kEverybody;
      clause.who_special |= kSetUser | kSetGroup;
      return true;
    default:
      return false;
  }
}

bool ModeChange::parse_permission(char letter, Clause& clause) {
  switch (letter) {
    case 'r':
      clause.bits |= 4;
      return true;
    case 'w':
      clause.bits |= 2;
      return true;
    case 'X':
      clause.conditional_execute = true;
      [[fallthrough]];
    case 'x':
      clause.bits |= 1;
      return true;
    case 's':
      // Where neither user nor group is named, rsync means the user and forgets a 't' before it.
      clause.special = clause.who_special != 0 ? clause.special | clause.who_special : kSetUser;
      return true;
    case 't':
      clause.special |= kSticky;
      return true;
    default:
      return false;
  }
}

bool ModeChange::parse_clause(std::string_view text, Clause& clause) {
  const auto take_prefix = [&](char letter, Clause::Applies applies) {
    if (!text.starts_with(letter)) return;
    clause.applies = applies;
    // rsync takes a letter written twice.
    while (text.starts_with(letter)) text.remove_prefix(1);
  };
  take_prefix('D', Clause::Applies::kDirectories);
  if (clause.applies == Clause::Applies::kBoth) take_prefix('F', Clause::Applies::kFiles);
  if (text.empty()) return false;

  if (text.front() >= '0' && text.front() <= '9') {
    for (const char digit : text) {
      if (digit < '0' || digit > '7') return false;
      clause.bits = clause.bits * 8 + static_cast<std::uint32_t>(digit - '0');
      if (clause.bits > kAllBits) return false;
    }
    return true;
  }
  while (!text.empty() && parse_who(text.front(), clause)) text.remove_prefix(1);
  if (text.empty()) return false;
  clause.operation = text.front();
  if (std::string_view("+-=").find(clause.operation) == std::string_view::npos) return false;
  text.remove_prefix(1);
  if (text == "u" || text == "g" || text == "o") {
    clause.copied_from = text.front();
    return true;
  }
  return std::all_of(text.begin(), text.end(),
                     [&](char letter) { return parse_permission(letter, clause); });
}

Result<ModeChange> ModeChange::parse(std::string_view text) {
  ModeChange change;
  change.text_ = text;
  for (;;) {
    const std::size_t end = std::min(text.find(','), text.size());
    Clause clause;
    if (!parse_clause(text.substr(0, end), clause)) {
      return fail(make_error(ErrorKind::kUsage,
                             "--chmod does not take '" + std::string(text.substr(0, end)) + "'"));
    }
    if (change.clauses_.size() == kModeChangeClausesMax) {
      return fail(make_error(
          ErrorKind::kLimit,
          "--chmod has more than " + std::to_string(kModeChangeClausesMax) + " clauses"));
    }
    change.clauses_.push_back(clause);
    if (end == text.size()) return change;
    text.remove_prefix(end + 1);
  }
}

std::uint32_t ModeChange::apply_clause(const Clause& clause, std::uint32_t mode,
                                       bool keep_execute_off, std::uint32_t umask) {
  if (clause.operation == 0) return clause.bits;
  const std::uint32_t who = clause.who != 0 ? clause.who : kEverybody;
  std::uint32_t letters = clause.bits;
  // What '=' takes from the special bits: nothing unless the clause sets some, except that a copy
  // of somebody's permissions replaces those of its owner whole (others: the sticky bit).
  std::uint32_t cleared = clause.special != 0 ? clause.who_special : 0;
  if (clause.copied_from != 0) {
    const unsigned shift = clause.copied_from == 'u' ? 6 : clause.copied_from == 'g' ? 3 : 0;
    letters = (mode >> shift) & 7;
    cleared = clause.who_special;
    if (clause.who == 0) cleared = kSetUser | kSetGroup;
    if ((who & 0001) != 0) cleared |= kSticky;
  }
  std::uint32_t bits = who * letters;
  if (clause.who == 0) bits &= ~umask;
  bits |= clause.special;
  switch (clause.operation) {
    case '-':
      return mode & ~bits;
    case '=':
      mode &= ~(who * 7 | cleared);
      break;
    default:
      break;
  }
  if (clause.conditional_execute && keep_execute_off) bits &= ~kExecute;
  return mode | bits;
}

std::uint32_t ModeChange::apply(std::uint32_t mode, bool is_directory, std::uint32_t umask) const {
  mode &= kAllBits;
  // X asks what the file was before the first clause.
  const bool keep_execute_off = !is_directory && (mode & kExecute) == 0;
  for (const Clause& clause : clauses_) {
    if (clause.applies == Clause::Applies::kDirectories && !is_directory) continue;
    if (clause.applies == Clause::Applies::kFiles && is_directory) continue;
    mode = apply_clause(clause, mode, keep_execute_off, umask) & kAllBits;
  }
  return mode;
}

void ModeChange::append(const ModeChange& other) {
  // By index: `other` may be this very object.
  const std::size_t count = other.clauses_.size();
  clauses_.reserve(clauses_.size() + count);
  for (std::size_t i = 0; i < count; ++i) clauses_.push_back(other.clauses_[i]);
  text_ = text_.empty() ? other.text_ : text_ + ',' + other.text_;
}

}  // namespace robosync::tree
