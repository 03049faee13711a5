// Which words are switches, which are names, and what the names become.
#include "cli/robocopy_command.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "engine/tree/filter.h"

namespace robosync::cli {
namespace {

using Words = std::vector<std::string>;

class RobocopyCommand : public testing::Test {
 protected:
  base::Result<RobocopyInvocation> parse(const Words& words) const {
    return parse_robocopy(
        words, {.family = family_,
                .exists = [this](const std::string& path) { return existing_.contains(path); },
                .now = {}});
  }
  // "SOURCE > TARGET: FILE..." or the error.
  std::string names(const Words& words) const {
    const auto parsed = parse(words);
    if (!parsed) return parsed.error().message();
    std::string text = parsed->request.sources.front() + " > " + parsed->request.target + ":";
    for (const std::string& file : parsed->selection.files) text += " " + file;
    return text;
  }
  // Whether the rules for these words leave `path` out of the transfer.
  bool leaves_out(const Words& words, const std::string& path, bool is_directory) const {
    const auto parsed = parse(words);
    EXPECT_TRUE(parsed) << parsed.error().message();
    if (!parsed) return false;
    const auto filter = tree::FilterScope::compile(
        parsed->request.filters,
        [](const std::string&) -> base::Result<std::string> { return std::string(); },
        // As the engine does there.
        {.name_case = family_ == MetadataFamily::kWindows ? tree::NameCase::kInsensitive
                                                          : tree::NameCase::kSensitive});
    EXPECT_TRUE(filter) << filter.error().message();
    return filter && (*filter)->excludes(*tree::RelPath::parse(path), is_directory,
                                         tree::FilterSide::kSource);
  }
  bool file_out(const Words& words, const std::string& path) const {
    return leaves_out(words, path, false);
  }
  bool directory_out(const Words& words, const std::string& path) const {
    return leaves_out(words, path, true);
  }

