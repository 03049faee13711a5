#include "engine/base/spares.h"

#include <memory>

#include <gtest/gtest.h>

namespace robosync::base {
namespace {

TEST(Spares, LendsWhatWasGivenBackBeforeItMakesMore) {
  Spares<std::unique_ptr<int>> spares;
  int made = 0;
  const auto make = [&made] { return std::make_unique<int>(++made); };
  {
    auto first = spares.lend(make);
    auto second = spares.lend(make);
    EXPECT_EQ(**first, 1);
    EXPECT_EQ(**second, 2) << "what is lent belongs to one borrower";
  }
  {
    auto again = spares.lend(make);
    auto another = spares.lend(make);
    EXPECT_EQ(**again + **another, 3);
    EXPECT_EQ(made, 2);
    auto third = spares.lend(make);
    EXPECT_EQ(**third, 3);
  }
}

}  // namespace
}  // namespace robosync::base
