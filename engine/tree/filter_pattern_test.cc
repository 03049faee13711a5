// FilterPattern: what a pattern is compared with, where it may begin, and that every shortcut
// answers as the wildcard engine would.
#include "engine/tree/filter_pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace robosync::tree {
namespace {

enum class Is { kFile, kDirectory };

struct PatternCase {
  const char* pattern;
  const char* path;
  Is kind;
  bool expected;
};

bool matches(const FilterPattern& pattern, std::string_view path, Is kind) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return pattern.matches(name, path, kind == Is::kDirectory);
}

template <std::size_t kSize>
void check(const PatternCase (&table)[kSize]) {
  for (const PatternCase& row : table) {
    EXPECT_EQ(matches(FilterPattern::compile(row.pattern), row.path, row.kind), row.expected)
        << "'" << row.pattern << "' with '" << row.path << "'";
  }
}

constexpr PatternCase kNames[] = {
    {"foo", "foo", Is::kFile, true},
    {"foo", "a/b/foo", Is::kFile, true},
    {"foo", "foo/a", Is::kFile, false},
    {"foo", "xfoo", Is::kFile, false},
    {"foo/", "foo", Is::kDirectory, true},
    {"foo/", "foo", Is::kFile, false},
    {"*.o", "a/b.o", Is::kFile, true},
    {"*.o", "a.o/b", Is::kFile, false},
    {"tmp*", "a/tmp1", Is::kFile, true},
    {"tmp*", "tmp/a", Is::kFile, false},
    {"*", "a/b", Is::kFile, true},
    {"*/", "a/b", Is::kFile, false},
    {"f?o", "a/fxo", Is::kFile, true},
    {"a[0-9]*.c", "x/a7b.c", Is::kFile, true},
    {"a[0-9]*.c", "x/ab.c", Is::kFile, false},
};
TEST(FilterPattern, Names) { check(kNames); }

constexpr PatternCase kBackslashes[] = {
    {"foo\\bar", "foo\\bar", Is::kFile, true},  // no wildcard: a backslash is itself
    {"foo\\bar", "foobar", Is::kFile, false},
    {"foo\\bar*", "foobar", Is::kFile, true},  // a wildcard makes it an escape
    {"foo\\bar*", "foo\\bar", Is::kFile, false},
    {"foo\\\\bar*", "foo\\bar", Is::kFile, true},
    {"foo\\*", "foo*", Is::kFile, true},
    {"foo\\*", "foobar", Is::kFile, false},
    {"a/foo\\*", "x/a/foo*", Is::kFile, true},
    {"a\\/b*", "x/a/b", Is::kFile, true},
};
TEST(FilterPattern, Backslashes) { check(kBackslashes); }

constexpr PatternCase kPaths[] = {
    {"/foo", "foo", Is::kFile, true},
    {"/foo", "a/foo", Is::kFile, false},
    {"/foo/", "foo", Is::kFile, false},
    {"/foo/bar", "foo/bar", Is::kFile, true},
    {"/", "a", Is::kDirectory, false},
    {"foo/bar", "foo/bar", Is::kFile, true},
    {"foo/bar", "a/foo/bar", Is::kFile, true},
    {"foo/bar", "a/xfoo/bar", Is::kFile, false},
    {"foo/bar", "bar", Is::kFile, false},
    {"foo/*/bar", "a/foo/x/bar", Is::kFile, true},
    {"foo/*/bar", "foo/x/y/bar", Is::kFile, false},
    {"*/bar", "a/b/bar", Is::kFile, true},
    {"*/bar", "bar", Is::kFile, false},
    {"/*/bar", "a/b/bar", Is::kFile, false},
    {"/*/bar", "b/bar", Is::kFile, true},
    {"foo//", "foo", Is::kDirectory, false},
};
TEST(FilterPattern, Paths) { check(kPaths); }

constexpr PatternCase kDeepStars[] = {
    {"**", "a/b", Is::kFile, true},
    {"**foo", "a/xfoo", Is::kFile, true},
    {"**/foo", "foo", Is::kFile, true},
    {"**/foo", "a/b/foo", Is::kFile, true},
    {"**/foo", "a/xfoo", Is::kFile, false},
    {"**/foo/bar", "foo/bar", Is::kFile, true},
    {"/**/foo", "foo", Is::kFile, false},
    {"/**/foo", "a/foo", Is::kFile, true},
    {"/foo/**/bar", "foo/bar", Is::kFile, false},
    {"/foo/**/bar", "foo/a/b/bar", Is::kFile, true},
    {"foo/**", "a/foo/b/c", Is::kFile, true},
    {"foo/**", "a/foo", Is::kDirectory, false},
    {"foo/**", "a/xfoo/b", Is::kFile, false},
    {"foo**bar", "a/foo/x/bar", Is::kFile, true},
    {"foo**bar", "a/xfoobar", Is::kFile, false},
    {"foo/***", "a/foo", Is::kDirectory, true},
    {"foo/***", "a/foo", Is::kFile, false},
    {"foo/***", "a/foo/b", Is::kFile, true},
    {"/foo/***", "a/foo", Is::kDirectory, false},
    {"**/foo/***", "foo", Is::kDirectory, true},
    {"**/***", "a", Is::kDirectory, true},
    {"f*/***", "a/foo", Is::kDirectory, true},
    {"foo/***/", "foo/a", Is::kFile, false},
    {"***", "a/b", Is::kFile, true},
    {"a\\**", "x/a*b", Is::kFile, true},  // "**" as text makes it a path pattern
    {"a\\**", "a*x/b", Is::kFile, false},
};
TEST(FilterPattern, DeepStars) { check(kDeepStars); }

constexpr PatternCase kMalformed[] = {
    {"foo[", "foo[", Is::kFile, false},
    {"a/foo[b", "a/foob", Is::kFile, false},
    {"*\\", "a\\", Is::kFile, false},
};
TEST(FilterPattern, Malformed) { check(kMalformed); }

TEST(FilterPattern, ShortcutsAnswerLikeTheEngine) {
  for (const std::string pattern :
       {"a", "a*", "*a", "*", "a*b", "?a", "ab", "*ab", "ab*", "[a]b", "\\a*", "a\\*", "*a*"}) {
    const FilterPattern compiled = FilterPattern::compile(pattern);
    const Glob glob = Glob::compile(pattern);
    EXPECT_TRUE(compiled.wants_name()) << pattern;
    for (const std::string text : {"", "a", "b", "ab", "ba", "aab", "abb", "bab", "a*", "aba"}) {
      EXPECT_EQ(compiled.matches(text, text, false), glob.matches(text)) << pattern << " " << text;
    }
  }
}

TEST(FilterPattern, ExactPatternsSaySo) {
  using Exact = FilterPattern::Exact;
  const auto exact = [](const char* text) { return FilterPattern::compile(text).exact(); };
  EXPECT_EQ(exact("foo"), Exact::kName);
  EXPECT_EQ(exact("foo/"), Exact::kName);
  EXPECT_EQ(exact("/foo"), Exact::kAnchoredPath);
  EXPECT_EQ(exact("/foo/bar"), Exact::kAnchoredPath);
  EXPECT_EQ(exact("foo/bar"), Exact::kNo);  // any path that ends so
  EXPECT_EQ(exact("f*"), Exact::kNo);
  EXPECT_EQ(FilterPattern::compile("/foo/bar/").exact_text(), "foo/bar");
}

}  // namespace
}  // namespace robosync::tree
