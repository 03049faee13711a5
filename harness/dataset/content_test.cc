#include "harness/dataset/content.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "harness/dataset/names.h"
#include "harness/dataset/numbers.h"

#include <set>

namespace robosync::parity {
namespace {

std::vector<std::byte> content(const ContentSource& source, std::uint64_t offset,
                               std::size_t bytes) {
  std::vector<std::byte> out(bytes);
  fill(source, offset, out);
  return out;
}

// Vigna's splitmix64.c with the state 1234567 gives these first.
TEST(Numbers, AreSplitMix64) {
  Numbers numbers(1234567);
  EXPECT_EQ(numbers.next(), 6457827717110365317U);
  EXPECT_EQ(numbers.next(), 3203168211198807973U);
  EXPECT_EQ(numbers.next(), 9817491932198370423U);
}

TEST(Fill, AnyPieceIsThatOfTheWhole) {
  const ContentSource source{42, 50};
  const std::vector<std::byte> whole = content(source, 0, 5000);
  for (const std::size_t offset : {0U, 1U, 511U, 512U, 513U, 1700U})
    for (const std::size_t bytes : {0U, 1U, 511U, 512U, 1025U, 3000U}) {
      const std::vector<std::byte> piece = content(source, offset, bytes);
      EXPECT_TRUE(std::equal(piece.begin(), piece.end(),
                             whole.begin() + static_cast<std::ptrdiff_t>(offset)))
          << offset << " " << bytes;
    }
}

TEST(Fill, HasTheShareOfTextThatWasAskedFor) {
  for (const unsigned percent : {0U, 30U, 100U}) {
    constexpr std::size_t kCells = 4000;
    const auto bytes = content({7, percent}, 0, kCells * kContentCellBytes);
    std::size_t text = 0;
    for (std::size_t cell = 0; cell < kCells; ++cell) {
      const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(cell * kContentCellBytes);
      text += std::all_of(first, first + kContentCellBytes,
                          [](std::byte b) { return b < std::byte{0x80}; });
    }
    EXPECT_NEAR(static_cast<double>(text) / kCells, percent / 100.0, 0.03);
  }
}

TEST(Fill, SeedsDiffer) {
  EXPECT_NE(content({1, 0}, 0, 100), content({2, 0}, 0, 100));
  EXPECT_NE(content({1, 0}, 0, 512), content({1, 0}, 512, 512));
}

TEST(SizeOf, UniformReachesBothEnds) {
  const SizeDistribution dice{.shape = SizeShape::kUniform, .bytes_min = 1, .bytes_max = 6};
  Numbers numbers(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(size_of(dice, numbers));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{1, 2, 3, 4, 5, 6}));
}

// Half below the median, two thirds within one deviation, a twentieth beyond two.
TEST(SizeOf, LogNormalHasItsMedianAndSpread) {
  const SizeDistribution sizes{.shape = SizeShape::kLogNormal,
                               .bytes_min = 0,
                               .bytes_max = 1U << 30U,
                               .median_bytes = 16000,
                               .octaves_hundredths = 200};
  Numbers numbers(3);
  constexpr int kSamples = 20000;
  int below = 0;
  int within_one = 0;
  int within_two = 0;
  for (int i = 0; i < kSamples; ++i) {
    const std::uint64_t size = size_of(sizes, numbers);
    below += size < 16000;
    within_one += size >= 4000 && size <= 64000;
    within_two += size >= 1000 && size <= 256000;
  }
  EXPECT_NEAR(below / double{kSamples}, 0.5, 0.02);
  EXPECT_NEAR(within_one / double{kSamples}, 0.683, 0.02);
  EXPECT_NEAR(within_two / double{kSamples}, 0.954, 0.02);
}

TEST(SizeOf, LogNormalIsClamped) {
  const SizeDistribution sizes{.shape = SizeShape::kLogNormal,
                               .bytes_min = 900,
                               .bytes_max = 1100,
                               .median_bytes = 1000,
                               .octaves_hundredths = 600};
  Numbers numbers(3);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t size = size_of(sizes, numbers);
    EXPECT_GE(size, 900U);
    EXPECT_LE(size, 1100U);
  }
}

TEST(Scaled, RoundsAndKeepsAtLeastOne) {
  EXPECT_EQ(scaled(0, 10), 0U);
  EXPECT_EQ(scaled(100, 0.001), 1U);
  EXPECT_EQ(scaled(100, 0.126), 13U);
  EXPECT_EQ(scaled(3, 1), 3U);
}

TEST(Names, AreDifferentAndFitAName) {
  for (const NameStyle style : {NameStyle::kPlain, NameStyle::kUnicode, NameStyle::kOddBytes}) {
    std::set<std::string> names;
    for (std::uint64_t i = 0; i < 1000; ++i) {
      const std::string name = file_name(style, i);
      EXPECT_LE(name.size(), kNameBytesMax);
      EXPECT_EQ(name.find_first_of(std::string_view("/\0", 2)), std::string::npos) << name;
      names.insert(name);
    }
    EXPECT_EQ(names.size(), 1000U);
  }
  EXPECT_EQ(file_name(NameStyle::kOddBytes, 24).size(), kNameBytesMax);
}

}  // namespace
}  // namespace robosync::parity
