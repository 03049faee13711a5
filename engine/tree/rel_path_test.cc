// RelPath: what is refused, and that everything else survives byte for byte.
#include "engine/tree/rel_path.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace robosync::tree {
namespace {

using base::ErrorKind;
using std::string_view_literals::operator""sv;

TEST(RelPath, RefusesWhatCouldLeadOut) {
  for (const std::string_view text :
       {"/"sv, "/a"sv, "//a"sv, ".."sv, "../a"sv, "a/.."sv, "a/../b"sv, "./.."sv, "a/b/../../.."sv,
        "a\0b"sv, "\0"sv, "a/\0/b"sv}) {
    const auto path = RelPath::parse(text);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().kind, ErrorKind::kInvalid) << text;
  }
}

TEST(RelPath, KeepsOddButLegalNames) {
  for (const std::string_view text :
       {"a..b"sv,      "..."sv,      "..a"sv,  "a.."sv,  ".a"sv,       "a\\b"sv,
        "..\\a"sv,     "a:b"sv,      "C:"sv,   "C:/x"sv, " "sv,        "a "sv,
        " a/ b "sv,    "a\nb"sv,     "\x01"sv, "\x7f"sv, "\xff\xfe"sv, "\xed\xa0\x80"sv,
        "e\xcc\x81"sv, "\xc3\xa9"sv, "-rf"sv,  "~"sv,    "*"sv,        "aux"sv,
        "NUL.txt"sv,   "a/.../b"sv}) {
    const auto path = RelPath::parse(text);
    ASSERT_TRUE(path) << text;
    EXPECT_EQ(path->str(), text);
  }
}

TEST(RelPath, DropsWhatSaysNothing) {
  EXPECT_EQ(RelPath::parse("a//b/./c/")->str(), "a/b/c");
  EXPECT_EQ(RelPath::parse("./a")->str(), "a");
  for (const std::string_view text : {""sv, "."sv, "./"sv, "././."sv}) {
    ASSERT_TRUE(RelPath::parse(text)) << text;
    EXPECT_TRUE(RelPath::parse(text)->is_root()) << text;
  }
}

TEST(RelPath, LengthsAtTheirLimits) {
  const std::string component(kComponentBytesMax, 'x');
  EXPECT_TRUE(RelPath::parse("a/" + component));
  const auto longer = RelPath::parse("a/" + component + "x");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().kind, ErrorKind::kLimit);

  std::string path;
  while (path.size() + 2 <= kPathBytesMax) path += "a/";
  ASSERT_EQ(path.size(), kPathBytesMax);
  EXPECT_TRUE(RelPath::parse(path));
  const auto too_long = RelPath::parse(path + "a");
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().kind, ErrorKind::kLimit);
}

TEST(RelPath, ValidatesComponents) {
  for (const std::string_view name : {"a"sv, "..."sv, "a\\b"sv, " "sv, "\xff"sv}) {
    EXPECT_TRUE(validate_component(name)) << name;
  }
  for (const std::string_view name : {""sv, "."sv, ".."sv, "a/b"sv, "/"sv, "a\0"sv}) {
    const auto valid = validate_component(name);
    ASSERT_FALSE(valid) << name;
    EXPECT_EQ(valid.error().kind, ErrorKind::kInvalid) << name;
  }
  EXPECT_TRUE(validate_component(std::string(kComponentBytesMax, 'x')));
  EXPECT_EQ(validate_component(std::string(kComponentBytesMax + 1, 'x')).error().kind,
            ErrorKind::kLimit);
}

TEST(RelPath, TakesApartAndPutsTogether) {
  const RelPath path = RelPath::parse("a/bc/d").value();
  EXPECT_EQ(path.name(), "d");
  EXPECT_EQ(path.parent().str(), "a/bc");
  EXPECT_EQ(path.components(), (std::vector<std::string_view>{"a", "bc", "d"}));
  EXPECT_EQ(path.parent().child("d"), path);
  EXPECT_EQ(RelPath().child("a").str(), "a");
  EXPECT_EQ(RelPath().child("a").parent(), RelPath());
  EXPECT_EQ(RelPath().parent(), RelPath());
  EXPECT_EQ(RelPath().name(), "");
  EXPECT_TRUE(RelPath().components().empty());
}

TEST(RelPath, OrderIsThatOfBytes) {
  EXPECT_LT(RelPath::parse("a").value(), RelPath::parse("b").value());
  EXPECT_LT(RelPath::parse("a").value(), RelPath::parse("\xff").value());
  EXPECT_LT(RelPath(), RelPath::parse("a").value());
}

}  // namespace
}  // namespace robosync::tree
