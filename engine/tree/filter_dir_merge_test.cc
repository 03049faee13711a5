// FilterScope and per-directory merge files: inheritance, anchors, files that name files,
// ancestors.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/tree/filter.h"

namespace robosync::tree {
namespace {

using base::ErrorKind;
using base::Result;
using Form = FilterArgument::Form;
using ScopePtr = std::shared_ptr<const FilterScope>;
using Strings = std::vector<std::string>;
using Files = std::map<std::string, std::string>;

FilterScope::FileReader reader(Files contents) {
  return [contents = std::move(contents)](const std::string& path) -> Result<std::string> {
    const auto at = contents.find(path);
    if (at != contents.end()) return at->second;
    return base::fail(base::make_error(ErrorKind::kNotFound, "no file " + path));
  };
}

Result<ScopePtr> try_compile(const Strings& texts, const FilterOptions& options = {},
                             const Files& outside = {}) {
  std::vector<FilterArgument> arguments;
  for (const std::string& text : texts) arguments.push_back({Form::kRule, text});
  return FilterScope::compile(arguments, reader(outside), options);
}

ScopePtr compile(const Strings& texts, const FilterOptions& options = {},
                 const Files& outside = {}) {
  auto scope = try_compile(texts, options, outside);
  EXPECT_TRUE(scope) << scope.error().message();
  return scope.value();
}

RelPath path_of(const std::string& text) { return RelPath::parse(text).value(); }

// The directory `path` with these files in it.
Result<ScopePtr> try_enter(const ScopePtr& parent, const std::string& path, const Files& files) {
  return parent->enter(path_of(path),
                       [&](const std::string& name) -> Result<std::optional<std::string>> {
                         const auto at = files.find(name);
                         if (at == files.end()) return std::optional<std::string>();
                         return std::optional(at->second);
                       });
}

ScopePtr enter(const ScopePtr& parent, const std::string& path, const Files& files = {}) {
  auto scope = try_enter(parent, path, files);
  EXPECT_TRUE(scope) << scope.error().message();
  return scope.value();
}

bool excludes(const ScopePtr& scope, const std::string& path,
              FilterSide side = FilterSide::kSource) {
  return scope->excludes(path_of(path), path.ends_with('/'), side);
}

TEST(DirMerge, RulesHoldInTheDirectoryAndBelow) {
  const ScopePtr root = enter(compile({": .r"}), "");
  const ScopePtr sub = enter(root, "sub", {{".r", "- a\n"}});
  EXPECT_FALSE(excludes(root, "a"));
  EXPECT_TRUE(excludes(sub, "sub/a"));
  EXPECT_TRUE(excludes(enter(sub, "sub/deep"), "sub/deep/a"));
  EXPECT_FALSE(excludes(enter(root, "other"), "other/a"));
}

TEST(DirMerge, AFileInTheRootCounts) {
  EXPECT_TRUE(excludes(enter(compile({": .r"}), "", {{".r", "- /a\n"}}), "a"));
}

TEST(DirMerge, NothingNewIsTheSameScope) {
  const ScopePtr root = compile({": .r", "- x"});
  EXPECT_EQ(enter(root, ""), root);
  const ScopePtr sub = enter(root, "sub", {{".r", "- a\n"}});
  EXPECT_NE(sub, root);
  EXPECT_EQ(enter(sub, "sub/deep"), sub);
  const ScopePtr plain = compile({"- x"});
  EXPECT_EQ(enter(plain, "sub", {{".r", "- a\n"}}), plain);
}

TEST(DirMerge, NearerRulesComeFirst) {
  const ScopePtr outer = enter(compile({": .r"}), "", {{".r", "- a\n- b\n"}});
  const ScopePtr inner = enter(outer, "sub", {{".r", "+ a\n"}});
  EXPECT_FALSE(excludes(inner, "sub/a"));
  EXPECT_TRUE(excludes(inner, "sub/b"));
}

TEST(DirMerge, StandsWhereItsRuleStands) {
  const ScopePtr scope = enter(compile({"- first", ": .r", "- a"}), "", {{".r", "+ a\n+ first\n"}});
  EXPECT_TRUE(excludes(scope, "first"));
  EXPECT_FALSE(excludes(scope, "a"));
}

TEST(DirMerge, WithoutInheritanceOnlyTheDirectoryItself) {
  const ScopePtr root = compile({":n .r"});
  const ScopePtr sub = enter(root, "sub", {{".r", "- a\n"}});
  EXPECT_TRUE(excludes(sub, "sub/a"));
  const ScopePtr deep = enter(sub, "sub/deep");
  EXPECT_FALSE(excludes(deep, "sub/deep/a"));
  EXPECT_EQ(deep->merge_file_names(), (Strings{".r"}));
}

TEST(DirMerge, AnchoredAtItsDirectory) {
  const ScopePtr sub = enter(compile({": .r"}), "sub", {{".r", "- /a\n- x/y\n- /d/**\n"}});
  EXPECT_TRUE(excludes(sub, "sub/a"));
  EXPECT_FALSE(excludes(enter(sub, "sub/deep"), "sub/deep/a"));
  EXPECT_TRUE(excludes(enter(sub, "sub/x"), "sub/x/y"));
  EXPECT_TRUE(excludes(enter(sub, "sub/d"), "sub/d/e/f"));
}

TEST(DirMerge, TheDirectorysNameIsNoPattern) {
  const ScopePtr star = enter(compile({": .r"}), "a*b", {{".r", "- /f*\n"}});
  EXPECT_TRUE(excludes(star, "a*b/foo"));
  const ScopePtr backslash = enter(compile({": .r"}), "q\\t", {{".r", "- /f*\n"}});
  EXPECT_TRUE(excludes(backslash, "q\\t/foo"));
}

TEST(DirMerge, ClearForgetsWhatIsInherited) {
  const ScopePtr outer = enter(compile({"- kept", ": .r"}), "", {{".r", "- a\n"}});
  const ScopePtr inner = enter(outer, "sub", {{".r", "- gone\n!\n- b\n"}});
  EXPECT_FALSE(excludes(inner, "sub/a"));
  EXPECT_FALSE(excludes(inner, "sub/gone"));
  EXPECT_TRUE(excludes(inner, "sub/b"));
  EXPECT_TRUE(excludes(inner, "sub/kept"));
}

TEST(DirMerge, ModifiersAreDefaultsOfItsRules) {
  const auto sub = [](const char* rule, const char* content) {
    return enter(compile({rule}), "sub", {{".r", content}});
  };
  EXPECT_TRUE(excludes(sub(":- .r", "+ a\n"), "sub/+ a"));
  EXPECT_FALSE(excludes(sub(":s .r", "- a\n"), "sub/a", FilterSide::kTarget));
  EXPECT_FALSE(excludes(sub(":p .r", "- a\n"), "sub/a", FilterSide::kTargetRemoval));
  EXPECT_TRUE(excludes(sub(":w .r", "-_a -_b\n"), "sub/b"));
  EXPECT_TRUE(excludes(sub(":e .r", ""), "sub/.r"));
  EXPECT_FALSE(excludes(sub(": .r", ""), "sub/.r"));
}

TEST(DirMerge, CvsIgnore) {
  const ScopePtr root = compile({":C"});
  EXPECT_EQ(root->merge_file_names(), (Strings{".cvsignore"}));
  const ScopePtr sub = enter(root, "sub", {{".cvsignore", "a *.o # b\n"}});
  EXPECT_TRUE(excludes(sub, "sub/x.o"));
  EXPECT_TRUE(excludes(sub, "sub/#"));
  EXPECT_FALSE(excludes(enter(sub, "sub/deep"), "sub/deep/a"));
}

TEST(DirMerge, MayBringInAnother) {
  const ScopePtr root = compile({": .r"});
  const ScopePtr sub = enter(root, "sub", {{".r", "- a\n: .more\n"}, {".more", "- b\n"}});
  EXPECT_TRUE(excludes(sub, "sub/b"));
  EXPECT_EQ(sub->merge_file_names(), (Strings{".more", ".r"}));
  const ScopePtr deep = enter(sub, "sub/deep", {{".more", "+ b\n"}});
  EXPECT_FALSE(excludes(deep, "sub/deep/b"));
  EXPECT_TRUE(excludes(deep, "sub/deep/a"));
  // Outside that directory nobody has heard of it.
  EXPECT_EQ(enter(root, "other", {{".more", "- b\n"}}), root);
}

TEST(DirMerge, WhatItBringsInEndsWithIt) {
  const ScopePtr root = compile({":n .r"});
  const ScopePtr sub = enter(root, "sub", {{".r", ": .more\n"}, {".more", "- b\n"}});
  const ScopePtr deep = enter(sub, "sub/deep", {{".more", "- c\n"}});
  EXPECT_EQ(deep->merge_file_names(), (Strings{".r"}));
  EXPECT_FALSE(excludes(deep, "sub/deep/c"));
}

TEST(DirMerge, OneThatNamesItselfIsReadOnce) {
  const ScopePtr root = compile({": .r"});
  EXPECT_TRUE(excludes(enter(root, "", {{".r", ": .r\n- a\n"}}), "a"));
  EXPECT_EQ(compile({": .r", ":n .r", ": .r"})->merge_file_names(), (Strings{".r"}));
}

TEST(DirMerge, MayMergeFilesOfItsOwnDirectory) {
  const ScopePtr root = compile({": .r"});
  EXPECT_TRUE(excludes(enter(root, "d", {{".r", ". more\n"}, {"more", "- a\n"}}), "d/a"));
  EXPECT_TRUE(excludes(enter(root, "d", {{".r", ". ./more\n"}, {"more", "- a\n"}}), "d/a"));
  for (const char* name : {"../more", "/etc/passwd", "x/more", "..", "./../x"}) {
    // Refused before anybody is asked to read it.
    const auto scope =
        try_enter(root, "d", {{".r", std::string(". ") + name + "\n"}, {name, ""}, {"../x", ""}});
    ASSERT_FALSE(scope) << name;
    EXPECT_EQ(scope.error().kind, ErrorKind::kUsage);
  }
  EXPECT_FALSE(try_enter(root, "d", {{".r", ". missing\n"}}));
  EXPECT_FALSE(try_enter(root, "d", {{".r", ": /.rules\n"}}));
}

TEST(DirMerge, FilesThatMultiplyAreRefused) {
  const auto scope =
      try_enter(compile({": .r"}), "d", {{".r", ". more\n"}, {"more", ". more\n. more\n"}});
  ASSERT_FALSE(scope);
  EXPECT_EQ(scope.error().kind, ErrorKind::kLimit);
}

TEST(DirMerge, ErrorsNameFileAndLine) {
  const auto scope = try_enter(compile({": .r"}), "sub/deep", {{".r", "- a\nsecret\n"}});
  ASSERT_FALSE(scope);
  EXPECT_EQ(scope.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(scope.error().message(), "unknown filter rule (sub/deep/.r, line 2)");
}

TEST(DirMerge, AnErrorOfTheReaderComesOut) {
  const auto scope = compile({": .r"})->enter(
      path_of("d"), [](const std::string& name) -> Result<std::optional<std::string>> {
        return base::fail(base::make_error(ErrorKind::kPermission, name));
      });
  ASSERT_FALSE(scope);
  EXPECT_EQ(scope.error().kind, ErrorKind::kPermission);
}

TEST(DirMerge, FilesAlreadyRead) {
  const ScopePtr root = compile({": .r"});
  const std::vector<MergeFile> found = {{".r", "- a\n. more"}, {"more", "- c\n"}, {".r", "- b"}};
  const auto scope = root->enter(path_of("d"), found);
  ASSERT_TRUE(scope) << scope.error().message();
  EXPECT_TRUE(excludes(*scope, "d/a"));
  EXPECT_TRUE(excludes(*scope, "d/b"));  // of the second source merged into this directory
  EXPECT_TRUE(excludes(*scope, "d/c"));
  EXPECT_FALSE(root->enter(path_of("d"), {MergeFile{".r", ". more"}}));
}

TEST(DirMerge, InheritedRulesAddUpToTheLimit) {
  std::string half;
  for (std::size_t i = 0; i < kFilterRulesMax / 2; ++i) half += "- a\n";
  ScopePtr scope = enter(compile({": .r"}), "", {{".r", half}});
  scope = enter(scope, "d", {{".r", half}});
  EXPECT_TRUE(excludes(scope, "d/a"));
  const auto more = try_enter(scope, "d/e", {{".r", "- b\n"}});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::kLimit);
}

TEST(DirMergeAncestors, AreReadDownToTheRoot) {
  FilterOptions options;
  options.source_root = "/home/me/src";
  const Files outside = {{"/.r", "- a\n- b\n"}, {"/home/.r", "+ b\n- /me/src/c\n- /d\n"}};
  const ScopePtr scope = compile({": /.r"}, options, outside);
  EXPECT_EQ(scope->merge_file_names(), (Strings{".r"}));
  EXPECT_TRUE(excludes(scope, "a"));
  EXPECT_FALSE(excludes(scope, "b"));
  EXPECT_TRUE(excludes(scope, "c"));
  EXPECT_FALSE(excludes(scope, "x/c"));
  EXPECT_FALSE(excludes(scope, "d"));
  const ScopePtr near = compile({": ../../.r"}, options, outside);
  EXPECT_FALSE(excludes(near, "a"));
  EXPECT_TRUE(excludes(near, "c"));
}

TEST(DirMergeAncestors, AreForgottenWithoutInheritanceAndByClear) {
  FilterOptions options;
  options.source_root = "/home/me";
  const Files outside = {{"/.r", "- a\n"}, {"/home/.r", "!\n- b\n"}};
  EXPECT_FALSE(excludes(enter(compile({":n /.r"}, options, outside), ""), "b"));
  const ScopePtr scope = compile({": /.r"}, options, outside);
  EXPECT_FALSE(excludes(scope, "a"));
  EXPECT_TRUE(excludes(scope, "b"));
}

TEST(DirMergeAncestors, IncludeTheRootOfNamedSources) {
  FilterOptions options;
  options.source_root = "/home/me";
  const Files outside = {{"/home/me/.r", "- /src\n"}};
  EXPECT_FALSE(excludes(compile({": /.r"}, options, outside), "src"));
  options.names_given = true;
  EXPECT_TRUE(excludes(compile({": /.r"}, options, outside), "src"));
}

TEST(DirMergeAncestors, AFaultThereIsAFault) {
  FilterOptions options;
  options.source_root = "/home/me";
  const auto wrong = try_compile({": /.r"}, options, {{"/.r", "secret\n"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message(), "unknown filter rule (/.r, line 1): ': /.r'");
}

}  // namespace
}  // namespace robosync::tree
