// Deletions, alone: what goes, what is protected, and what no longer is what was seen.
#include "engine/apply/deletions.h"

#include <gtest/gtest.h>

#include "engine/fs/memory_fs_testing.h"

namespace robosync::apply {
namespace {

using base::ErrorKind;
using tree::Kind;
using tree::RelPath;

class Silent final : public Observer {};

class DeletionsUnit : public testing::Test {
 protected:
  // The target is /t; rules are as after --filter.
  void begin(std::string_view spec, const std::vector<std::string>& rules = {}) {
    memory.build("/t", spec);
    root = *memory.open_root("/t");
    std::vector<tree::FilterArgument> arguments;
    arguments.reserve(rules.size());
    for (const std::string& rule : rules) arguments.push_back({.text = rule});
    filter = *tree::FilterScope::compile(
        arguments, [](const std::string&) -> base::Result<std::string> { return std::string(); });
    deletions.emplace(root, nullptr, ledger, cancellation);
  }
  void collect(const std::string& directory, std::vector<Deletions::Extra> extras) {
    const RelPath path = directory.empty() ? RelPath() : *RelPath::parse(directory);
    const auto handle = directory.empty() ? root : *root->open_directory(directory);
    deletions->collect({.path = path,
                        .identity = handle->stat()->identity,
                        .filters = {filter, filter},
                        .mtime = {},
                        .mode = {},
                        .extras = std::move(extras)});
  }
  [[nodiscard]] std::string left() const { return memory.dump("/t", {.modes = false}); }
  [[nodiscard]] base::Result<Deletions::Count> count() {
    return deletions->count({}, Deletions::Look::kOnly);
  }

  fs::MemoryFileSystem memory;
  fs::DirectoryPtr root;
  std::shared_ptr<const tree::FilterScope> filter;
  Silent observer;
  Ledger ledger{observer};
  base::Cancellation cancellation;
  std::optional<Deletions> deletions;
};

TEST_F(DeletionsUnit, WhatIsCollectedIsCountedAndGoes) {
  begin("keep = 1\nextra = 2\ngone/a = 3\ngone/b/c = 4\n");
  collect("", {{"extra", Kind::kRegular}, {"gone", Kind::kDirectory}});
  const auto counted = count();
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->entries, 5U);
  EXPECT_EQ(counted->inside, 3U) << "what lies inside extra directories was in no listing";
  EXPECT_EQ(left(), "extra = 2\ngone/\ngone/a = 3\ngone/b/\ngone/b/c = 4\nkeep = 1\n")
      << "counting changes nothing";
  deletions->run(Deletions::Mode::kDelete, Action::kDeleted);
  EXPECT_EQ(left(), "keep = 1\n");
}

TEST_F(DeletionsUnit, TellingDeletesNothing) {
  begin("extra = 2\n");
  collect("", {{"extra", Kind::kRegular}});
  deletions->run(Deletions::Mode::kTell, Action::kDeleted);
  EXPECT_EQ(left(), "extra = 2\n");
}

TEST_F(DeletionsUnit, ADirectoryThatIsAnotherByNowKeepsItsEntries) {
  begin("d/extra = 1\n");
  collect("d", {{"extra", Kind::kRegular}});
  ASSERT_TRUE(root->rename("d", *root, "away", fs::Replace::kNo));
  memory.build("/t/d", "extra = precious\n");
  deletions->run(Deletions::Mode::kDelete, Action::kDeleted);
  EXPECT_EQ(left(), "away/\naway/extra = 1\nd/\nd/extra = precious\n");
}

TEST_F(DeletionsUnit, ASourceInsideAnExtraDirectoryIsRefused) {
  begin("gone/a = 1\ngone/source/f = 2\n");
  collect("", {{"gone", Kind::kDirectory}});
  const auto source = *memory.open_root("/t/gone/source");
  const auto counted = deletions->count({source->stat()->identity}, Deletions::Look::kOnly);
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().kind, ErrorKind::kRefused);
}

TEST_F(DeletionsUnit, FiltersProtectInsideExtraDirectoriesToo) {
  begin("gone/a = 1\ngone/b.keep = 2\nc.keep = 3\n", {"- *.keep"});
  collect("", {{"gone", Kind::kDirectory}, {"c.keep", Kind::kRegular}});
  deletions->run(Deletions::Mode::kDelete, Action::kDeleted);
  EXPECT_EQ(left(), "c.keep = 3\ngone/\ngone/b.keep = 2\n");
}

TEST_F(DeletionsUnit, AProtectedObjectStaysWhateverItIsCalled) {
  begin("extra = 1\nother = 2\n");
  collect("", {{"extra", Kind::kRegular}, {"other", Kind::kRegular}});
  deletions->protect(root->stat_entry("extra")->metadata.identity);
  deletions->run(Deletions::Mode::kDelete, Action::kDeleted);
  EXPECT_EQ(left(), "extra = 1\n");
}

TEST_F(DeletionsUnit, AStopEndsThemAtOnce) {
  begin("extra = 1\n");
  collect("", {{"extra", Kind::kRegular}});
  cancellation.request();
  deletions->run(Deletions::Mode::kDelete, Action::kDeleted);
  EXPECT_EQ(left(), "extra = 1\n");
}

TEST_F(DeletionsUnit, WhatIsGoneAlreadyIsNoProblem) {
  begin("extra = 1\n");
  collect("", {{"extra", Kind::kRegular}});
  ASSERT_TRUE(root->remove_file("extra"));
  deletions->run(Deletions::Mode::kDelete, Action::kDeleted);
  EXPECT_FALSE(ledger.aborted());
  EXPECT_EQ(left(), "");
}

}  // namespace
}  // namespace robosync::apply
