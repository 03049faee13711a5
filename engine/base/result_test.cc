#include "engine/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "engine/base/check.h"

namespace robosync::base {
namespace {

Result<int> number(bool works) {
  if (!works) return fail(make_error(ErrorKind::kBusy, "number"));
  return 7;
}

Result<void> nothing(bool works) {
  if (!works) return fail(make_error(ErrorKind::kIo, "nothing"));
  return {};
}

Result<std::string> both(bool first, bool second, bool third) {
  ROBOSYNC_TRY(nothing(first));
  ROBOSYNC_ASSIGN(const int value, number(second));
  int again = 0;
  ROBOSYNC_ASSIGN(again, number(third));
  return std::to_string(value + again);
}

TEST(Result, MacrosPassValuesOn) { EXPECT_EQ(both(true, true, true), "14"); }

TEST(Result, MacrosReturnTheFirstError) {
  EXPECT_EQ(both(false, false, true).error().kind, ErrorKind::kIo);
  EXPECT_EQ(both(true, false, true).error().kind, ErrorKind::kBusy);
  EXPECT_EQ(both(true, true, false).error().context, "number");
}

TEST(Result, MacrosEvaluateTheirExpressionOnce) {
  int calls = 0;
  const auto count = [&]() -> Result<int> { return ++calls; };
  const auto use = [&]() -> Result<void> {
    ROBOSYNC_TRY(count());
    ROBOSYNC_ASSIGN([[maybe_unused]] const int value, count());
    return {};
  };
  EXPECT_TRUE(use());
  EXPECT_EQ(calls, 2);
}

TEST(Result, MacrosMoveWhatCannotBeCopied) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(3); };
  const auto use = [&]() -> Result<std::unique_ptr<int>> {
    ROBOSYNC_ASSIGN(std::unique_ptr<int> made, make());
    *made += 1;
    return made;
  };
  EXPECT_EQ(**use(), 4);
}

// A macro that were two statements would take this `else` for its own.
TEST(Result, TryIsOneStatement) {
  const auto use = [](bool ask) -> Result<int> {
    if (ask)
      ROBOSYNC_TRY(nothing(true));
    else
      return 1;
    return 2;
  };
  EXPECT_EQ(use(true), 2);
  EXPECT_EQ(use(false), 1);
}

TEST(CheckDeathTest, AbortsWithThePlaceAndTheReason) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  ROBOSYNC_CHECK(1 + 1 == 2);
  EXPECT_DEATH(ROBOSYNC_CHECK(1 + 1 == 3), "result_test.cc:.*1 \\+ 1 == 3");
}

}  // namespace
}  // namespace robosync::base
