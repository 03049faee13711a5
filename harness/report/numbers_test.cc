#include "harness/report/numbers.h"

#include <gtest/gtest.h>

namespace robosync::parity {
namespace {

TEST(Numbers, Seconds) {
  EXPECT_EQ(seconds_text(0), "0 us");
  EXPECT_EQ(seconds_text(0.00085), "850 us");
  EXPECT_EQ(seconds_text(0.0042), "4.2 ms");
  EXPECT_EQ(seconds_text(0.152), "152 ms");
  EXPECT_EQ(seconds_text(0.9996), "1.00 s");
  EXPECT_EQ(seconds_text(6.94), "6.94 s");
  EXPECT_EQ(seconds_text(41.23), "41.2 s");
  EXPECT_EQ(seconds_text(750.4), "12 min 30 s");
}

TEST(Numbers, Bytes) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(4096), "4.0 KiB");
  EXPECT_EQ(bytes_text(1024.0 * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(bytes_text(1.5 * 1024 * 1024 * 1024), "1.5 GiB");
}

TEST(Numbers, Counts) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
}

TEST(Numbers, Figures) {
  EXPECT_EQ(figure_text(0), "0");
  EXPECT_EQ(figure_text(65'789.4), "65,800");
  EXPECT_EQ(figure_text(123.4), "123");
  EXPECT_EQ(figure_text(99.96), "100");
  EXPECT_EQ(figure_text(41.23), "41.2");
  EXPECT_EQ(figure_text(7.2), "7.20");
  EXPECT_EQ(figure_text(0.0123), "0.012");
}

TEST(Numbers, Quickness) {
  EXPECT_EQ(quickness_text(0.25), "4.0x quicker");
  EXPECT_EQ(quickness_text(1.11), "1.11x slower");
  EXPECT_EQ(quickness_text(0.8), "1.25x quicker");
  EXPECT_EQ(quickness_text(0.01), "100x quicker");
  EXPECT_EQ(quickness_text(1.009), "even");
  EXPECT_EQ(quickness_text(0.992), "even");
}

}  // namespace
}  // namespace robosync::parity
