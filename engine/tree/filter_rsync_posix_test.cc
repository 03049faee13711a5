// Differential tests: FilterScope against the installed rsync, on random trees and random rules.
//
// What is compared is what the two would transfer, and what they would leave standing after a
// deletion. ROBOSYNC_FILTER_CASES multiplies the number of cases (default 1), ROBOSYNC_FILTER_SEED
// chooses another sequence.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tree/filter.h"
#include "engine/tree/filter_cases_posix_testing.h"
#include "engine/tree/filter_oracle_posix_testing.h"

namespace robosync::tree {
namespace {

using base::ErrorKind;
using base::Result;
using ScopePtr = std::shared_ptr<const FilterScope>;
using Names = std::set<std::string>;
using std::string_view_literals::operator""sv;

Result<std::string> read_from_disk(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::fail(base::make_error(ErrorKind::kNotFound, path));
  return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Reads merge files from a directory of a tree in memory.
FilterScope::MergeReader reader_of(const TreeNode& directory) {
  return [&directory](const std::string& name) -> Result<std::optional<std::string>> {
    const auto at = directory.children.find(name);
    if (at == directory.children.end() || at->second.is_directory) {
      return std::optional<std::string>();
    }
    return std::optional(at->second.content);
  };
}

// What a scanner would select below `directory`, entering it with the scope of its parent.
Result<void> select(const ScopePtr& parent, const TreeNode& directory, const RelPath& path,
                    Names& selected) {
  ROBOSYNC_ASSIGN(const ScopePtr scope, parent->enter(path, reader_of(directory)));
  for (const auto& [name, node] : directory.children) {
    const RelPath child = path.child(name);
    const bool excluded = scope->excludes(child, node.is_directory, FilterSide::kSource);
    EXPECT_EQ(excluded, scope->excludes_entry(path, name, node.is_directory, FilterSide::kSource));
    if (excluded) continue;
    selected.insert(child.str() + (node.is_directory ? "/" : ""));
    if (node.is_directory) ROBOSYNC_TRY(select(scope, node, child, selected));
  }
  return {};
}

// What is left of a directory that is being deleted.
Result<bool> survives_removal(const ScopePtr& parent, const TreeNode& directory,
                              const RelPath& path, Names& left) {
  ROBOSYNC_ASSIGN(const ScopePtr scope, parent->enter(path, reader_of(directory)));
  bool something = false;
  for (const auto& [name, node] : directory.children) {
    const RelPath child = path.child(name);
    bool stays = scope->excludes(child, node.is_directory, FilterSide::kTargetRemoval);
    if (stays && node.is_directory) {
      left.insert(child.str() + "/**");
    } else if (node.is_directory) {
      ROBOSYNC_ASSIGN(stays, survives_removal(scope, node, child, left));
    }
    if (stays) left.insert(child.str() + (node.is_directory ? "/" : ""));
    something |= stays;
  }
  return something;
}

// What is left of the target's directory `path`, of which the source has sent a list of names.
Result<void> survive(const ScopePtr& parent, const TreeNode& directory, const RelPath& path,
                     const Names& sent, Names& left) {
  ROBOSYNC_ASSIGN(const ScopePtr scope, parent->enter(path, reader_of(directory)));
  for (const auto& [name, node] : directory.children) {
    const RelPath child = path.child(name);
    const std::string shown = child.str() + (node.is_directory ? "/" : "");
    if (sent.contains(shown)) {
      if (node.is_directory) ROBOSYNC_TRY(survive(scope, node, child, sent, left));
      continue;
    }
    if (scope->excludes(child, node.is_directory, FilterSide::kTarget)) {
      left.insert(shown);
      if (node.is_directory) left.insert(child.str() + "/**");
    } else if (node.is_directory) {
      ROBOSYNC_ASSIGN(const bool stays, survives_removal(scope, node, child, left));
      if (stays) left.insert(shown);
    }
  }
  return {};
}

void add_all(const TreeNode& directory, const std::string& prefix, Names& names) {
  for (const auto& [name, node] : directory.children) {
    names.insert(prefix + name + (node.is_directory ? "/" : ""));
    if (node.is_directory) add_all(node, prefix + name + "/", names);
  }
}

const TreeNode& node_at(const TreeNode& root, const std::string& path) {
  const TreeNode* node = &root;
  const RelPath parsed = RelPath::parse(path).value();
  for (const std::string_view component : parsed.components()) {
    node = &node->children.at(std::string(component));
  }
  return *node;
}

// Replaces the marks "x/**" by everything below x.
Names expand(const Names& names, const TreeNode& tree) {
  Names expanded;
  for (const std::string& name : names) {
    if (name.ends_with("/**")) {
      const std::string directory = name.substr(0, name.size() - 2);
      add_all(node_at(tree, directory), directory, expanded);
    } else {
      expanded.insert(name);
    }
  }
  return expanded;
}

std::string merge_files_of(const TreeNode& directory, const std::string& prefix) {
  std::string text;
  for (const auto& [name, node] : directory.children) {
    if (node.is_directory) text += merge_files_of(node, prefix + name + "/");
    if (!node.content.empty()) text += "--- " + prefix + name + ":\n" + node.content + "\n";
  }
  return text;
}

std::string difference(const Names& theirs, const Names& ours) {
  std::string text;
  for (const std::string& name : theirs) {
    if (!ours.contains(name)) text += "only rsync: " + name + "\n";
  }
  for (const std::string& name : ours) {
    if (!theirs.contains(name)) text += "only we: " + name + "\n";
  }
  return text;
}

class FilterAgainstRsync : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run_rsync({"--version"}, "/").exit_code, 0)
        << "these tests need the package rsync; install it";
    write_tree(TreeNode{true, "", {}}, files_);
    write_tree(TreeNode{true, "", {}}, home_);
    write_tree(TreeNode{true, "", {}}, up_);
  }

