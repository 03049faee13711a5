#include "engine/tree/filter_below.h"

#include <gtest/gtest.h>

namespace robosync::tree {
namespace {

std::shared_ptr<const FilterScope> excluding(const std::vector<std::string>& patterns) {
  std::vector<FilterArgument> arguments;
  arguments.reserve(patterns.size());
  for (const std::string& text : patterns) {
    arguments.push_back({.form = FilterArgument::Form::kExclude, .text = text});
  }
  auto scope = FilterScope::compile(arguments, {});
  EXPECT_TRUE(scope);
  return *scope;
}

RelPath path(std::string_view text) { return *RelPath::parse(text); }

TEST(FilterBelow, AnchoredRulesMeanTheWholeTree) {
  const auto all = excluding({"/a/secret", "*.key"});
  const auto below = filter_below(all, path("a"));
  EXPECT_TRUE(below->excludes(path("secret"), true, FilterSide::kSource));
  EXPECT_TRUE(below->excludes_entry(path("x/y"), "z.key", false, FilterSide::kSource));
  EXPECT_FALSE(below->excludes(path("a/secret"), true, FilterSide::kSource));
  EXPECT_FALSE(filter_below(all, path("b"))->excludes(path("secret"), true, FilterSide::kSource));
  const auto same = below->enter(path("x"), std::vector<MergeFile>());
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, below);
}

TEST(FilterBelow, NothingIsReachedThroughAnExcludedDirectory) {
  const auto all = excluding({"/a/secret/", "*.key"});
  EXPECT_TRUE(is_excluded_on_the_way(*all, path("a/secret")));
  EXPECT_TRUE(is_excluded_on_the_way(*all, path("a/secret/deep/file")));
  EXPECT_TRUE(is_excluded_on_the_way(*all, path("b/c.key")));
  EXPECT_FALSE(is_excluded_on_the_way(*all, path("a/other")));
  EXPECT_FALSE(is_excluded_on_the_way(*all, path("")));
}

// They say what there is: a rule for one side only, or a perishable one, holds for all.
TEST(FilterBelow, TheSideDoesNotMatter) {
  for (const char* const rule : {"hide x", "protect x", "-p x"}) {
    const auto all = FilterScope::compile({{.text = rule}}, {});
    ASSERT_TRUE(all);
    const auto below = filter_below(*all, path("a"));
    for (const FilterSide side :
         {FilterSide::kSource, FilterSide::kTarget, FilterSide::kTargetRemoval}) {
      EXPECT_TRUE(below->excludes(path("x"), false, side)) << rule;
      EXPECT_TRUE(below->excludes_entry(path("d"), "x", false, side)) << rule;
    }
    EXPECT_TRUE(is_excluded_on_the_way(**all, path("a/x"))) << rule;
  }
}

}  // namespace
}  // namespace robosync::tree
