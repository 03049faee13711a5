#include "cli/confirmation.h"

#include <gtest/gtest.h>

namespace robosync::cli {
namespace {

bool asked(std::uint64_t entries, std::uint64_t of) {
  return looks_like_a_mistake({.entries = entries, .target_entries = of});
}

TEST(Confirmation, MoreThanHalfAndAtLeastTen) {
  EXPECT_FALSE(asked(0, 0));
  EXPECT_FALSE(asked(9, 9));
  EXPECT_TRUE(asked(10, 10));
  EXPECT_TRUE(asked(10, 19));
  EXPECT_FALSE(asked(10, 20)) << "half is not more than half";
  EXPECT_FALSE(asked(10, 21));
  EXPECT_TRUE(asked(11, 21));
  EXPECT_TRUE(asked(11, 20));
  EXPECT_TRUE(asked(UINT64_MAX, UINT64_MAX));
  EXPECT_FALSE(asked(UINT64_MAX / 2, UINT64_MAX));
}

TEST(Confirmation, SaysHowMuchAndWhere) {
  EXPECT_EQ(confirmation_question({.entries = 1234, .target_entries = 2000}, "/t\x1b"),
            "robosync: this deletes 1,234 of the 2,000 entries in /t\\#033. Go ahead? [y/N] ");
}

TEST(Confirmation, OnlyYesIsYes) {
  for (const char* answer : {"y", "Y", "yes", "YES", " y ", "y\r", "Yes\n"}) {
    EXPECT_TRUE(is_yes(answer)) << answer;
  }
  for (const char* answer : {"", "n", "no", "yy", "yes please", "ye", "j", "1", "true"}) {
    EXPECT_FALSE(is_yes(answer)) << answer;
  }
}

}  // namespace
}  // namespace robosync::cli