  MetadataFamily family_ = MetadataFamily::kPosix;
  std::set<std::string> existing_;
};

TEST_F(RobocopyCommand, TheFirstTwoNamesAreSourceAndTarget) {
  EXPECT_EQ(names({"a", "b"}), "a/ > b:");
  EXPECT_EQ(names({"a/", "b/", "*.c", "*.h"}), "a/ > b/: *.c *.h");
  EXPECT_EQ(names({"/e", "a", "/mt:2", "b", "-l", "x"}), "a/ > b: x");
  EXPECT_EQ(names({"a\\", "b"}), "a\\/ > b:");
  family_ = MetadataFamily::kWindows;
  EXPECT_EQ(names({"C:\\a\\", "b"}), "C:\\a\\ > b:");
}

TEST_F(RobocopyCommand, ADriveAloneIsItsCurrentDirectory) {
  EXPECT_EQ(names({"C:", "b"}), "C:/ > b:");
  family_ = MetadataFamily::kWindows;
  EXPECT_EQ(names({"C:", "b"}), "C:./ > b:");
  EXPECT_EQ(names({"C:/", "b"}), "C:/ > b:");
  EXPECT_EQ(names({"C:a", "b"}), "C:a/ > b:");
}

TEST_F(RobocopyCommand, AQuotationMarkThatSwallowedSwitchesIsRefusedOnWindows) {
  const std::vector<Words> swallowed = {{"C:\\a", "D:\\b", "/XD", "D:\\b\\keep\" /L"},
                                        {"C:\\a\" D:\\b /L", "x"},
                                        {"C:\\a", "D:\\b\" /MIR"},
                                        {"a", "b", "/LOG:x\" /L"}};
  for (const Words& words : swallowed) EXPECT_TRUE(parse(words)) << words.back();
  family_ = MetadataFamily::kWindows;
  for (const Words& words : swallowed) {
    EXPECT_NE(names(words).find("leave out the backslash before the closing quote"),
              std::string::npos)
        << names(words);
  }
}

TEST_F(RobocopyCommand, AWordThatLeavesOutNothingIsWarnedOf) {
  const auto parsed = parse({"/top/a", "/top/b", "/e", "/xd", "/top/ab/x", "/top/a/x", "/top/b/x",
                             "/top/b", "/xf", "../c", "d"});
  ASSERT_TRUE(parsed);
  const std::string rest = " lies neither in SOURCE nor in TARGET and leaves out nothing";
  EXPECT_EQ(parsed->warnings,
            (Words{"/XD: '/top/ab/x'" + rest, "/XD: '/top/b'" + rest, "/XF: '../c'" + rest}));
}

TEST_F(RobocopyCommand, SecurityOnWindowsIsRefusedWithWhatToUseInstead) {
  family_ = MetadataFamily::kWindows;
  for (const char* word : {"/SEC", "/COPYALL", "/COPY:DATS"}) {
    EXPECT_NE(names({"a", "b", word}).find("/COPY:DAT"), std::string::npos) << word;
    EXPECT_NE(names({"a", "b", word}).find("copies all the rest"), std::string::npos) << word;
  }
}

TEST_F(RobocopyCommand, WhatIsMissingOrEmptyIsSaid) {
  EXPECT_NE(names({}).find("needs a SOURCE and a TARGET"), std::string::npos);
  EXPECT_NE(names({"a", "/e"}).find("needs a TARGET after the SOURCE"), std::string::npos);
  EXPECT_NE(names({"a", ""}).find("empty name"), std::string::npos);
}

TEST_F(RobocopyCommand, AWordThatBeginsWithASlashIsAPathWhenItIsNoSwitch) {
  EXPECT_EQ(names({"/data/x", "/backup/"}), "/data/x/ > /backup/:");
  EXPECT_EQ(names({"/mir/x", "/s/"}), "/mir/x/ > /s/:");
  EXPECT_NE(names({"/data", "b"}).find("/data: no such switch, and no such path"),
            std::string::npos);
  existing_ = {"/data", "/s"};
  EXPECT_EQ(names({"/data", "b"}), "/data/ > b:");
  // A switch's name is always the switch.
  EXPECT_NE(names({"/s", "b"}).find("needs a TARGET"), std::string::npos);
}

TEST_F(RobocopyCommand, AfterTwoDashesAllWordsAreNames) {
  EXPECT_EQ(names({"/e", "--", "/s", "-x", "-mir"}), "/s/ > -x: -mir");
  EXPECT_NE(names({"-q", "b"}).find("-q: no such switch"), std::string::npos);
}

TEST_F(RobocopyCommand, AListGoesOnToTheNextSwitch) {
  const auto parsed = parse({"a", "b", "/xf", "1", "2", "/XD", "3", "/e", "/xf", "4", "--", "*.c"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->selection.excluded_files, (Words{"1", "2", "4"}));
  EXPECT_EQ(parsed->selection.excluded_directories, (Words{"3"}));
  EXPECT_EQ(parsed->selection.files, (Words{"*.c"}));
  EXPECT_EQ(parsed->options, "/E");
}

TEST_F(RobocopyCommand, OnlyTheTopDirectoryWithoutASwitch) {
  EXPECT_TRUE(directory_out({"a", "b"}, "sub"));
  EXPECT_FALSE(file_out({"a", "b"}, "file"));
  EXPECT_FALSE(directory_out({"a", "b", "/s"}, "sub"));
  EXPECT_FALSE(directory_out({"a", "b", "/s", "/lev:2"}, "sub"));
  EXPECT_TRUE(directory_out({"a", "b", "/s", "/lev:2"}, "sub/deep"));
}

TEST_F(RobocopyCommand, PatternsAreAboutFilesAlone) {
  const Words words = {"a", "b", "*.txt", "r?", "/e"};
  EXPECT_FALSE(file_out(words, "x.txt"));
  EXPECT_FALSE(file_out(words, "sub/r1"));
  EXPECT_TRUE(file_out(words, "r12"));
  EXPECT_TRUE(file_out(words, "x.TXT"));
  EXPECT_FALSE(directory_out(words, "sub"));
  EXPECT_FALSE(directory_out({"a", "b", "/e", "/xf", "*.d"}, "x.d"));
  EXPECT_TRUE(file_out({"a", "b", "/e", "/xf", "*.d"}, "sub/x.d"));
  EXPECT_FALSE(file_out({"a", "b", "*.*"}, "noextension"));
}

TEST_F(RobocopyCommand, ExclusionsComeBeforeTheFilesThatAreAskedFor) {
  EXPECT_TRUE(file_out({"a", "b", "*.txt", "/xf", "x*"}, "x.txt"));
  EXPECT_FALSE(file_out({"a", "b", "*.txt", "/xf", "x*"}, "y.txt"));
}

TEST_F(RobocopyCommand, OtherSpecialCharactersStandForThemselves) {
  EXPECT_TRUE(file_out({"a", "b", "/xf", "[ab]"}, "[ab]"));
  EXPECT_FALSE(file_out({"a", "b", "/xf", "[ab]"}, "a"));
  EXPECT_TRUE(file_out({"a", "b", "/xf", "a\\*"}, "a\\b"));
  EXPECT_FALSE(file_out({"a", "b", "/xf", "a\\*"}, "a*"));
  EXPECT_TRUE(file_out({"a", "b", "/e", "/xf", "x**z"}, "sub/xyz"));
  EXPECT_TRUE(file_out({"a", "b", "/xf", "! x", " z"}, "! x"));
  EXPECT_TRUE(file_out({"a", "b", "/xf", "! x", " z"}, " z"));
}

TEST_F(RobocopyCommand, PathsBelowTheSourceAreAnchored) {
  const Words relative = {"/top/a", "/top/b", "/e", "/xd", "sub/x"};
  const Words absolute = {"/top/a", "/top/b", "/e", "/xd", "/top/a/sub/x/"};
  for (const Words& words : {relative, absolute}) {
    EXPECT_TRUE(directory_out(words, "sub/x"));
    EXPECT_FALSE(directory_out(words, "sub/y/sub/x"));
  }
  const Words elsewhere = {"/top/a", "/top/b", "/e", "/xd", "/top/ab/x"};
  EXPECT_FALSE(directory_out(elsewhere, "x"));
}

TEST_F(RobocopyCommand, PathsBelowTheTargetAreProtectedThereAndCopiedAllTheSame) {
  const auto parsed = parse({"/top/a", "/top/b", "/mir", "/xd", "/top/b/keep"});
  ASSERT_TRUE(parsed);
  const auto filter = *tree::FilterScope::compile(
      parsed->request.filters,
      [](const std::string&) -> base::Result<std::string> { return std::string(); });
  const tree::RelPath path = *tree::RelPath::parse("keep");
  EXPECT_TRUE(filter->excludes(path, true, tree::FilterSide::kTarget));
  EXPECT_FALSE(filter->excludes(path, true, tree::FilterSide::kSource));
}

TEST_F(RobocopyCommand, OnWindowsCaseMakesNoDifference) {
  family_ = MetadataFamily::kWindows;
  EXPECT_FALSE(file_out({"a", "b", "*.TXT"}, "x.txt"));
  EXPECT_TRUE(directory_out({"a", "b", "/e", "/xd", "node_modules"}, "Node_Modules"));
}

TEST_F(RobocopyCommand, HelpIsAskedForInSeveralWays) {
  for (const char* word : {"/?", "-?", "/help", "--help"}) {
    const auto parsed = parse({"a", word});
    ASSERT_TRUE(parsed) << word;
    EXPECT_TRUE(parsed->help) << word;
  }
  const std::string text = robocopy_help_text();
  for (const RobocopySwitch& row : robocopy_switches()) {
    EXPECT_NE(text.find(" " + std::string(row.name)), std::string::npos) << row.name;
  }
}

TEST(RobocopyName, IsTheBaseNameInAnyCase) {
  for (const char* name : {"robocopy", "/usr/bin/robocopy", "C:\\Tools\\RoboCopy.EXE"}) {
    EXPECT_TRUE(is_robocopy_name(name)) << name;
  }
  for (const char* name : {"", "robosync", "robocopy/robosync", "robocopy2", "xrobocopy.exe"}) {
    EXPECT_FALSE(is_robocopy_name(name)) << name;
  }
}

}  // namespace
}  // namespace robosync::cli
