#include "engine/tree/filter_pair.h"

#include <gtest/gtest.h>

namespace robosync::tree {
namespace {

std::shared_ptr<const FilterScope> compiled(const std::vector<std::string>& rules) {
  std::vector<FilterArgument> arguments;
  arguments.reserve(rules.size());
  for (const std::string& rule : rules) {
    arguments.push_back({.form = FilterArgument::Form::kRule, .text = rule});
  }
  const auto no_files = [](const std::string& name) -> base::Result<std::string> {
    return base::fail(base::make_error(base::ErrorKind::kNotFound, name));
  };
  return FilterScope::compile(arguments, no_files).value();
}

bool hides(const FilterScope& scope, std::string_view name) {
  const bool as_entry = scope.excludes_entry(RelPath(), name, false, FilterSide::kSource);
  const RelPath path = RelPath::parse(name).value();
  EXPECT_EQ(scope.excludes(path, false, FilterSide::kSource), as_entry);
  return as_entry;
}

TEST(FilterPairTest, excludes_what_either_excludes) {
  const auto pair = both_filters(compiled({"- *.tmp"}), compiled({"- *.bak"}));
  EXPECT_TRUE(hides(*pair, "a.tmp"));
  EXPECT_TRUE(hides(*pair, "a.bak"));
  EXPECT_FALSE(hides(*pair, "a.txt"));
  EXPECT_FALSE(pair->is_trivial());
}

TEST(FilterPairTest, neither_can_undo_the_other) {
  for (const auto& second : {std::vector<std::string>{"+ *.tmp"}, std::vector<std::string>{"!"}}) {
    EXPECT_TRUE(hides(*both_filters(compiled({"- *.tmp"}), compiled(second)), "a.tmp"));
    EXPECT_TRUE(hides(*both_filters(compiled(second), compiled({"- *.tmp"})), "a.tmp"));
  }
}

TEST(FilterPairTest, both_see_the_files_of_a_directory) {
  const auto pair = both_filters(compiled({"dir-merge .one"}), compiled({"dir-merge .two"}));
  EXPECT_EQ(pair->merge_file_names(), (std::vector<std::string>{".one", ".two"}));
  const auto entered = pair->enter(RelPath(), {{".one", "- a\n"}, {".two", "- b\n"}});
  ASSERT_TRUE(entered) << entered.error().message();
  EXPECT_TRUE(hides(**entered, "a"));
  EXPECT_TRUE(hides(**entered, "b"));
  EXPECT_FALSE(hides(**entered, "c"));
}

TEST(FilterPairTest, entering_what_changes_nothing_is_the_same_scope) {
  const auto pair = both_filters(compiled({"- a"}), compiled({"- b"}));
  EXPECT_EQ(pair->enter(RelPath::parse("d").value(), std::vector<MergeFile>{}).value(), pair);
}

TEST(FilterPairTest, nothing_beside_one_is_the_one) {
  const auto one = compiled({"- a"});
  EXPECT_EQ(both_filters(one, nullptr), one);
  EXPECT_EQ(both_filters(nullptr, one), one);
  EXPECT_EQ(both_filters(nullptr, nullptr), nullptr);
}

}  // namespace
}  // namespace robosync::tree
