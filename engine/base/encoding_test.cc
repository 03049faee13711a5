#include "engine/base/encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace robosync::base {
namespace {

using namespace std::string_literals;

TEST(Utf8, WellFormedOnly) {
  for (const auto& text : {""s, "a"s, "ä"s, "€"s, "😀"s, "\xF4\x8F\xBF\xBF"s, "\xED\x9F\xBF"s,
                           "\xEE\x80\x80"s, "\x7F"s, "\0"s}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const auto& text :
       {"\x80"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s, "\xF0\x8F\xBF\xBF"s,
        "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s, "\xC3"s, "\xE2\x82"s, "\xF0\x9F\x98"s,
        "a\xC3"s, "\xC3(x"s, "\xE2\x28\xA1"s}) {
    EXPECT_FALSE(is_utf8(text)) << base64(text);
  }
}

TEST(Utf8, DecodesTheCharacterInFront) {
  const auto expect = [](const std::string& text, char32_t point, std::size_t bytes) {
    const auto character = decode_utf8(text + "tail");
    ASSERT_TRUE(character) << base64(text);
    EXPECT_EQ(character->point, point);
    EXPECT_EQ(character->bytes, bytes);
  };
  expect("a", U'a', 1);
  expect("\xC2\x80", 0x80, 2);
  expect("\xDF\xBF", 0x7FF, 2);
  expect("\xE0\xA0\x80", 0x800, 3);
  expect("\xEF\xBF\xBF", 0xFFFF, 3);
  expect("\xF0\x90\x80\x80", 0x10000, 4);
  expect("\xF4\x8F\xBF\xBF", 0x10FFFF, 4);
  EXPECT_FALSE(decode_utf8(""));
}

TEST(Base64, WritesTheKnownForms) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
  EXPECT_EQ(base64("\0"s), "AA==");
}

TEST(Base64, ReadsBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(from_base64(base64(bytes)), bytes);
  }
}

TEST(Base64, RefusesWhatItDoesNotWrite) {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9v ", "Z!9v", "=", "Zm=v"}) {
    const auto bytes = from_base64(bad);
    ASSERT_FALSE(bytes) << bad;
    EXPECT_EQ(bytes.error().kind, ErrorKind::kInvalid) << bad;
  }
}

}  // namespace
}  // namespace robosync::base
