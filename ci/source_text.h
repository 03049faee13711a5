// Splits a C++ source text into its code and its comments, position by position.
//
// A small lexer, just enough for ci/tidy_rules.h: line and block comments, string and character
// literals (raw ones too), digit separators. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace robosync::ci {

// Both have the length and the line breaks of the text; what belongs to the other is spaces.
struct SourceText {
  std::string code;      // without comments and the contents of literals
  std::string comments;  // the comments with their slashes
};

[[nodiscard]] SourceText split_source(std::string_view text);

// Lines without their line feeds. "a\nb\n" has two.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

[[nodiscard]] std::string_view trimmed(std::string_view text);

// True for the characters of identifiers.
[[nodiscard]] bool is_word(char c);

// Where `word` stands in `code` as a whole word, from `from` on; npos if nowhere.
[[nodiscard]] std::size_t find_word(std::string_view code, std::string_view word,
                                    std::size_t from = 0);

}  // namespace robosync::ci
