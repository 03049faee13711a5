#include "cli/option_values.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace robosync::cli {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(ParseSize, AsRsyncDoes) {
  const std::vector<std::pair<std::string, std::uint64_t>> rows = {
      {"0", 0},
      {"100", 100},
      {"100b", 100},
      {"1k", 1024},
      {"1K", 1024},
      {"1KiB", 1024},
      {"1kib", 1024},
      {"1KB", 1000},
      {"1.5m", 1572864},
      {"1.5MB", 1500000},
      {".5k", 512},
      {"2.", 2},
      {"1G", 1ULL << 30},
      {"1GB", 1000000000},
      {"3T", 3ULL << 40},
      {"1PiB", 1ULL << 50},
      {"1.5mb-1", 1499999},
      {"2g+1", (2ULL << 30) + 1},
      {"0.3", 0},
      {"18446744073709551615", kMax},
      {"9007199254740993", 9007199254740993},  // a double would lose the last digit
  };
  for (const auto& [text, bytes] : rows) {
    const auto parsed = parse_size(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message();
    EXPECT_EQ(*parsed, bytes) << text;
  }
}

TEST(ParseSize, RefusesTheRestAndQuotesIt) {
  for (const std::string text : {"",
                                 "x",
                                 "1x",
                                 "-1",
                                 "+1",
                                 "1kk",
                                 "1 k",
                                 "k",
                                 ".",
                                 "1ki",
                                 "1bb",
                                 "1e3",
                                 "0x10",
                                 "1-2",
                                 "0-1",
                                 "18446744073709551616",
                                 "18446744073709551615+1",
                                 "16777216T",
                                 "99999P",
                                 "1,5k"}) {
    const auto parsed = parse_size(text);
    ASSERT_FALSE(parsed) << text << " -> " << *parsed;
    EXPECT_EQ(parsed.error().kind, base::ErrorKind::kUsage);
    EXPECT_NE(parsed.error().message().find("'" + text + "'"), std::string::npos);
  }
}

TEST(ParseRate, CountsKibibytesUnlessToldOtherwise) {
  EXPECT_EQ(parse_rate("10"), 10240U);
  EXPECT_EQ(parse_rate("0"), 0U);
  EXPECT_EQ(parse_rate("1.5"), 1536U);
  EXPECT_EQ(parse_rate("10b"), 10U);
  EXPECT_EQ(parse_rate("1M"), 1U << 20U);
  EXPECT_FALSE(parse_rate("0.0001")) << "a limit so low must not become no limit";
}

TEST(ParseAge, HasUnits) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  EXPECT_EQ(parse_age("0"), nanoseconds(0));
  EXPECT_EQ(parse_age("90"), seconds(90));
  EXPECT_EQ(parse_age("90s"), seconds(90));
  EXPECT_EQ(parse_age("5m"), minutes(5));
  EXPECT_EQ(parse_age("1.5h"), minutes(90));
  EXPECT_EQ(parse_age("2D"), hours(48));
  EXPECT_EQ(parse_age("1w"), hours(168));
  EXPECT_EQ(parse_age("15250w"), hours(168) * 15250);
  for (const char* text : {"", "w", "1y", "1hh", "-1", "1 h", "15251w", "9999999999999999999"}) {
    EXPECT_FALSE(parse_age(text)) << text;
  }
}

TEST(ParseSeconds, HasNone) {
  EXPECT_EQ(parse_seconds("2"), std::chrono::seconds(2));
  EXPECT_EQ(parse_seconds("0.1"), std::chrono::milliseconds(100));
  EXPECT_EQ(parse_seconds(".000000001"), nanoseconds(1));
  for (const char* text : {"", "2s", "1m", "-2", "two"}) EXPECT_FALSE(parse_seconds(text)) << text;
}

TEST(ParseCount, KnowsItsLimit) {
  EXPECT_EQ(parse_count("0", 256), 0U);
  EXPECT_EQ(parse_count("256", 256), 256U);
  for (const char* text : {"257", "", "-1", "1.0", "1.", "1k", "x"}) {
    EXPECT_FALSE(parse_count(text, 256)) << text;
  }
}

TEST(ParseDeleteLimit, IsACountOrAShare) {
  const auto limit = [](const char* text) { return parse_delete_limit(text).value(); };
  EXPECT_EQ(limit("0").count, 0U);
  EXPECT_EQ(limit("1000").count, 1000U);
  EXPECT_FALSE(limit("1000").percent);
  EXPECT_EQ(limit("50%").percent, 50.0);
  EXPECT_EQ(limit("0%").percent, 0.0);
  EXPECT_EQ(limit("100%").percent, 100.0);
  EXPECT_EQ(limit("0.5%").percent, 0.5);
  EXPECT_FALSE(limit("50%").count);
  for (const char* text : {"", "%", "101%", "100.1%", "-1", "1k", "5%%", "5 %"}) {
    EXPECT_FALSE(parse_delete_limit(text)) << text;
  }
}

}  // namespace
}  // namespace robosync::cli
