// HeapFunction stands in for std::move_only_function: the same tests for both.
#include "engine/base/move_only_function.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace robosync::base {
namespace {

struct Heap {
  template <typename Signature>
  using Function = HeapFunction<Signature>;
};
struct Chosen {
  template <typename Signature>
  using Function = MoveOnlyFunction<Signature>;
};

template <typename Kind>
class MoveOnlyFunctionTest : public testing::Test {};
using Kinds = testing::Types<Heap, Chosen>;
TYPED_TEST_SUITE(MoveOnlyFunctionTest, Kinds);

TYPED_TEST(MoveOnlyFunctionTest, HoldsWhatCannotBeCopied) {
  using Function = typename TypeParam::template Function<int(int)>;
  Function add = [held = std::make_unique<int>(40)](int more) { return *held + more; };
  EXPECT_EQ(add(2), 42);
  Function moved = std::move(add);
  EXPECT_EQ(moved(3), 43);
}

TYPED_TEST(MoveOnlyFunctionTest, TellsWhetherItHoldsSomething) {
  using Function = typename TypeParam::template Function<void()>;
  EXPECT_FALSE(Function());
  EXPECT_FALSE(Function(nullptr));
  Function function = [] {};
  EXPECT_TRUE(function);
  function = {};
  EXPECT_FALSE(function);
}

TYPED_TEST(MoveOnlyFunctionTest, PassesMovesAndReferencesOn) {
  using Function = typename TypeParam::template Function<std::string(std::unique_ptr<int>, int&)>;
  Function function = [](std::unique_ptr<int> value, int& out) {
    out = *value;
    return "done";  // becomes what the signature says
  };
  int out = 0;
  EXPECT_EQ(function(std::make_unique<int>(7), out), "done");
  EXPECT_EQ(out, 7);
}

TYPED_TEST(MoveOnlyFunctionTest, CallsChangeWhatIsHeld) {
  using Function = typename TypeParam::template Function<int()>;
  Function count = [n = 0]() mutable { return ++n; };
  count();
  EXPECT_EQ(count(), 2);
}

}  // namespace
}  // namespace robosync::base
