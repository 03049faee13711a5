#include "harness/tree/printable.h"

#include <gtest/gtest.h>

namespace robosync::parity {
namespace {

TEST(IsUtf8, TakesEveryLengthUpToItsEdges) {
  EXPECT_TRUE(is_utf8_path(""));
  EXPECT_TRUE(is_utf8_path("plain"));
  EXPECT_TRUE(is_utf8_path("\xc2\x80 \xdf\xbf"));
  EXPECT_TRUE(is_utf8_path("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80"));
  EXPECT_TRUE(is_utf8_path("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

TEST(IsUtf8, RefusesWhatIsCutOverlongOrOutOfRange) {
  for (const char* bytes :
       {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xe2\x82\x61", "\xff"})
    EXPECT_FALSE(is_utf8_path(bytes)) << printable_path(bytes);
}

TEST(Printable, KeepsTextAndEscapesTheRest) {
  EXPECT_EQ(printable_path("a/gr\xc3\xbc\xc3\x9f"), "a/gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(printable_path("a\tb\x7f\\"), "a\\x09b\\x7f\\x5c");
  EXPECT_EQ(printable_path("\xc3\xbc\xff"), "\\xc3\\xbc\\xff");
  EXPECT_EQ(printable_path(""), ".");
}

}  // namespace
}  // namespace robosync::parity
