// Glob: a wildcard pattern in rsync's language, compiled once and matched many times.
//
// `?` is one byte, `*` any number of bytes, `[...]` one byte of a set, none of them '/'; `**` is
// any number of bytes, '/' included; a backslash takes the next byte literally. A pattern that is
// not well formed (an open '[') matches nothing. Matching allocates nothing and takes time
// polynomial in the length of text and pattern. Immutable value; any thread.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace robosync::tree {

// Whether "A" and "a" are the same name.
enum class NameCase : std::uint8_t {
  kSensitive,
  kInsensitive,  // patterns and texts are compared in small letters (base/case_folding.h)
};

class Glob {
 public:
  // A set of bytes, indexed by value.
  using ByteSet = std::bitset<256>;

  // REQUIRES: with kInsensitive, small letters; so are the texts that it is to match.
  [[nodiscard]] static Glob compile(std::string_view pattern,
                                    NameCase name_case = NameCase::kSensitive);

  // True when the whole of `text` matches the tokens [first, last).
  [[nodiscard]] bool matches(std::string_view text, std::size_t first, std::size_t last) const;
  [[nodiscard]] bool matches(std::string_view text) const {
    return matches(text, 0, tokens_.size());
  }

  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  [[nodiscard]] bool is_byte(std::size_t index, char byte) const {
    return tokens_[index].op == Op::kByte && tokens_[index].byte == byte;
  }
  [[nodiscard]] bool is_star(std::size_t index) const { return tokens_[index].op == Op::kStar; }
  [[nodiscard]] bool is_deep_star(std::size_t index) const {
    return tokens_[index].op == Op::kDeepStar;
  }
  // False when some text may match.
  [[nodiscard]] bool never_matches() const { return malformed_; }

  // The bytes of the tokens [first, last) into `out`; false when one of them is a wildcard.
  [[nodiscard]] bool literal(std::size_t first, std::size_t last, std::string& out) const;

 private:
  enum class Op : std::uint8_t { kByte, kAnyByte, kSet, kStar, kDeepStar };
  struct Token {
    Op op = Op::kByte;
    char byte = 0;          // kByte
    std::uint16_t set = 0;  // kSet: index into sets_
  };

  [[nodiscard]] bool accepts(const Token& token, char byte) const {
    switch (token.op) {
      case Op::kByte:
        return token.byte == byte;
      case Op::kAnyByte:
        return byte != '/';
      case Op::kSet:
        return sets_[token.set].test(static_cast<unsigned char>(byte));
      default:
        return false;
    }
  }

  std::vector<Token> tokens_;
  std::vector<ByteSet> sets_;
  bool malformed_ = false;
};

}  // namespace robosync::tree
