// Names are bytes: every one that is a valid component survives every call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

// Two of the same letter in different case never occur.
std::vector<std::string> odd_names() {
  std::vector<std::string> names{
      "...",
      ".hidden",
      "-rf",
      "a\\b",
      "a:b",
      "C:",
      "x..y",
      "trailing ",
      " leading",
      "trailing.",
      "two\nlines",
      "\n",
      " ",
      "tab\t",
      "\x1b[31m",
      "\x7f",
      "\xff\xfe",
      "\xc3\xa9",      // precomposed
      "e\xcc\x81",     // the same letter, decomposed
      "\xed\xa0\x80",  // a lone surrogate, as UTF-8 must not have it
      "*?[]{}",
      "\"quoted'",
      "$HOME`id`",
      "~",
      "con",
      "%2e%2e",
      std::string(tree::kComponentBytesMax, 'n'),
      std::string(tree::kComponentBytesMax, '\xfe'),
  };
  for (unsigned byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    names.push_back("byte " + std::to_string(byte) + " " + static_cast<char>(byte));
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_P(FsContract, OddNamesAreListedByteForByte) {
  const std::vector<std::string> wanted = odd_names();
  for (const std::string& name : wanted) {
    ASSERT_TRUE(succeeds(write_whole(root(), name, name))) << escape_name(name);
  }
  EXPECT_THAT(names(root()), ElementsAreArray(wanted));
  for (const std::string& name : wanted) {
    EXPECT_EQ(content(name), name) << escape_name(name);
    const auto entry = root().stat_entry(name);
    ASSERT_TRUE(succeeds(entry)) << escape_name(name);
    EXPECT_EQ(entry->name, name);
    EXPECT_EQ(entry->metadata.size, name.size());
  }
}

TEST_P(FsContract, OddNamesWorkInEveryCallThatTakesOne) {
  DirectoryPtr at = root_ptr();
  for (const std::string& name : odd_names()) {
    ASSERT_TRUE(succeeds(at->make_directory(name, 0755))) << escape_name(name);
    const auto below = at->open_directory(name);
    ASSERT_TRUE(succeeds(below)) << escape_name(name);
    EXPECT_TRUE(succeeds((*below)->make_symlink(name, name)));
    EXPECT_EQ((*below)->stat_entry(name)->link_target, name);
    EXPECT_TRUE(succeeds((*below)->make_link(**below, name, "linked")));
    EXPECT_TRUE(succeeds((*below)->remove_file(name)));
    EXPECT_TRUE(succeeds((*below)->rename("linked", **below, name, Replace::kNo)));
    EXPECT_TRUE(succeeds((*below)->rename(name, **below, "back", Replace::kYes)));
    EXPECT_TRUE(succeeds((*below)->make_node(name, tree::Kind::kFifo, 0600, 0)));
    EXPECT_TRUE(succeeds((*below)->set_entry_metadata(name, {.mode = 0640})));
    EXPECT_THAT(names(**below), testing::UnorderedElementsAre("back", name));
    EXPECT_TRUE(succeeds((*below)->remove_file("back")));
    EXPECT_TRUE(succeeds((*below)->remove_file(name)));
    EXPECT_TRUE(succeeds(at->remove_directory(name)));
  }
  EXPECT_THAT(names(root()), IsEmpty());
}

TEST_P(FsContract, LinkTargetsAreKeptByteForByte) {
  const std::vector<std::string> targets{"/",
                                         "..",
                                         "../../x",
                                         "a//b/./",
                                         " ",
                                         "\xff\n\x01",
                                         "/absolute\\path",
                                         "missing/",
                                         std::string(2000, 't'),
                                         std::string(4095, 'T')};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    // Some file systems keep less of a target than a path may have.
    const auto made = root().make_symlink("link" + std::to_string(i), targets[i]);
    if (targets[i].size() == 4095 && !made) {
      EXPECT_TRUE(fails(made, ErrorKind::kLimit));
      continue;
    }
    ASSERT_TRUE(succeeds(made)) << escape_name(targets[i]);
    const auto entry = root().stat_entry("link" + std::to_string(i));
    ASSERT_TRUE(succeeds(entry));
    EXPECT_EQ(entry->link_target, targets[i]);
    EXPECT_EQ(entry->metadata.size, targets[i].size());
  }
  Listing listing;
  ASSERT_TRUE(succeeds(root().list({}, listing)));
  EXPECT_THAT(listing.problems, IsEmpty());
  for (const tree::Entry& entry : listing.entries) {
    EXPECT_EQ(entry.link_target, targets[std::stoul(entry.name.substr(4))]);
  }
}

TEST_P(FsContract, ALinkTargetThatIsTooLongIsALimit) {
  EXPECT_TRUE(fails(root().make_symlink("link", std::string(5000, 'x')), ErrorKind::kLimit));
  EXPECT_THAT(names(root()), IsEmpty());
}

TEST_P(FsContract, CaseIsKeptAndComparedAsTheVolumeDoes) {
  build("Name = upper");
  const bool sensitive = traits().case_sensitive == Support::kYes;
  EXPECT_EQ(root().stat_entry("NAME").has_value(), !sensitive);
  const auto second = root().create_file("name", 0600);
  if (sensitive) {
    ASSERT_TRUE(succeeds(second));
    EXPECT_THAT(names(root()), ElementsAre("Name", "name"));
    return;
  }
  EXPECT_TRUE(fails(second, ErrorKind::kExists));
  EXPECT_TRUE(fails(root().make_directory("NAME", 0700), ErrorKind::kExists));
  build("other = o");
  EXPECT_TRUE(fails(root().rename("other", root(), "nAME", Replace::kNo), ErrorKind::kExists));
  EXPECT_THAT(names(root()), ElementsAre("Name", "other"));
  ASSERT_TRUE(succeeds(root().rename("name", root(), "NAME", Replace::kYes)));
  EXPECT_THAT(names(root()), ElementsAre("NAME", "other"));
  EXPECT_EQ(content("name"), "upper");
}

}  // namespace
}  // namespace robosync::fs
