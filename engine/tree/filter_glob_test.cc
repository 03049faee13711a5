// Glob: a table of the language's corners, and every tiny pattern against every tiny text.
#include "engine/tree/filter_glob.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace robosync::tree {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  return Glob::compile(pattern).matches(text);
}

struct GlobCase {
  const char* pattern;
  const char* text;
  bool expected;
};

template <std::size_t kSize>
void check(const GlobCase (&table)[kSize]) {
  for (const GlobCase& row : table) {
    EXPECT_EQ(matches(row.pattern, row.text), row.expected)
        << "'" << row.pattern << "' with '" << row.text << "'";
  }
}

constexpr GlobCase kWildcards[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "a", true},
    {"a", "ab", false},
    {"?", "a", true},
    {"?", "", false},
    {"?", "/", false},
    {"*", "", true},
    {"*", "abc", true},
    {"*", "a/b", false},
    {"**", "a/b", true},
    {"***", "a/b", true},
    {"*.c", "a.c", true},
    {"*.c", ".c", true},
    {"*.c", "a.c.o", false},
    {"a*b*c", "axxbxxbc", true},
    {"a*b*c", "axxbxx", false},
    {"a/*/b", "a/x/b", true},
    {"a/*/b", "a/x/y/b", false},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "a/b", false},
    {"**a*b", "x/a/ab", true},
    {"**a*b", "ax/y/b", false},
    {"*/b", "a/b", true},
    {"*/b", "a/a/b", false},
};
TEST(Glob, Wildcards) { check(kWildcards); }

constexpr GlobCase kEscapes[] = {
    {"\\*", "*", true},     {"\\*", "a", false},  {"a\\", "a\\", false},
    {"a\\", "a", false},    {"\\a", "a", true},   {"\\\\", "\\", true},
    {"\\[a]", "[a]", true}, {"[\\]]", "]", true}, {"[\\]", "\\", false},
};
TEST(Glob, Escapes) { check(kEscapes); }

constexpr GlobCase kSets[] = {
    {"[abc]", "b", true},
    {"[abc]", "d", false},
    {"[a-c]", "b", true},
    {"[c-a]", "b", false},
    {"[!a]", "b", true},
    {"[!a]", "a", false},
    {"[^a]", "b", true},
    {"[!a]", "/", false},
    {"[/]", "/", false},
    {"[.-0]", "/", false},
    {"[]]", "]", true},
    {"[]a]", "a", true},
    {"[!]a]", "]", false},
    {"[!]a]", "b", true},
    {"[-a]", "-", true},
    {"[a-]", "-", true},
    {"[a-c-e]", "-", true},  // behind a range '-' is itself
    {"[a-c-e]", "d", false},
    {"[--0]", ".", true},
    {"[a-\\d]", "c", true},
    {"[a", "a", false},
    {"[", "[", false},
    {"[]", "]", false},
    {"[[:digit:]]", "7", true},
    {"[[:digit:]]", "a", false},
    {"[![:digit:]]", "a", true},
    {"[[:alpha:]_]", "_", true},
    {"[[:upper:][:digit:]]", "7", true},
    {"[[:xdigit:]]", "F", true},
    {"[[:space:]]", "\v", true},
    {"[[:blank:]]", "\n", false},
    {"[[:punct:]]", "~", true},
    {"[[:alpha:]]", "\xE9", false},  // the C locale's classes
    {"[[:nonsense:]]", "n", false},
    {"[[:alpha]", "[", true},  // not a class: '[', ':' and letters
    {"[[:alpha]", "p", true},
    {"[[:alpha]", "b", false},
    {"[\x80-\xFF]", "\xC3", true},
    {"*[0-9]", "a7", true},
};
TEST(Glob, Sets) { check(kSets); }

// The language once more, written for obviousness. Knows what the enumeration below uses.
bool naive(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.starts_with('*')) {
    const bool deep = pattern.starts_with("**");
    while (pattern.starts_with('*')) pattern.remove_prefix(1);
    for (std::size_t taken = 0; taken <= text.size(); ++taken) {
      if (!deep && text.substr(0, taken).find('/') != std::string_view::npos) return false;
      if (naive(pattern, text.substr(taken))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  const char byte = text.front();
  const bool one = pattern.front() == '?' ? byte != '/' : pattern.front() == byte;
  return one && naive(pattern.substr(1), text.substr(1));
}

// Calls `use` with every string over `alphabet` of up to `size` bytes.
template <typename Use>
void for_each_string(std::string_view alphabet, std::size_t size, const Use& use) {
  std::vector<std::string> last = {""};
  use(last.front());
  for (std::size_t length = 1; length <= size; ++length) {
    std::vector<std::string> next;
    for (const std::string& text : last) {
      for (const char byte : alphabet) {
        next.push_back(text + byte);
        use(next.back());
      }
    }
    last = std::move(next);
  }
}

TEST(Glob, EveryTinyPatternOnEveryTinyText) {
  std::vector<std::string> texts;
  for_each_string("ab/", 5, [&](const std::string& text) { texts.push_back(text); });
  std::uint64_t wrong = 0;
  std::uint64_t matched = 0;
  for_each_string("ab/?*", 5, [&](const std::string& pattern) {
    const Glob glob = Glob::compile(pattern);
    for (const std::string& text : texts) {
      const bool expected = naive(pattern, text);
      matched += expected ? 1U : 0U;
      if (glob.matches(text) == expected) continue;
      if (++wrong <= 10) ADD_FAILURE() << "'" << pattern << "' with '" << text << "'";
    }
  });
  EXPECT_EQ(wrong, 0U);
  EXPECT_GT(matched, 10'000U);
}

// Two stars that both could take the same bytes must not try all ways to share them.
TEST(Glob, TimeDoesNotExplode) {
  const std::string text(250, 'a');
  std::string shallow;
  std::string deep;
  for (int i = 0; i < 60; ++i) {
    shallow += "*a";
    deep += "**a*a";
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(matches(shallow + "b", text));
  EXPECT_FALSE(matches(deep + "b", text));
  EXPECT_TRUE(matches(shallow + "*", text));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Glob, LiteralSeesThroughEscapes) {
  std::string literal;
  const Glob plain = Glob::compile("a\\*b");
  EXPECT_TRUE(plain.literal(0, plain.size(), literal));
  EXPECT_EQ(literal, "a*b");
  const Glob wild = Glob::compile("a*b");
  EXPECT_FALSE(wild.literal(0, wild.size(), literal));
  EXPECT_TRUE(wild.literal(2, wild.size(), literal));
  EXPECT_EQ(literal, "b");
}

}  // namespace
}  // namespace robosync::tree
