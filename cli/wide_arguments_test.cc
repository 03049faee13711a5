#include "cli/wide_arguments.h"

#include <gtest/gtest.h>

#include "cli/output_names.h"
#include "engine/base/encoding.h"

namespace robosync::cli {
namespace {

TEST(WideArguments, WellFormedTextIsUtf8) {
  EXPECT_EQ(wtf8_of(u""), "");
  EXPECT_EQ(wtf8_of(u"a\\b:c"), "a\\b:c");
  EXPECT_EQ(wtf8_of(u"\u007f\u0080\u07ff\u0800\uffff"),
            "\x7f\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF");
  EXPECT_EQ(wtf8_of(u"\U00010000\U0010FFFF"), "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
  EXPECT_TRUE(base::is_utf8(wtf8_of(u"Grüße 😀")));
}

TEST(WideArguments, LoneSurrogatesSurvive) {
  const char16_t high = 0xD83D;
  const char16_t low = 0xDE00;
  EXPECT_EQ(wtf8_of(std::u16string{high}), "\xED\xA0\xBD");
  EXPECT_EQ(wtf8_of(std::u16string{low}), "\xED\xB8\x80");
  EXPECT_EQ(wtf8_of(std::u16string{low, high}), "\xED\xB8\x80\xED\xA0\xBD");
  EXPECT_EQ(wtf8_of(std::u16string{high, high, low}), "\xED\xA0\xBD\xF0\x9F\x98\x80");
  EXPECT_EQ(wtf8_of(std::u16string{high, u'a'}),
            "\xED\xA0\xBD"
            "a");
  EXPECT_FALSE(base::is_utf8(wtf8_of(std::u16string{high}))) << "shown as base64 in JSON";
}

}  // namespace
}  // namespace robosync::cli
