#include "cli/output_units.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace robosync::cli {
namespace {

using namespace std::chrono_literals;

TEST(Units, Counts) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1000), "1,000");
  EXPECT_EQ(human_count(1234567), "1,234,567");
  EXPECT_EQ(human_count(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(Units, Bytes) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1024), "1.00 KiB");
  EXPECT_EQ(human_bytes(1536), "1.50 KiB");
  EXPECT_EQ(human_bytes(10235), "10.0 KiB");
  EXPECT_EQ(human_bytes(102400), "100 KiB");
  EXPECT_EQ(human_bytes((1U << 20U) - 1), "1.00 MiB") << "never 1024 KiB";
  EXPECT_EQ(human_bytes(1023U << 10U), "1023 KiB");
  EXPECT_EQ(human_bytes(5ULL << 30U), "5.00 GiB");
  EXPECT_EQ(human_bytes(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
}

TEST(Units, Rates) {
  EXPECT_EQ(human_rate(0), "0 B/s");
  EXPECT_EQ(human_rate(1536.7), "1.50 KiB/s");
  EXPECT_EQ(human_rate(-1), "0 B/s");
  EXPECT_EQ(human_rate(1e300), "7.81 EiB/s");
}

TEST(Units, Durations) {
  EXPECT_EQ(human_duration(0ns), "0.00 s");
  EXPECT_EQ(human_duration(42ms), "0.04 s");
  EXPECT_EQ(human_duration(9994ms), "9.99 s");
  EXPECT_EQ(human_duration(9996ms), "10.0 s");
  EXPECT_EQ(human_duration(59900ms), "59.9 s");
  EXPECT_EQ(human_duration(59999ms), "1 min 00 s");
  EXPECT_EQ(human_duration(125s), "2 min 05 s");
  EXPECT_EQ(human_duration(3599s), "59 min 59 s");
  EXPECT_EQ(human_duration(11220s), "3 h 07 min");
  EXPECT_EQ(human_duration(-1s), "0.00 s");
}

TEST(Units, Clock) {
  EXPECT_EQ(clock_time(0s), "0:00");
  EXPECT_EQ(clock_time(7s), "0:07");
  EXPECT_EQ(clock_time(754s), "12:34");
  EXPECT_EQ(clock_time(3723s), "1:02:03");
  EXPECT_EQ(clock_time(183845s), "2d 03:04:05");
  EXPECT_EQ(clock_time(-5s), "0:00");
}

TEST(Units, Rfc3339) {
  const auto at = [](std::int64_t milliseconds) {
    return rfc3339(std::chrono::system_clock::time_point(std::chrono::milliseconds(milliseconds)));
  };
  EXPECT_EQ(at(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(at(1714979289123), "2024-05-06T07:08:09.123Z");
  EXPECT_EQ(at(1709164799999), "2024-02-28T23:59:59.999Z");
  EXPECT_EQ(at(1709164800000), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(at(-1), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace robosync::cli
