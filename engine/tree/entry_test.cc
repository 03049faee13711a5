#include "engine/tree/entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace robosync::tree {
namespace {

std::vector<std::string> names_of(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const Entry& entry : entries) names.push_back(entry.name);
  return names;
}

// Sorted by sort_entries, and whether each still has its own metadata.
void expect_sorted(std::vector<std::string> names) {
  std::vector<Entry> entries;
  for (const std::string& name : names) {
    Entry& entry = entries.emplace_back();
    entry.name = name;
    entry.metadata.size = std::hash<std::string>()(name);
  }
  sort_entries(entries);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names_of(entries), names);
  for (const Entry& entry : entries) {
    EXPECT_EQ(entry.metadata.size, std::hash<std::string>()(entry.name)) << entry.name;
  }
}

TEST(SortEntries, FewAndNone) {
  expect_sorted({});
  expect_sorted({"b"});
  expect_sorted({"b", "a", "ab", "\xff", "A"});
}

// Names that begin alike, are each other's beginnings, or differ in bytes above 127 and in
// zero-like places only after the eighth byte.
TEST(SortEntries, ManyOfEveryShape) {
  std::mt19937 random(7);
  for (const std::string prefix : {"", "a-beginning-of-all/", "\xc3"}) {
    for (const unsigned letters : {2U, 26U, 255U}) {
      std::vector<std::string> names;
      for (int i = 0; i < 3000; ++i) {
        std::string name = prefix;
        const unsigned long length = random() % 20;
        for (unsigned long k = 0; k < length; ++k)
          name += static_cast<char>(1 + random() % letters);
        names.push_back(std::move(name));
      }
      std::sort(names.begin(), names.end());
      names.erase(std::unique(names.begin(), names.end()), names.end());
      std::shuffle(names.begin(), names.end(), random);
      expect_sorted(std::move(names));
    }
  }
}

TEST(SortEntries, WhatIsSortedOrReversedAlready) {
  std::vector<std::string> names;
  for (int i = 1000; i < 2000; ++i) names.push_back("file" + std::to_string(i));
  expect_sorted(names);
  std::reverse(names.begin(), names.end());
  expect_sorted(names);
}

}  // namespace
}  // namespace robosync::tree
