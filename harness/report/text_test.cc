#include "harness/report/text.h"

#include <gtest/gtest.h>

namespace robosync::parity {
namespace {

TEST(Utf8, TellsWellFormedFromNot) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"));
  EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));
  for (const char* bad : {"\xFF", "\x80", "\xC3", "\xE2\x82", "\xC0\xAF", "\xE0\x80\x80",
                          "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(is_utf8(bad)) << printable(bad);
  }
}

TEST(Base64, WritesTheKnownForms) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("\xFF\xFE\xFD"), "//79");
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
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
}

TEST(Printable, ShowsWhatWouldActOrHide) {
  EXPECT_EQ(printable("a\tb"),
            "a\\x09"
            "b");
  EXPECT_EQ(printable("line\nline"), "line\nline");
  EXPECT_EQ(printable("\x1B[31m"), "\\x1B[31m");
  EXPECT_EQ(printable("\xFF"
                      "caf\xC3\xA9"),
            "\\xFF"
            "caf\xC3\xA9");
  EXPECT_EQ(printable("\xE2\x80\xAE"
                      "gpj.exe"),
            "\\xE2\\x80\\xAE"
            "gpj.exe");
  EXPECT_EQ(printable("\xC2\x9B"), "\\xC2\\x9B");
}

TEST(HtmlText, LeavesNoMarkup) {
  EXPECT_EQ(html_text(R"(<script>alert("x")</script> & 'y')"),
            "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;");
  EXPECT_EQ(html_text("\xFF<"), "\\xFF&lt;");
}

TEST(MarkdownText, StaysInItsCellAndMentionsNobody) {
  EXPECT_EQ(markdown_text("a|b\nc"), "a\\|b c");
  EXPECT_EQ(markdown_text("@all see #1 <img> `x`"), "&#64;all see &#35;1 &lt;img&gt; \\`x\\`");
  EXPECT_EQ(markdown_text("[x](javascript:y)"), "\\[x\\](javascript:y)");
}

}  // namespace
}  // namespace robosync::parity
