#include "harness/tree/printable.h"

#include <gtest/gtest.h>

namespace robosync::parity {
namespace {

TEST(Printable, KeepsTextAndEscapesTheRest) {
  EXPECT_EQ(printable_path("a/gr\xc3\xbc\xc3\x9f"), "a/gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(printable_path("a\tb\x7f\\"), "a\\x09b\\x7f\\x5c");
  EXPECT_EQ(printable_path("\xc3\xbc\xff"), "\\xc3\\xbc\\xff");
  EXPECT_EQ(printable_path(""), ".");
}

}  // namespace
}  // namespace robosync::parity
