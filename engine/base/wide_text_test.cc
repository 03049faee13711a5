#include "engine/base/wide_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "engine/base/encoding.h"

namespace robosync::base {
namespace {

TEST(WideText, WellFormedTextIsUtf8) {
  EXPECT_EQ(wtf8_of(u""), "");
  EXPECT_EQ(wtf8_of(u"a\\b:c"), "a\\b:c");
  EXPECT_EQ(wtf8_of(u"\u007f\u0080\u07ff\u0800\uffff"),
            "\x7f\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF");
  EXPECT_EQ(wtf8_of(u"\U00010000\U0010FFFF"), "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
  EXPECT_TRUE(is_utf8(wtf8_of(u"Grüße 😀")));
}

TEST(WideText, LoneSurrogatesSurvive) {
  const char16_t high = 0xD83D;
  const char16_t low = 0xDE00;
  EXPECT_EQ(wtf8_of(std::u16string{high}), "\xED\xA0\xBD");
  EXPECT_EQ(wtf8_of(std::u16string{low}), "\xED\xB8\x80");
  EXPECT_EQ(wtf8_of(std::u16string{low, high}), "\xED\xB8\x80\xED\xA0\xBD");
  EXPECT_EQ(wtf8_of(std::u16string{high, high, low}), "\xED\xA0\xBD\xF0\x9F\x98\x80");
  EXPECT_EQ(wtf8_of(std::u16string{high, u'a'}),
            "\xED\xA0\xBD"
            "a");
  EXPECT_FALSE(is_utf8(wtf8_of(std::u16string{high}))) << "shown as base64 in JSON";
}

TEST(WideText, EveryUnitAndPairComesBackAsItWas) {
  for (std::uint32_t unit = 1; unit < 0x10000; ++unit) {
    const std::u16string text{static_cast<char16_t>(unit)};
    const Utf16Text back = utf16_of(wtf8_of(text));
    ASSERT_EQ(back.text, text) << unit;
    ASSERT_EQ(back.valid_bytes, wtf8_of(text).size());
  }
  const char16_t high = 0xD83D;
  const char16_t low = 0xDE00;
  for (const auto& text :
       {std::u16string{high, low}, std::u16string{low, high}, std::u16string{high, high, low},
        std::u16string{low, low}, std::u16string{u'a', high, u'b', low}}) {
    EXPECT_EQ(utf16_of(wtf8_of(text)).text, text);
  }
}

TEST(WideText, WhatIsNotWtf8EndsWhereItBegins) {
  EXPECT_EQ(utf16_of("ab\xFF").valid_bytes, 2U);
  EXPECT_EQ(utf16_of("\xE9t\xE9").valid_bytes, 0U);
  EXPECT_EQ(utf16_of("\xC0\x80").valid_bytes, 0U) << "over-long";
  EXPECT_EQ(utf16_of("a\xE2\x82").valid_bytes, 1U) << "cut";
  EXPECT_EQ(utf16_of("\xED\xA0").valid_bytes, 0U) << "a surrogate, cut";
  EXPECT_EQ(utf16_of("\xED\xA0\xBD\xED\xB8\x80").valid_bytes, 3U) << "a pair in six bytes";
}

}  // namespace
}  // namespace robosync::base
