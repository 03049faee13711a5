#include <gtest/gtest.h>

#include <string>

#include "engine/wire/compression.h"
#include "engine/wire/frame.h"

namespace robosync::wire {
namespace {

std::string text(std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += "line " + std::to_string(out.size() % 977) + "\n";
  out.resize(bytes);
  return out;
}

TEST(Compression, TextComesBack) {
  for (const std::size_t bytes : {kCompressedBytesMin, std::size_t{70'000}, kFrameBytesMax}) {
    const std::string payload = text(bytes);
    const auto small = compressed(payload);
    ASSERT_TRUE(small) << bytes;
    EXPECT_LT(small->size(), payload.size() * 9 / 10 + 1);
    const auto back = decompressed(*small, kFrameBytesMax);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, payload);
  }
}

TEST(Compression, WhatGainsNothingStaysAsItIs) {
  EXPECT_FALSE(compressed(text(kCompressedBytesMin - 1)));
  std::string noise(4096, '\0');
  std::uint64_t state = 1;
  for (char& c : noise) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    c = static_cast<char>(state >> 56U);
  }
  EXPECT_FALSE(compressed(noise));
}

TEST(Compression, NothingIsUnpackedThatIsTooLarge) {
  const auto small = compressed(text(10'000));
  ASSERT_TRUE(small);
  EXPECT_TRUE(decompressed(*small, 10'000));
  EXPECT_FALSE(decompressed(*small, 9'999));
}

TEST(Compression, DamageIsFound) {
  const auto small = compressed(text(10'000));
  ASSERT_TRUE(small);
  for (std::size_t size = 0; size < small->size(); ++size) {
    EXPECT_FALSE(decompressed(small->substr(0, size), kFrameBytesMax)) << size;
  }
  EXPECT_FALSE(decompressed("no zstd frame at all", kFrameBytesMax));
}

}  // namespace
}  // namespace robosync::wire
