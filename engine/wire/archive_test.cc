#include "engine/wire/archive.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace robosync::wire {
namespace {

using namespace std::string_view_literals;

TEST(ArchiveTest, IntegersAtTheBoundariesOfVarintsComeBack) {
  std::vector<std::uint64_t> values{0, UINT64_MAX};
  for (unsigned bits = 7; bits < 64; bits += 7) {
    const std::uint64_t edge = std::uint64_t{1} << bits;
    values.insert(values.end(), {edge - 1, edge, edge + 1});
  }
  for (const std::uint64_t value : values) {
    Encoder encoder;
    encoder.integer(value);
    const std::string bytes = encoder.take();
    Decoder decoder(bytes);
    EXPECT_EQ(decoder.integer(), value);
    EXPECT_TRUE(decoder.finish()) << value;
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      Decoder truncated(std::string_view(bytes).substr(0, cut));
      (void)truncated.integer();
      EXPECT_FALSE(truncated.finish()) << value << " cut at " << cut;
    }
  }
}

TEST(ArchiveTest, SignedIntegersComeBack) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, std::int64_t{63}, std::int64_t{-64},
        std::int64_t{64}, std::int64_t{-65}, INT64_MAX, INT64_MIN}) {
    Encoder encoder;
    encoder.number(value);
    const std::string bytes = encoder.take();
    Decoder decoder(bytes);
    std::int64_t read = 7;
    decoder.number(read);
    EXPECT_EQ(read, value);
    EXPECT_TRUE(decoder.finish());
  }
}

TEST(ArchiveTest, GoldenBytes) {
  Encoder encoder;
  encoder.integer(300);
  encoder.number(std::int64_t{-1});
  encoder.flag(true);
  encoder.text("ab", 2);
  EXPECT_EQ(encoder.take(),
            "\xac\x02\x01\x01\x02"
            "ab"sv);
}

TEST(ArchiveTest, ThereIsOneWayToWriteEachNumber) {
  for (const std::string_view bytes :
       {"\x80\x00"sv, "\xff\x80\x00"sv, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv,
        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"sv}) {
    Decoder decoder(bytes);
    EXPECT_EQ(decoder.integer(), 0U);
    EXPECT_EQ(decoder.finish().error().kind, base::ErrorKind::kProtocol);
  }
}

TEST(ArchiveTest, NarrowNumbersAndFlagsAreNotCut) {
  Encoder encoder;
  encoder.integer(std::uint64_t{UINT32_MAX} + 1);
  const std::string bytes = encoder.take();
  Decoder decoder(bytes);
  std::uint32_t narrow = 0;
  decoder.number(narrow);
  EXPECT_FALSE(decoder.finish());

  Decoder two("\x02"sv);
  bool flag = false;
  two.flag(flag);
  EXPECT_FALSE(two.finish());
}

TEST(ArchiveTest, TextsAtTheirLimitAndOnePast) {
  Encoder encoder;
  encoder.text("abc", 3);
  const std::string bytes = encoder.take();
  std::string text;
  Decoder at(bytes);
  at.text(text, 3);
  EXPECT_TRUE(at.finish());
  EXPECT_EQ(text, "abc");
  Decoder past(bytes);
  past.text(text, 2);
  EXPECT_FALSE(past.finish());
}

TEST(ArchiveTest, ListsAllocateNothingForACountThatCannotBe) {
  const auto read = [](std::string_view bytes, std::size_t count_max) {
    Decoder decoder(bytes);
    std::vector<std::array<char, 4096>> list;
    decoder.list(list, count_max,
                 [&](auto& one) { one[0] = static_cast<char>(decoder.integer()); });
    EXPECT_LE(list.capacity(), bytes.size());
    return decoder.finish().has_value();
  };
  EXPECT_TRUE(read("\x02\x01\x01"sv, 2));
  EXPECT_FALSE(read("\x02\x01\x01"sv, 1));
  EXPECT_FALSE(read("\x03\x01\x01"sv, 9));
  EXPECT_FALSE(read("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv, SIZE_MAX));
}

TEST(ArchiveTest, BytesLeftOverAreAFault) {
  Decoder decoder("\x01\x01"sv);
  (void)decoder.integer();
  EXPECT_EQ(decoder.finish().error().kind, base::ErrorKind::kProtocol);
}

}  // namespace
}  // namespace robosync::wire