  [[nodiscard]] FilterOptions options(const FilterCase& filter) const {
    FilterOptions options;
    options.source_root = source_;
    options.target_root = target_;
    options.cvs_ignore = filter.cvs_ignore;
    options.nul_separated_files = nul_separated_;
    return options;
  }

  [[nodiscard]] RsyncRun rsync(const FilterCase& filter, std::vector<std::string> arguments) {
    write_file(home_ + "/.cvsignore", filter.cvs_ignore);
    arguments.insert(arguments.end(), filter.rsync_arguments.begin(), filter.rsync_arguments.end());
    arguments.push_back(source_ + "/");
    arguments.push_back(target_ + "/");
    return run_rsync(arguments, files_, {{"HOME", home_}});
  }

  // One case of each kind; both say whether a rule set was one that both sides took.
  bool compare_selection(const FilterCase& filter, const TreeNode& tree);
  bool compare_survivors(const FilterCase& filter, const TreeNode& source, const TreeNode& target,
                         bool delete_excluded);

  static std::uint64_t seed() { return number_from_environment("ROBOSYNC_FILTER_SEED", 1); }
  static std::uint64_t times(std::uint64_t cases) {
    return cases * number_from_environment("ROBOSYNC_FILTER_CASES", 1);
  }

  bool nul_separated_ = false;
  ScratchDirectory scratch_;
  std::string files_ = scratch_.path() + "/files";
  std::string home_ = scratch_.path() + "/home";
  std::string up_ = scratch_.path() + "/up";
  std::string source_ = up_ + "/source";
  std::string target_ = up_ + "/target";
};

bool FilterAgainstRsync::compare_selection(const FilterCase& filter, const TreeNode& tree) {
  const RsyncRun run = rsync(filter, {"-nrl8", "--out-format=%n"});
  Names selected;
  const auto ours = [&]() -> Result<void> {
    ROBOSYNC_ASSIGN(const ScopePtr scope,
                    FilterScope::compile(filter.arguments, read_from_disk, options(filter)));
    return select(scope, tree, RelPath(), selected);
  }();
  const std::string context = filter.describe() + "\n" + merge_files_of(tree, "");
  EXPECT_EQ(run.exit_code != 0, !ours.has_value())
      << context << "rsync: " << run.errors
      << "\nwe: " << (ours ? std::string("no error") : ours.error().message());
  if (run.exit_code != 0 || !ours) return false;
  Names names;
  for (std::string& name : rsync_names(run.out)) {
    if (name != "./") names.insert(std::move(name));
  }
  EXPECT_EQ(difference(names, selected), "") << context;
  return true;
}

bool FilterAgainstRsync::compare_survivors(const FilterCase& filter, const TreeNode& source,
                                           const TreeNode& target, bool delete_excluded) {
  write_tree(target, target_);
  std::vector<std::string> arguments = {"-rlq8", "--delete"};
  if (delete_excluded) arguments.emplace_back("--delete-excluded");
  const RsyncRun run = rsync(filter, arguments);
  const Names standing = names_below(target_);
  remove_tree(target_);

  Names expected;
  const auto ours = [&]() -> Result<void> {
    FilterOptions chosen = options(filter);
    chosen.delete_excluded = delete_excluded;
    ROBOSYNC_ASSIGN(const ScopePtr scope,
                    FilterScope::compile(filter.arguments, read_from_disk, chosen));
    ROBOSYNC_TRY(select(scope, source, RelPath(), expected));
    const Names sent = expected;
    return survive(scope, target, RelPath(), sent, expected);
  }();
  const std::string context = filter.describe() + "\n--- source\n" + merge_files_of(source, "") +
                              "--- target\n" + merge_files_of(target, "");
  EXPECT_EQ(run.exit_code != 0, !ours.has_value())
      << context << "rsync: " << run.errors
      << "\nwe: " << (ours ? std::string("no error") : ours.error().message());
  if (run.exit_code != 0 || !ours) return false;
  EXPECT_EQ(difference(standing, expand(expected, target)), "") << context;
  return true;
}

