#include "engine/tree/metadata.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <unordered_set>

namespace robosync::tree {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();

struct TimeCase {
  Time a;
  Time b;
  std::int64_t window_ns;
  bool same;
};

TEST(SameTime, Table) {
  const TimeCase cases[] = {
      {{5, 7}, {5, 7}, 0, true},
      {{5, 7}, {5, 8}, 0, false},
      {{5, 7}, {5, 8}, 1, true},
      {{5, 7}, {5, 9}, 1, false},
      {{5, 999'999'999}, {6, 0}, 0, false},
      {{5, 999'999'999}, {6, 0}, 1, true},
      {{5, 0}, {6, 0}, kSecond - 1, false},
      {{5, 0}, {6, 0}, kSecond, true},
      {{5, 0}, {7, 0}, 2 * kSecond, true},
      {{5, 0}, {7, 1}, 2 * kSecond, false},
      // Before 1970 nanoseconds still count forwards.
      {{-1, 999'999'999}, {0, 0}, 1, true},
      {{-2, 0}, {-1, 0}, kSecond, true},
      {{-2, 0}, {-1, 1}, kSecond, false},
      // After 2038, and where a difference would overflow.
      {{1LL << 40, 0}, {(1LL << 40) + 1, 0}, kSecond, true},
      {{kFirst, 0}, {kLast, 0}, kSecond, false},
      {{kFirst, 0}, {kFirst, 1}, 1, true},
      {{kLast, 0}, {0, 0}, kSecond, false},
      {{5, 0}, {6, 0}, -1, false},
  };
  for (const TimeCase& row : cases) {
    EXPECT_EQ(same_time(row.a, row.b, {.window_ns = row.window_ns}), row.same)
        << row.a.seconds << "." << row.a.nanoseconds << " and " << row.b.seconds << "."
        << row.b.nanoseconds << " within " << row.window_ns;
    EXPECT_EQ(same_time(row.b, row.a, {.window_ns = row.window_ns}), row.same);
  }
}

TEST(SameTime, AnHourApartIsTheSameOnlyWhereItIsAskedFor) {
  const TimeCase cases[] = {
      {{5, 0}, {3605, 0}, 0, true},
      {{5, 0}, {3605, 1}, 0, false},
      {{5, 0}, {3604, 999'999'999}, 0, false},
      {{5, 0}, {3606, 0}, kSecond, true},
      {{5, 0}, {3604, 0}, kSecond, true},
      {{5, 0}, {3607, 0}, kSecond, false},
      {{-1800, 3}, {1800, 3}, 0, true},
      {{5, 0}, {7205, 0}, 0, false},
      {{5, 0}, {5, 0}, 0, true},
      {{5, 0}, {6, 0}, kSecond, true},
      {{kLast, 0}, {kFirst, 0}, 0, false},
      {{kLast - 3600, 0}, {kLast, 0}, 0, true},
  };
  for (const TimeCase& row : cases) {
    const TimeTolerance tolerance{.window_ns = row.window_ns, .one_hour = true};
    EXPECT_EQ(same_time(row.a, row.b, tolerance), row.same)
        << row.a.seconds << " " << row.b.seconds;
    EXPECT_EQ(same_time(row.b, row.a, tolerance), row.same);
  }
  EXPECT_FALSE(same_time({5, 0}, {3605, 0}, {}));
}

TEST(Time, OrdersByMoment) {
  EXPECT_LT((Time{-1, 999'999'999}), (Time{0, 0}));
  EXPECT_LT((Time{0, 1}), (Time{0, 2}));
  EXPECT_LT((Time{0, 999'999'999}), (Time{1, 0}));
}

TEST(Kind, EveryKindHasANameOfItsOwn) {
  std::set<std::string> names;
  for (const Kind kind : {Kind::kUnknown, Kind::kRegular, Kind::kDirectory, Kind::kSymlink,
                          Kind::kFifo, Kind::kSocket, Kind::kCharDevice, Kind::kBlockDevice}) {
    names.insert(std::string(to_string(kind)));
  }
  EXPECT_EQ(names.size(), 8U);
  EXPECT_EQ(to_string(Kind::kRegular), "file");
}

TEST(Metadata, SaysWhatItIs) {
  Metadata metadata;
  EXPECT_FALSE(metadata.is_regular() || metadata.is_directory() || metadata.is_symlink());
  metadata.kind = Kind::kDirectory;
  EXPECT_TRUE(metadata.is_directory());
  EXPECT_FALSE(metadata.is_regular());
}

TEST(Identity, IsAKey) {
  std::unordered_set<Identity> seen;
  EXPECT_TRUE(seen.insert({1, 2}).second);
  EXPECT_TRUE(seen.insert({2, 1}).second);
  EXPECT_FALSE(seen.insert({1, 2}).second);
}

}  // namespace
}  // namespace robosync::tree
