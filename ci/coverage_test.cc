// docs/coverage.md names tests that there are, and leaves nothing out.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace robosync::ci {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// "Suite.Name" of every test in the sources.
std::set<std::string> all_tests() {
  std::set<std::string> out;
  const std::regex test(R"(\nTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  for (const char* const folder : {"engine", "cli", "ci", "harness"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(ROBOSYNC_SOURCE_DIR) / folder)) {
      if (!entry.path().filename().string().ends_with("_test.cc")) continue;
      const std::string text = content_of(entry.path());
      for (std::sregex_iterator at(text.begin(), text.end(), test), end; at != end; ++at) {
        out.insert((*at)[1].str() + "." + (*at)[2].str());
      }
    }
  }
  return out;
}

// The rows of the table under a heading, each as its cells.
std::vector<std::vector<std::string>> table_under(const std::string& heading) {
  const std::string text = content_of(fs::path(ROBOSYNC_SOURCE_DIR) / "docs" / "coverage.md");
  const std::size_t begin = text.find("\n## " + heading);
  EXPECT_NE(begin, std::string::npos) << heading;
  std::istringstream lines(text.substr(begin + 1, text.find("\n## ", begin + 1) - begin - 1));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| ")) continue;
    std::vector<std::string> cells;
    std::istringstream parts(line.substr(1));
    for (std::string cell; std::getline(parts, cell, '|');) {
      const std::size_t first = cell.find_first_not_of(' ');
      if (first == std::string::npos) cell.clear();
      cells.push_back(cell.empty() ? ""
                                   : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
    }
    rows.push_back(std::move(cells));
  }
  if (!rows.empty()) rows.erase(rows.begin());  // the heads of the columns
  return rows;
}

// Every cell from `first_cell` on names tests that there are, or says why there is none.
void expect_covered(const std::string& heading, std::size_t first_cell) {
  const std::set<std::string> tests = all_tests();
  const std::regex name("`([^`]+)`");
  for (const std::vector<std::string>& row : table_under(heading)) {
    for (std::size_t i = first_cell; i < row.size(); ++i) {
      const std::string& cell = row[i];
      std::size_t named = 0;
      for (std::sregex_iterator at(cell.begin(), cell.end(), name), end; at != end; ++at) {
        ++named;
        EXPECT_TRUE(tests.contains((*at)[1])) << heading << ": no test " << (*at)[1];
      }
      EXPECT_TRUE(named > 0 || cell.starts_with("- (")) << heading << ": " << row.front();
    }
  }
}

TEST(Coverage, EveryRowOfDataSafetyHasATestOnEveryRoute) {
  const auto rows = table_under("Data safety");
  ASSERT_EQ(rows.size(), 26U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].front(), std::to_string(i + 1));
    EXPECT_EQ(rows[i].size(), 5U) << i + 1;
  }
  expect_covered("Data safety", 2);
}

TEST(Coverage, EveryDemandOnTheDaemonHasATest) {
  EXPECT_GE(table_under("The daemon").size(), 20U);
  expect_covered("The daemon", 1);
}

TEST(Coverage, EveryClassOfFaultsIsTriedAgainstBothSides) {
  EXPECT_EQ(table_under("Classes of rsync's CVEs of 2024 to 2026").size(), 16U);
  expect_covered("Classes of rsync's CVEs of 2024 to 2026", 1);
}

}  // namespace
}  // namespace robosync::ci
