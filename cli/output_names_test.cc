#include "cli/output_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace robosync::cli {
namespace {

using namespace std::string_literals;

TEST(Printable, EscapesAsRsyncDoes) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"plain name", "plain name"},
      {"tab\tstays", "tab\tstays"},
      {"new\nline", "new\\#012line"},
      {"\x1b[2J", "\\#033[2J"},
      {"\r", "\\#015"},
      {"\x7f", "\\#177"},
      {"\xff\xfe", "\\#377\\#376"},
      {"ä€😀", "ä€😀"},
      {"\xC2\x9B", "\\#302\\#233"},  // U+009B begins an escape sequence on some terminals
      {"\xC2\xA0", "\xC2\xA0"},
      {"back\\slash", "back\\slash"},
      {"\\#012", "\\#134#012"},  // would read as an escape
      {"\\#01", "\\#01"},
      {"\\#01x", "\\#01x"},
      {"a\0b"s, "a\\#000b"},
      {"\xE2\x82", "\\#342\\#202"},
  };
  for (const auto& [name, shown] : rows) EXPECT_EQ(printable(name), shown);
}

TEST(Printable, NeverTwoNamesAlike) {
  // Every pair of these bytes before what may complete an escape.
  const std::string bytes = "a\\#012\n\t\x7f\xff\xc3\xa4\x1b"s;
  std::vector<std::string> shown;
  for (const char a : bytes) {
    for (const char b : bytes) shown.push_back(printable(std::string({a, b, '#', '0', '1', '2'})));
  }
  std::ranges::sort(shown);
  EXPECT_TRUE(std::ranges::adjacent_find(shown) == shown.end());
}

TEST(DisplayName, TellsKindsApart) {
  const auto name = [](Action action, tree::Kind kind, std::string path, std::string link = "") {
    return display_name(
        {.action = action, .kind = kind, .path = std::move(path), .link_target = std::move(link)});
  };
  EXPECT_EQ(name(Action::kCreated, tree::Kind::kRegular, "a/b"), "a/b");
  EXPECT_EQ(name(Action::kCreated, tree::Kind::kDirectory, "a"), "a/");
  EXPECT_EQ(name(Action::kMetadata, tree::Kind::kDirectory, ""), "./");
  EXPECT_EQ(name(Action::kCreated, tree::Kind::kSymlink, "l", "x\n"), "l -> x\\#012");
  EXPECT_EQ(name(Action::kLinked, tree::Kind::kRegular, "l", "d/first"), "l => d/first");
  EXPECT_EQ(name(Action::kLinked, tree::Kind::kSymlink, "l", "d/first"), "l => d/first");
}

}  // namespace
}  // namespace robosync::cli
