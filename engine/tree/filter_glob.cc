#include "engine/tree/filter_glob.h"

#include <optional>

namespace robosync::tree {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// The classes of POSIX in the C locale, whatever the user's locale is: the same rules must select
// the same names on both sides of a transfer.
bool in_class(std::string_view name, unsigned char byte, bool& known) {
  const bool upper = byte >= 'A' && byte <= 'Z';
  const bool lower = byte >= 'a' && byte <= 'z';
  const bool digit = byte >= '0' && byte <= '9';
  const bool graph = byte > 0x20 && byte < 0x7F;
  known = true;
  if (name == "alnum") return upper || lower || digit;
  if (name == "alpha") return upper || lower;
  if (name == "blank") return byte == ' ' || byte == '\t';
  if (name == "cntrl") return byte < 0x20 || byte == 0x7F;
  if (name == "digit") return digit;
  if (name == "graph") return graph;
  if (name == "lower") return lower;
  if (name == "print") return graph || byte == ' ';
  if (name == "punct") return graph && !upper && !lower && !digit;
  if (name == "space") return byte == ' ' || (byte >= '\t' && byte <= '\r');
  if (name == "upper") return upper;
  if (name == "xdigit")
    return digit || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
  known = false;
  return false;
}

// Reads a bracket expression; `at` is behind the '[' and ends behind the ']'.
class SetParser {
 public:
  SetParser(std::string_view pattern, std::size_t at, NameCase name_case)
      : pattern_(pattern), at_(at), name_case_(name_case) {}

  // Nothing when the expression has no end or names a class that does not exist.
  std::optional<Glob::ByteSet> parse() {
    const bool negated = peek() == '!' || peek() == '^';
    if (negated) ++at_;
    // A ']' that comes first stands for itself.
    do {
      if (at_ >= pattern_.size() || !take_member()) return std::nullopt;
    } while (peek() != ']');
    ++at_;
    if (name_case_ == NameCase::kInsensitive) add_small_letters();
    if (negated) set_.flip();
    set_.reset('/');
    return set_;
  }

  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  [[nodiscard]] int peek(std::size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? static_cast<unsigned char>(pattern_[at_ + ahead]) : -1;
  }

  // One byte, a range's rest ("-z") or a class.
  bool take_member() {
    if (peek() == '\\') {
      ++at_;
      if (peek() < 0) return false;
      add_byte();
      return true;
    }
    if (peek() == '-' && before_ >= 0 && peek(1) >= 0 && peek(1) != ']') return take_range();
    if (peek() == '[' && peek(1) == ':') return take_class();
    add_byte();
    return true;
  }

  // Of [:upper:]; everything else was in small letters before.
  void add_small_letters() {
    for (std::size_t capital = 'A'; capital <= 'Z'; ++capital) {
      if (set_.test(capital)) set_.set(capital - 'A' + 'a');
    }
  }

  void add_byte() {
    before_ = peek();
    set_.set(static_cast<std::size_t>(before_));
    ++at_;
  }

  bool take_range() {
    ++at_;
    if (peek() == '\\') ++at_;
    if (peek() < 0) return false;
    for (int byte = before_; byte <= peek(); ++byte) set_.set(static_cast<std::size_t>(byte));
    before_ = -1;  // the end of a range begins no other
    ++at_;
    return true;
  }

  bool take_class() {
    const std::size_t begin = at_ + 2;
    const std::size_t end = pattern_.find(']', begin);
    if (end == std::string_view::npos) return false;
    if (end == begin || pattern_[end - 1] != ':') {
      add_byte();  // not ended by ":]": the '[' stands for itself
      return true;
    }
    const std::string_view name = pattern_.substr(begin, end - 1 - begin);
    bool known = false;
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (in_class(name, static_cast<unsigned char>(byte), known)) set_.set(byte);
    }
    before_ = -1;
    at_ = end + 1;
    return known;
  }

  std::string_view pattern_;
  std::size_t at_;
  NameCase name_case_;
  int before_ = -1;  // the byte a '-' would make a range from, -1 for none
  Glob::ByteSet set_;
};

}  // namespace

Glob Glob::compile(std::string_view pattern, NameCase name_case) {
  Glob glob;
  std::size_t at = 0;
  while (at < pattern.size() && !glob.malformed_) {
    const char byte = pattern[at++];
    if (byte == '*') {
      const std::size_t begin = at;
      while (at < pattern.size() && pattern[at] == '*') ++at;
      glob.tokens_.push_back({at == begin ? Op::kStar : Op::kDeepStar});
    } else if (byte == '?') {
      glob.tokens_.push_back({Op::kAnyByte});
    } else if (byte == '[') {
      SetParser parser(pattern, at, name_case);
      const auto set = parser.parse();
      glob.malformed_ = !set;
      if (!set) break;
      at = parser.at();
      glob.tokens_.push_back({Op::kSet, 0, static_cast<std::uint16_t>(glob.sets_.size())});
      glob.sets_.push_back(*set);
    } else if (byte == '\\') {
      glob.malformed_ = at == pattern.size();  // nothing left to take literally
      if (at < pattern.size()) glob.tokens_.push_back({Op::kByte, pattern[at++]});
    } else {
      glob.tokens_.push_back({Op::kByte, byte});
    }
  }
  return glob;
}

bool Glob::literal(std::size_t first, std::size_t last, std::string& out) const {
  out.clear();
  for (std::size_t i = first; i < last; ++i) {
    if (tokens_[i].op != Op::kByte) return false;
    out += tokens_[i].byte;
  }
  return !malformed_;
}

// Greedy with two points of return: where the last `*` and the last `**` may take one byte more.
// Earlier ones need no second chance. Behind a `**` the earliest place where the part up to the
// next
// `**` fits leaves the most for the rest; within such a part the earliest place for what follows a
// `*` is as good as any, because a `*` cannot pass a '/': if a later place in the same component
// would do, the next `*` can reach it.
bool Glob::matches(std::string_view text, std::size_t first, std::size_t last) const {
  if (malformed_) return false;
  std::size_t token = first;
  std::size_t at = 0;
  std::size_t star = kNone, star_at = 0;  // the token behind the last `*`, and how far it reaches
  std::size_t deep = kNone, deep_at = 0;  // likewise for `**`
  for (;;) {
    if (token == last) {
      if (at == text.size()) return true;
    } else if (tokens_[token].op == Op::kStar) {
      star = ++token;
      star_at = at;
      continue;
    } else if (tokens_[token].op == Op::kDeepStar) {
      deep = ++token;
      deep_at = at;
      star = kNone;
      if (token == last) return true;
      continue;
    } else if (at == text.size()) {
      return false;  // taking more for a wildcard would only leave less
    } else if (accepts(tokens_[token], text[at])) {
      ++token;
      ++at;
      continue;
    }
    if (star != kNone && star_at < text.size() && text[star_at] != '/') {
      at = ++star_at;
      token = star;
    } else if (deep != kNone && deep_at < text.size()) {
      at = ++deep_at;
      token = deep;
      star = kNone;
    } else {
      return false;
    }
  }
}

}  // namespace robosync::tree
