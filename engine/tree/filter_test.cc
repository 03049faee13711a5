// FilterScope on the command line's rules: order, sides, files, roots, limits, warnings.
// Per-directory merge files are in filter_dir_merge_test.cc.
#include "engine/tree/filter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/tree/filter_rule_list.h"

namespace robosync::tree {
namespace {

using base::ErrorKind;
using base::Result;
using Form = FilterArgument::Form;
using ScopePtr = std::shared_ptr<const FilterScope>;
using Strings = std::vector<std::string>;
using std::string_view_literals::operator""sv;

std::vector<FilterArgument> rules(const Strings& texts) {
  std::vector<FilterArgument> arguments;
  for (const std::string& text : texts) arguments.push_back({Form::kRule, text});
  return arguments;
}

// A reader of files in memory.
FilterScope::FileReader files(std::map<std::string, std::string> contents) {
  return [contents = std::move(contents)](const std::string& path) -> Result<std::string> {
    const auto at = contents.find(path);
    if (at != contents.end()) return at->second;
    return base::fail(base::make_error(ErrorKind::kNotFound, "no file " + path));
  };
}

ScopePtr compile_all(const std::vector<FilterArgument>& arguments,
                     const FilterOptions& options = {},
                     const FilterScope::FileReader& read = files({})) {
  auto scope = FilterScope::compile(arguments, read, options);
  EXPECT_TRUE(scope) << scope.error().message();
  return scope ? *scope : nullptr;
}

ScopePtr compile(const Strings& texts, const FilterOptions& options = {}) {
  return compile_all(rules(texts), options);
}

base::Error compile_error(const std::vector<FilterArgument>& arguments,
                          const FilterScope::FileReader& read = files({})) {
  const auto scope = FilterScope::compile(arguments, read);
  EXPECT_FALSE(scope);
  return scope ? base::Error{} : scope.error();
}

// `path` ends in '/' for a directory.
bool excludes(const ScopePtr& scope, const std::string& path,
              FilterSide side = FilterSide::kSource) {
  const RelPath parsed = RelPath::parse(path).value();
  const bool by_path = scope->excludes(parsed, path.ends_with('/'), side);
  EXPECT_EQ(by_path,
            scope->excludes_entry(parsed.parent(), parsed.name(), path.ends_with('/'), side))
      << path;
  return by_path;
}

TEST(Filter, NoRulesExcludeNothing) {
  const ScopePtr scope = compile(Strings{});
  EXPECT_TRUE(scope->is_trivial());
  EXPECT_FALSE(excludes(scope, "a"));
  EXPECT_TRUE(scope->merge_file_names().empty());
  EXPECT_FALSE(compile({"- a"})->is_trivial());
  EXPECT_FALSE(compile({": .rules"})->is_trivial());
}

TEST(Filter, TheFirstMatchDecides) {
  const ScopePtr scope = compile({"+ keep.o", "- *.o", "+ x.o"});
  EXPECT_FALSE(excludes(scope, "keep.o"));
  EXPECT_TRUE(excludes(scope, "x.o"));
  EXPECT_FALSE(excludes(scope, "x.c"));
}

TEST(Filter, TheRootIsNeverExcluded) {
  EXPECT_FALSE(compile({"- *"})->excludes(RelPath(), true, FilterSide::kSource));
}

TEST(Filter, SidesOfEachRule) {
  struct Row {
    const char* rule;
    bool hidden;
    bool is_protected;
  };
  for (const Row& row :
       {Row{"- a", true, true}, Row{"H a", true, false}, Row{"-s a", true, false},
        Row{"P a", false, true}, Row{"-r a", false, true}, Row{"-sr a", true, true}}) {
    const ScopePtr scope = compile({row.rule});
    EXPECT_EQ(excludes(scope, "a", FilterSide::kSource), row.hidden) << row.rule;
    EXPECT_EQ(excludes(scope, "a", FilterSide::kTarget), row.is_protected) << row.rule;
    EXPECT_EQ(excludes(scope, "a", FilterSide::kTargetRemoval), row.is_protected) << row.rule;
  }
  for (const Row& row : {Row{"+ a", false, false}, Row{"S a", false, true}, Row{"R a", true, false},
                         Row{"+s a", false, true}, Row{"+r a", true, false}}) {
    const ScopePtr scope = compile({row.rule, "- *"});
    EXPECT_EQ(excludes(scope, "a", FilterSide::kSource), row.hidden) << row.rule;
    EXPECT_EQ(excludes(scope, "a", FilterSide::kTarget), row.is_protected) << row.rule;
  }
}

TEST(Filter, PerishableRulesProtectNothingInARemovedDirectory) {
  const ScopePtr scope = compile({"-p a"});
  EXPECT_TRUE(excludes(scope, "a", FilterSide::kSource));
  EXPECT_TRUE(excludes(scope, "a", FilterSide::kTarget));
  EXPECT_FALSE(excludes(scope, "a", FilterSide::kTargetRemoval));
}

TEST(Filter, DeleteExcludedLeavesOnlyRulesThatNameTheTarget) {
  FilterOptions options;
  options.delete_excluded = true;
  const ScopePtr scope = compile({"- a", "P b", "-sr c", ":e .r"}, options);
  EXPECT_TRUE(excludes(scope, "a", FilterSide::kSource));
  EXPECT_FALSE(excludes(scope, "a", FilterSide::kTarget));
  EXPECT_TRUE(excludes(scope, "b", FilterSide::kTarget));
  EXPECT_TRUE(excludes(scope, "c", FilterSide::kTarget));
  EXPECT_TRUE(excludes(scope, ".r", FilterSide::kSource));
  EXPECT_FALSE(excludes(scope, ".r", FilterSide::kTarget));
}

TEST(Filter, NegatedRulesTakeEffectElsewhere) {
  const ScopePtr scope = compile({"-! */"});
  EXPECT_FALSE(excludes(scope, "dir/"));
  EXPECT_TRUE(excludes(scope, "file"));
  EXPECT_TRUE(excludes(compile({"-! [open"}), "anything"));
}

TEST(Filter, ClearEmptiesTheList) {
  EXPECT_TRUE(compile({"- a", ": .r", "!"})->is_trivial());
  const ScopePtr scope = compile({"- a", "!", "- b"});
  EXPECT_FALSE(excludes(scope, "a"));
  EXPECT_TRUE(excludes(scope, "b"));
}

TEST(Filter, ExcludeAndIncludeTakePatterns) {
  const ScopePtr scope = compile_all({{Form::kInclude, "a.c"}, {Form::kExclude, "*.c"}});
  EXPECT_FALSE(excludes(scope, "a.c"));
  EXPECT_TRUE(excludes(scope, "b.c"));
  EXPECT_FALSE(excludes(compile_all({{Form::kExclude, "+ a"}, {Form::kExclude, "a"}}), "a"));
  EXPECT_TRUE(excludes(compile_all({{Form::kExclude, "H a"}}), "H a"));
  EXPECT_TRUE(compile_all({{Form::kExclude, "a"}, {Form::kInclude, "!"}})->is_trivial());
  EXPECT_TRUE(compile_all({{Form::kExclude, ""}, {Form::kRule, ""}})->is_trivial());
}

TEST(Filter, FilesOfPatterns) {
  const ScopePtr scope = compile_all(
      {{Form::kIncludeFile, "# mine\nkeep.o\n\n- worst.o\n"}, {Form::kExcludeFile, "*.o\r\n;x\n"}});
  EXPECT_FALSE(excludes(scope, "keep.o"));
  EXPECT_TRUE(excludes(scope, "worst.o"));
  EXPECT_TRUE(excludes(scope, "a.o"));
  const ScopePtr nul =
      compile_all({{Form::kExcludeFile, std::string("a\nb\0c\0"sv), /*nul_separated=*/true}});
  EXPECT_TRUE(excludes(nul, "a\nb"));
  EXPECT_TRUE(excludes(nul, "c"));
  EXPECT_FALSE(excludes(nul, "a"));
}

TEST(Filter, MergeFilesTakeThePlaceOfTheirRule) {
  const auto read =
      files({{"first", "- a\n. second\n- c\n"}, {"second", "+ c\n"}, {"bare", "- x\n"}});
  const ScopePtr scope = compile_all(rules({"merge first", "- b"}), {}, read);
  EXPECT_TRUE(excludes(scope, "a"));
  EXPECT_TRUE(excludes(scope, "b"));
  EXPECT_FALSE(excludes(scope, "c"));
  EXPECT_TRUE(excludes(compile_all(rules({".- bare"}), {}, read), "- x"));
  EXPECT_TRUE(excludes(compile_all(rules({".e bare"}), {}, read), "bare"));
  EXPECT_FALSE(excludes(compile_all(rules({".s first"}), {}, read), "a", FilterSide::kTarget));
}

TEST(Filter, MergeFilesMayBeNulEnded) {
  FilterOptions options;
  options.nul_separated_files = true;
  const auto read = files({{"f", std::string("- a\nb\0- c\0"sv)}});
  const ScopePtr scope = compile_all(rules({". f"}), options, read);
  EXPECT_TRUE(excludes(scope, "a\nb"));
  EXPECT_TRUE(excludes(scope, "c"));
}

TEST(Filter, CvsListAndWhatTheUserAddsToIt) {
  FilterOptions options;
  options.cvs_ignore = "mine /top\n";
  const ScopePtr scope = compile({"+ core", "-C", "- z"}, options);
  for (const char* path : {"a.o", "x/CVS", ".git/", "a~", ".#lock", "mine", "top", "z"}) {
    EXPECT_TRUE(excludes(scope, path)) << path;
  }
  for (const char* path : {"core", ".git", "sub/top", "a.c"}) {
    EXPECT_FALSE(excludes(scope, path)) << path;
  }
  // The built-in names are perishable, the user's own are not.
  EXPECT_FALSE(excludes(scope, "a.o", FilterSide::kTargetRemoval));
  EXPECT_TRUE(excludes(scope, "mine", FilterSide::kTargetRemoval));
  options.cvs_ignore = "! mine";
  EXPECT_FALSE(excludes(compile({"- z", "-C"}, options), "a.o"));
  EXPECT_TRUE(excludes(compile({"- z", "-C"}, options), "z"));
}

TEST(Filter, WhatTheRootIsCalledDoesNotMatter) {
  FilterOptions options;
  options.source_root = options.target_root = "/tmp/cache";
  const ScopePtr scope = compile({"- cache", "- tmp/**", "- /tmp"}, options);
  EXPECT_FALSE(excludes(scope, "data/file"));
  EXPECT_FALSE(excludes(scope, "file"));
}

TEST(Filter, AbsoluteRulesSeeTheWholePath) {
  FilterOptions options;
  options.source_root = "/home/me/src/";
  options.target_root = "/backup";
  const ScopePtr scope =
      compile({"-/ /home/me/src/a", "-/ src/b", "-/ c", "-/ /backup/d"}, options);
  EXPECT_TRUE(excludes(scope, "a"));
  EXPECT_FALSE(excludes(scope, "a", FilterSide::kTarget));
  EXPECT_FALSE(excludes(scope, "x/a"));
  EXPECT_TRUE(excludes(scope, "b"));
  EXPECT_TRUE(excludes(scope, "x/c"));
  EXPECT_FALSE(excludes(scope, "d"));
  EXPECT_TRUE(excludes(scope, "d", FilterSide::kTarget));
  options.source_root = options.target_root = "/";
  EXPECT_TRUE(excludes(compile({"-/ /etc/x"}, options), "etc/x"));
}

TEST(Filter, AbsoluteRulesNeedTheRootsOfTheirSides) {
  EXPECT_EQ(compile_error(rules({"-/ /etc/passwd"})).kind, ErrorKind::kUsage);
  EXPECT_TRUE(excludes(compile({"-/ passwd"}), "etc/passwd"));  // a name needs none
  FilterOptions options;
  options.source_root = "/etc";
  EXPECT_TRUE(excludes(compile({"-/s /etc/passwd"}, options), "passwd"));
  EXPECT_FALSE(FilterScope::compile(rules({"-/r /etc/passwd"}), files({}), options));
  EXPECT_EQ(compile_error(rules({": /.rules"})).kind, ErrorKind::kUsage);
}

TEST(Filter, RulesAboutAttributesConcernNothingElse) {
  const ScopePtr scope = compile({"-x user.secret.*", "+xs user.*", "-x *"});
  EXPECT_TRUE(scope->has_xattr_rules());
  EXPECT_FALSE(excludes(scope, "user.secret.a"));
  EXPECT_TRUE(scope->excludes_xattr("user.secret.a", FilterSide::kSource));
  EXPECT_FALSE(scope->excludes_xattr("user.a", FilterSide::kSource));
  EXPECT_TRUE(scope->excludes_xattr("user.a", FilterSide::kTarget));
  const ScopePtr names = compile({"- user.*"});
  EXPECT_FALSE(names->has_xattr_rules());
  EXPECT_FALSE(names->excludes_xattr("user.a", FilterSide::kSource));
}

TEST(Filter, ErrorsQuoteArgumentsAndPlaceFileRules) {
  EXPECT_NE(compile_error(rules({"nonsense here"})).message().find("'nonsense here'"),
            std::string::npos);
  const auto read = files({{"f", "- a\nroot:secret\n"}, {"outer", "\n. f\n"}});
  const base::Error error = compile_error(rules({". outer"}), read);
  EXPECT_EQ(error.kind, ErrorKind::kUsage);
  EXPECT_EQ(error.message(), "unknown filter rule (f, line 2) (outer, line 2)");
  EXPECT_EQ(compile_error(rules({". nowhere"}), read).kind, ErrorKind::kNotFound);
  FilterArgument file{Form::kExcludeFile, "a\n- \n"};
  EXPECT_NE(compile_error({file}).message().find("the file of exclude patterns, line 2"),
            std::string::npos);
  file.file_name = "my.list";
  EXPECT_NE(compile_error({file}).message().find("my.list, line 2"), std::string::npos);
}

TEST(Filter, MergesWithoutAReaderAreRefused) {
  const auto scope = FilterScope::compile(rules({". f"}), nullptr);
  ASSERT_FALSE(scope);
  EXPECT_EQ(scope.error().kind, ErrorKind::kUsage);
}

TEST(FilterLimits, MergeDepth) {
  std::map<std::string, std::string> chain;
  for (std::size_t i = 1; i < kFilterMergeDepthMax; ++i) {
    chain["f" + std::to_string(i)] = ". f" + std::to_string(i + 1) + "\n";
  }
  const std::string last = "f" + std::to_string(kFilterMergeDepthMax);
  chain[last] = "- a\n";
  EXPECT_TRUE(excludes(compile_all(rules({". f1"}), {}, files(chain)), "a"));
  chain[last] = ". f0\n";
  chain["f0"] = "- a\n";
  EXPECT_EQ(compile_error(rules({". f1"}), files(chain)).kind, ErrorKind::kLimit);
}

TEST(FilterLimits, MergedFiles) {
  std::string many = "- a\n";
  for (std::size_t i = 1; i < kFilterMergesMax; ++i) many += ". g\n";
  const auto at_limit = files({{"f", many}, {"g", ""}});
  EXPECT_TRUE(excludes(compile_all(rules({". f"}), {}, at_limit), "a"));
  EXPECT_EQ(compile_error(rules({". f"}), files({{"f", many + ". g\n"}, {"g", ""}})).kind,
            ErrorKind::kLimit);
  // Twenty files of two merge rules each stay within the depth, but would be read 2^20 times.
  std::map<std::string, std::string> tree;
  for (int i = 0; i < 20; ++i) {
    const std::string next = ". f" + std::to_string(i + 1) + "\n";
    tree["f" + std::to_string(i)] = next + next;
  }
  tree["f20"] = "";
  EXPECT_EQ(compile_error(rules({". f0"}), files(tree)).kind, ErrorKind::kLimit);
}

TEST(FilterLimits, DirMergeFiles) {
  Strings texts;
  for (std::size_t i = 0; i < kFilterDirMergesMax; ++i) texts.push_back(": .r" + std::to_string(i));
  EXPECT_EQ(compile(texts)->merge_file_names().size(), kFilterDirMergesMax);
  texts.push_back(": .r0");  // not one more
  EXPECT_EQ(compile(texts)->merge_file_names().size(), kFilterDirMergesMax);
  texts.push_back(": .more");
  EXPECT_EQ(compile_error(rules(texts)).kind, ErrorKind::kLimit);
}

TEST(FilterLimits, Rules) {
  std::string text;
  for (std::size_t i = 0; i < kFilterRulesMax; ++i) text += "a\n";
  EXPECT_TRUE(excludes(compile_all({{Form::kExcludeFile, text}}), "a"));
  EXPECT_EQ(compile_error({{Form::kExcludeFile, text + "b\n"}}).kind, ErrorKind::kLimit);
}

TEST(FilterLimits, FileSize) {
  const std::string largest(kFilterFileBytesMax, '\n');
  EXPECT_TRUE(compile_all({{Form::kExcludeFile, largest}})->is_trivial());
  EXPECT_EQ(compile_error({{Form::kExcludeFile, largest + "\n"}}).kind, ErrorKind::kLimit);
}

TEST(FilterWarnings, RulesThatMatchedNothing) {
  const ScopePtr scope = compile_all({{Form::kExclude, "*.o"},
                                      {Form::kRule, "- never"},
                                      {Form::kRule, "+ *.o"},
                                      {Form::kExcludeFile, "not reported\n"},
                                      {Form::kRule, "P kept"}});
  EXPECT_EQ(scope->unmatched_rules(), (Strings{"*.o", "- never", "+ *.o"}));
  EXPECT_TRUE(excludes(scope, "a.o"));
  EXPECT_FALSE(excludes(scope, "kept"));
  // The include comes too late, so it never matches. The target has not been asked yet.
  EXPECT_EQ(scope->unmatched_rules(), (Strings{"- never", "+ *.o"}));
  EXPECT_FALSE(excludes(scope, "b", FilterSide::kTarget));
  EXPECT_EQ(scope->unmatched_rules(), (Strings{"- never", "+ *.o", "P kept"}));
}

TEST(FilterWarnings, ClearedRulesAreNotReported) {
  EXPECT_EQ(compile({"- a", "!", "- b"})->unmatched_rules(), (Strings{"- b"}));
}

// Long lists are looked up instead of walked; the answers must be those of the same rules walked.
void compare_with_long_list(const Strings& few) {
  ASSERT_LT(few.size(), kIndexedRulesMin);
  Strings many;
  for (std::size_t i = 0; i < few.size(); ++i) {
    many.push_back(few[i]);
    for (std::size_t j = 0; j < kIndexedRulesMin; ++j) {
      const std::string unused = "zc" + std::to_string(i) + "_" + std::to_string(j);
      many.push_back(j % 2 == 0 ? "- " + unused : "- /" + unused);
    }
  }
  const ScopePtr walked = compile(few);
  const ScopePtr looked_up = compile(many);
  std::size_t excluded = 0;
  for (const std::string parent : {"", "d/", "c/d/"}) {
    for (const std::string name :
         {"a", "b", "c", "e", "f", "g", "h", "i", "j", "k", "l", "x", "x1", "xc"}) {
      for (const std::string end : {"", "/"}) {
        for (const auto side :
             {FilterSide::kSource, FilterSide::kTarget, FilterSide::kTargetRemoval}) {
          const std::string path = parent + name + end;
          excluded += excludes(walked, path, side) ? 1U : 0U;
          EXPECT_EQ(excludes(looked_up, path, side), excludes(walked, path, side)) << path;
        }
      }
    }
  }
  EXPECT_GT(excluded, 10U);
}

TEST(FilterLongLists, AnswerLikeShortOnes) {
  compare_with_long_list({"+ a", "- a/", "- /b", "+ b", "- /d/e", "+ /d/f/", "- f", "+ d/e"});
  compare_with_long_list({"P g", "-p h", "- /i/", "R g", "H j", "+ g", "- g"});
  compare_with_long_list({"+ x*", "- x1/", "+ /x1/", "- /d/x", "- k/", "+ k", "- k", "- /l/"});
  compare_with_long_list({"- x1/", "+ x?", "- k/", "+ k", "-! *[ckl]*", "- l"});
}

const FilterOptions kIgnoresCase{.name_case = NameCase::kInsensitive};

TEST(FilterCase, MakesNoDifferenceWhereItIsNotTold) {
  const ScopePtr scope = compile({"+ KEEP.log", "- *.Log", "- /Sub/a?", "- [B-D]x", "- [!e]y",
                                  "- [[:upper:]]z", "- tmp/", "- /d/**/Deep", "- \xC3\x84*"},
                                 kIgnoresCase);
  for (const char* path : {"a.LOG", "d/b.log", "SUB/Ab", "sub/aB", "cX", "Bx", "Fy", "gz", "TMP/",
                           "D/x/y/DEEP", "\xC3\xA4z", "\xC3\x84Z"}) {
    EXPECT_TRUE(excludes(scope, path)) << path;
    EXPECT_TRUE(excludes(scope, path, FilterSide::kTarget)) << path;
  }
  for (const char* path : {"keep.LOG", "Ex", "Ey", "x/SUB/Ab", "tmp", "\xC3\xA0z"}) {
    EXPECT_FALSE(excludes(scope, path)) << path;
  }
}

TEST(FilterCase, IsToldUnlessAsked) {
  const ScopePtr scope = compile({"- *.log", "- Sub/"});
  EXPECT_FALSE(excludes(scope, "a.LOG"));
  EXPECT_FALSE(excludes(scope, "sub/"));
}

TEST(FilterCase, MakesNoDifferenceInLongListsAndMergeFilesEither) {
  Strings texts;
  for (int i = 0; i < 40; ++i) texts.push_back("- Name" + std::to_string(i));
  texts.push_back("- /D/Path");
  texts.push_back(": .Rules");
  const ScopePtr scope = compile(texts, kIgnoresCase);
  EXPECT_TRUE(excludes(scope, "d/NAME7"));
  EXPECT_TRUE(excludes(scope, "d/pATH"));
  const auto inner = scope->enter(RelPath::parse("\xC3\x84").value(),
                                  std::vector<MergeFile>{{".Rules", "- /Here\n"}});
  ASSERT_TRUE(inner) << inner.error().message();
  EXPECT_TRUE(excludes(*inner, "\xC3\xA4/HERE"));
  EXPECT_FALSE(excludes(*inner, "\xC3\xA4/b/HERE"));
}

TEST(FilterThreads, OneScopeServesMany) {
  const ScopePtr scope = compile({"- *.o", "P *.c", "- /a/**/b", "- never"});
  std::atomic<std::size_t> excluded{0};
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;  // libc++ has no jthread yet
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round) {
        const auto path = RelPath::parse("a/x" + std::to_string(round % 7) + ".o").value();
        if (scope->excludes(path, false, FilterSide::kSource)) ++excluded;
        if (scope->excludes(path, false, FilterSide::kTarget)) ++excluded;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(excluded.load(), 8000U);
  EXPECT_EQ(scope->unmatched_rules(), (Strings{"P *.c", "- /a/**/b", "- never"}));
}

}  // namespace
}  // namespace robosync::tree
