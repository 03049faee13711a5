#include "cli/help.h"

#include <gtest/gtest.h>

#include <string>

#include "cli/option_spec.h"

namespace robosync::cli {
namespace {

TEST(Help, NamesTheOptionsOfTheVerbAndNoOther) {
  for (const Verb verb : kVerbs) {
    const std::string text = help_text(verb);
    for (const OptionSpec& spec : option_table()) {
      for (const std::string& name : spec.all_names()) {
        SCOPED_TRACE(std::string(to_string(verb)) + " " + name);
        const bool listed = text.find(" " + name + " ") != std::string::npos ||
                            text.find(" " + name + ", ") != std::string::npos ||
                            text.find(" " + name + "\n") != std::string::npos;
        EXPECT_EQ(listed, spec.verbs.contains(verb));
      }
    }
  }
}

TEST(Help, FitsEightyColumns) {
  for (const std::string& text : {overview_text(), help_text(Verb::kCopy), help_text(Verb::kMirror),
                                  help_text(Verb::kMove), help_text(Verb::kVerify)}) {
    std::size_t start = 0;
    while (start < text.size()) {
      const std::size_t end = text.find('\n', start);
      const std::string line = text.substr(start, end - start);
      EXPECT_LE(line.size(), 80U) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
      start = end + 1;
    }
  }
}

TEST(Help, LooksLikeThis) {
  const std::string text = help_text(Verb::kMirror);
  EXPECT_TRUE(
      text.starts_with("Usage: robosync mirror [options] SOURCE TARGET\n"
                       "\n"
                       "Copy, then delete what the source does not have.\n"
                       "\n"
                       "The run:\n"
                       "  -n, --dry-run               change nothing, list what would be done\n"))
      << text;
  EXPECT_NE(
      text.find("\n  -@, --modify-window SECONDS\n"
                "                              times that differ by no more count as equal (0)\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("\n      --size-only             a file has changed when its size differs\n"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace robosync::cli
