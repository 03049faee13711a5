// RuleReader: every rule form and modifier, what is refused and why, and how files are split.
#include "engine/tree/filter_parse.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/tree/filter.h"

namespace robosync::tree {
namespace {

using base::ErrorKind;
using Kind = ParsedRule::Kind;
using std::string_view_literals::operator""sv;

// A rule as one line: "- rp! pattern", with the flags that are set.
std::string show(const ParsedRule& rule) {
  constexpr std::string_view kSigns[] = {"", "merge", "dir-merge", "clear", "cvs"};
  std::string text(kSigns[static_cast<std::size_t>(rule.kind)]);
  text += rule.flags.include ? "+" : "-";
  const auto add = [&](bool set, char letter) {
    if (set) text += letter;
  };
  add(rule.flags.absolute, '/');
  add(rule.negated, '!');
  add(rule.flags.perishable, 'p');
  add(rule.flags.source_side, 's');
  add(rule.flags.target_side, 'r');
  add(rule.for_xattrs, 'x');
  add(rule.flags.bare_patterns, 'b');
  add(rule.flags.word_split, 'w');
  add(rule.flags.not_inherited, 'n');
  add(rule.flags.cvs, 'C');
  add(rule.excludes_self, 'e');
  return text + " " + std::string(rule.text);
}

// All rules of a text; "error" for the first that is wrong.
std::vector<std::string> read_all(std::string_view text, RuleLayout layout,
                                  const RuleFlags& defaults = {},
                                  RulePrefix prefix = RulePrefix::kFull) {
  RuleReader reader(text, layout, defaults, prefix);
  std::vector<std::string> rules;
  for (;;) {
    const auto rule = reader.next();
    if (!rule) {
      rules.push_back("error in line " + std::to_string(reader.line()));
      return rules;
    }
    if (!*rule) return rules;
    rules.push_back(show(**rule));
  }
}

std::string read_one(std::string_view text, const RuleFlags& defaults = {},
                     RulePrefix prefix = RulePrefix::kFull) {
  const auto rules = read_all(text, RuleLayout::kSingle, defaults, prefix);
  if (rules.size() != 1) return std::to_string(rules.size()) + " rules";
  return rules.front().starts_with("error") ? "error" : rules.front();
}

using Lines = std::vector<std::string>;

struct RuleCase {
  const char* text;
  const char* shown;
};

TEST(RuleReader, Forms) {
  constexpr RuleCase kCases[] = {
      {"- foo", "- foo"},
      {"-_foo", "- foo"},
      {"-  foo", "-  foo"},  // one blank separates, the other belongs to the pattern
      {"exclude foo", "- foo"},
      {"exclude_foo", "- foo"},
      {"+ foo", "+ foo"},
      {"include foo", "+ foo"},
      {"H foo", "-s foo"},
      {"hide foo", "-s foo"},
      {"S foo", "+s foo"},
      {"show foo", "+s foo"},
      {"P foo", "-r foo"},
      {"protect foo", "-r foo"},
      {"R foo", "+r foo"},
      {"risk foo", "+r foo"},
      {". file", "merge- file"},
      {"merge file", "merge- file"},
      {": file", "dir-merge- file"},
      {"dir-merge file", "dir-merge- file"},
      {"!", "clear- "},
      {"clear", "clear- "},
      {"clear,", "clear- "},
      {"-C", "cvs-bwnC "},
      {":C", "dir-merge-bwnC "},
      {".C", "merge-bwnC "},
  };
  for (const RuleCase& row : kCases) EXPECT_EQ(read_one(row.text), row.shown) << row.text;
}

TEST(RuleReader, Modifiers) {
  constexpr RuleCase kCases[] = {
      {"-/ foo", "-/ foo"},
      {"-! foo", "-! foo"},
      {"-s foo", "-s foo"},
      {"-sr foo", "-sr foo"},
      {"-rs foo", "-sr foo"},
      {"-ss foo", "-s foo"},
      {"-p foo", "-p foo"},
      {"-x foo", "-x foo"},
      {"-,/!p foo", "-/!p foo"},
      {"exclude,/!p foo", "-/!p foo"},
      {"+,rp_foo", "+pr foo"},
      {"Hp foo", "-ps foo"},
      {":n- .f", "dir-merge-bn .f"},
      {":+ .f", "dir-merge+b .f"},
      {"dir-merge,ew .f", "dir-merge-we .f"},
      {"merge,-/ .f", "merge-/b .f"},
      {":sC", "dir-merge-sbwnC "},
      {"-Cs", "cvs-sbwnC "},
  };
  for (const RuleCase& row : kCases) EXPECT_EQ(read_one(row.text), row.shown) << row.text;
}

TEST(RuleReader, RefusesWhatRsyncRefuses) {
  for (const std::string text :
       {"-",        "- ",       "-_",     "foo",    "-foo",    "excludes foo", "exclude",
        "merge",    ":",        ":n",     "! ",     "!x",      "clear x",      "Hs foo",
        "PC",       "-n foo",   "-e foo", "-w foo", "--  foo", ".! file",      ".-C file",
        ".C- file", ".-+ file", "-q foo", " - foo", "-\tfoo",  "s foo",        "protected foo"}) {
    EXPECT_EQ(read_one(text), "error") << "'" << text << "'";
  }
}

TEST(RuleReader, RefusesMoreThanRsync) {
  EXPECT_EQ(read_one("-C foo"), "error");  // rsync ignores the pattern
  EXPECT_EQ(read_one("- a\0b"sv), "error");
}

TEST(RuleReader, ErrorsSayWhatIsWrongButNotWhatStandsThere) {
  RuleReader reader("root:secret:0", RuleLayout::kLines, {}, RulePrefix::kFull);
  const auto rule = reader.next();
  ASSERT_FALSE(rule);
  EXPECT_EQ(rule.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(rule.error().message().find("secret"), std::string::npos);
}

TEST(RuleReader, PatternLengthAtItsLimit) {
  const std::string longest(kFilterPatternBytesMax, 'a');
  EXPECT_EQ(read_one("- " + longest), "- " + longest);
  const std::string longer = "- a" + longest;
  RuleReader refused(longer, RuleLayout::kSingle, {}, RulePrefix::kFull);
  const auto rule = refused.next();
  ASSERT_FALSE(rule);
  EXPECT_EQ(rule.error().kind, ErrorKind::kLimit);
}

TEST(RuleReader, OldStylePrefixes) {
  RuleFlags include;
  include.include = true;
  const auto old = [](std::string_view text, const RuleFlags& defaults) {
    return read_one(text, defaults, RulePrefix::kOldStyle);
  };
  EXPECT_EQ(old("foo", {}), "- foo");
  EXPECT_EQ(old("foo", include), "+ foo");
  EXPECT_EQ(old("+ foo", {}), "+ foo");
  EXPECT_EQ(old("- foo", include), "- foo");
  EXPECT_EQ(old("-foo", {}), "- -foo");
  EXPECT_EQ(old("-_foo", {}), "- -_foo");
  EXPECT_EQ(old("!", {}), "clear- ");
  EXPECT_EQ(old("!foo", {}), "- !foo");
  EXPECT_EQ(old("H foo", {}), "- H foo");
  EXPECT_EQ(old("- ", {}), "error");
}

TEST(RuleReader, LinesCommentsAndEnds) {
  EXPECT_EQ(read_all("# c\n; d\n\n- a\r\n- b\r- #c\n-  d \n", RuleLayout::kLines),
            (Lines{"- a", "- b", "- #c", "-  d "}));
  EXPECT_EQ(read_all("- a", RuleLayout::kLines), (Lines{"- a"}));
  EXPECT_EQ(read_all("", RuleLayout::kLines), Lines{});
  EXPECT_EQ(read_all("- a\r\n\r\n# x\n-b\n", RuleLayout::kLines),
            (Lines{"- a", "error in line 4"}));
}

TEST(RuleReader, NulEndedEntriesMayHoldLineEnds) {
  EXPECT_EQ(read_all("- a\nb\0\0#c\0- d\0"sv, RuleLayout::kNulEnded), (Lines{"- a\nb", "- d"}));
}

TEST(RuleReader, Words) {
  RuleFlags words;
  words.word_split = true;
  EXPECT_EQ(read_all("-_foo\n+_bar\t -_ba*  \n", RuleLayout::kLines, words),
            (Lines{"- foo", "+ bar", "- ba*"}));
  // As rsync's man page says; rsync itself refuses it.
  EXPECT_EQ(read_all("- foo + bar\n\n-\nbaz", RuleLayout::kLines, words),
            (Lines{"- foo", "+ bar", "- baz"}));
  EXPECT_EQ(read_all("-_a ! -_b", RuleLayout::kLines, words), (Lines{"- a", "clear- ", "- b"}));
  EXPECT_EQ(read_all("-_a\n# -_b", RuleLayout::kLines, words), (Lines{"- a", "error in line 2"}));
  EXPECT_EQ(read_all("-_a\n\n-", RuleLayout::kLines, words), (Lines{"- a", "error in line 3"}));
}

TEST(RuleReader, CvsFilesHoldBareWordsAndMayClear) {
  RuleFlags cvs;
  cvs.bare_patterns = cvs.word_split = cvs.cvs = true;
  EXPECT_EQ(read_all("*.o ! #a\n!b - c", RuleLayout::kLines, cvs),
            (Lines{"- *.o", "clear- ", "- #a", "- !b", "- -", "- c"}));
}

TEST(RuleReader, BarePatternsAreNotParsed) {
  RuleFlags bare;
  bare.bare_patterns = true;
  EXPECT_EQ(read_all("+ a\n!\n# c\nexclude b\n", RuleLayout::kLines, bare),
            (Lines{"- + a", "- !", "- exclude b"}));
  bare.include = true;
  EXPECT_EQ(read_all("a", RuleLayout::kLines, bare), (Lines{"+ a"}));
}

TEST(RuleReader, DefaultsOfTheMergeRule) {
  RuleFlags defaults;
  defaults.absolute = defaults.perishable = defaults.source_side = true;
  EXPECT_EQ(read_one("- foo", defaults), "-/ps foo");
  EXPECT_EQ(read_one(": foo", defaults), "dir-merge-/ps foo");
  EXPECT_EQ(read_one("!", defaults), "clear-/p ");
  // A file that is for one side cannot have rules that choose one.
  EXPECT_EQ(read_one("-s foo", defaults), "error");
  EXPECT_EQ(read_one("P foo", defaults), "error");
}

}  // namespace
}  // namespace robosync::tree