TEST_F(FilterAgainstRsync, SelectsTheSameNames) {
  constexpr std::uint64_t kCasesPerTree = 20;
  std::uint64_t taken = 0;
  const std::uint64_t total = times(200);
  for (std::uint64_t i = 0; i < total && !HasFailure();) {
    FilterCases cases(seed() * 1'000'000 + i, files_, source_, target_);
    const TreeNode tree = cases.tree();
    write_tree(tree, source_);
    for (const char* name : {"/.r", "/.m"}) {
      write_file(scratch_.path() + name, cases.ancestor_file("up/source/"));
      write_file(up_ + name, cases.ancestor_file("source/"));
    }
    for (std::uint64_t j = 0; j < kCasesPerTree && !HasFailure(); ++j, ++i) {
      SCOPED_TRACE("case " + std::to_string(i));
      taken += compare_selection(cases.next(), tree) ? 1U : 0U;
    }
    remove_tree(source_);
  }
  // Most rule sets are valid ones, or the test would compare error messages only.
  EXPECT_GT(taken, total * 6 / 10);
}

TEST_F(FilterAgainstRsync, LeavesTheSameNamesStanding) {
  std::uint64_t taken = 0;
  const std::uint64_t total = times(100);
  for (std::uint64_t i = 0; i < total && !HasFailure(); ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    FilterCases cases(seed() * 2'000'000 + i, files_, source_, target_);
    const TreeNode source = cases.tree();
    const TreeNode target = cases.tree();
    write_tree(source, source_);
    const bool delete_excluded = i % 4 == 0 && !cases.nests_merge_files();
    taken += compare_survivors(cases.next(), source, target, delete_excluded) ? 1U : 0U;
    remove_tree(source_);
  }
  EXPECT_GT(taken, total * 6 / 10);
}

// A source without a trailing slash is an entry of the directory that it is named from.
TEST_F(FilterAgainstRsync, NamedSourcesAreEntriesOfTheirDirectory) {
  TreeNode tree{true, "", {}};
  tree.children["a"].content = "- /c\n";
  TreeNode& sub = tree.children["sub"];
  sub.is_directory = true;
  for (const char* name : {"a", "b", "c"}) sub.children[name] = {};
  sub.children[".r"].content = "- /c\n";
  write_tree(tree, source_);
  write_file(up_ + "/.r", "- /source/sub/b\n- /sub/a\n");
  write_file(source_ + "/.r", "- x\n");
  tree.children[".r"].content = "- x\n";
  TreeNode parent{true, "", {}};
  parent.children["source"] = tree;
  for (const std::string rule :
       {": .r", ": /.r", ": ../.r", ":n /.r", "- source", "- /source/sub", "- /sub", "- source/a",
        "- /source/*/[ab]", "- sub/***", "-/ /source", "- **/source/**"}) {
    SCOPED_TRACE(rule);
    const RsyncRun run =
        run_rsync({"-nrl", "--out-format=%n", "--filter=" + rule, source_, target_ + "/"}, files_);
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    FilterOptions options;
    options.source_root = options.target_root = up_;
    options.names_given = true;
    const auto scope =
        FilterScope::compile({{FilterArgument::Form::kRule, rule}}, read_from_disk, options);
    ASSERT_TRUE(scope) << scope.error().message();
    Names selected;
    // The directory that holds the source is not entered: its merge file counts as an ancestor's.
    ASSERT_TRUE(select(*scope, parent, RelPath(), selected));
    const auto names = rsync_names(run.out);
    EXPECT_EQ(difference(Names(names.begin(), names.end()), selected), "");
  }
}

// With -0 the entries of every file of rules end in NUL.
TEST_F(FilterAgainstRsync, NulEndedFiles) {
  TreeNode tree{true, "", {}};
  for (const char* name : {"a", "b", "a\nb", "#c", ";d", "e ", "f\r"}) tree.children[name] = {};
  const std::string rules("- a\nb\0#c\0\0- e \0- f\r\0+ b"sv);
  const std::string patterns("a\nb\0#c\0+ b\0b\0e "sv);
  tree.children[".r"].content = rules;
  write_tree(tree, source_);
  for (const bool merged : {true, false}) {
    for (const std::string rule : {": .r", ":w .r", ":- .r", ":C .r"}) {
      FilterCase filter;
      const std::string path = files_ + "/list";
      write_file(path, patterns);
      const std::string text = merged ? rule : rule == ": .r" ? "" : "- b";
      filter.rsync_arguments = {"-0", "--exclude-from=" + path, "--filter=" + text};
      filter.arguments = {{FilterArgument::Form::kExcludeFile, patterns, true},
                          {FilterArgument::Form::kRule, text}};
      if (merged) {
        filter.rsync_arguments.erase(filter.rsync_arguments.begin() + 1);
        filter.arguments.erase(filter.arguments.begin());
      }
      nul_separated_ = true;
      EXPECT_EQ(compare_selection(filter, tree), text != ":w .r") << text;
    }
  }
}

}  // namespace
}  // namespace robosync::tree
