#include "harness/report/text.h"

#include <gtest/gtest.h>

namespace robosync::parity {
namespace {

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
