#include "cli/display_choice.h"

#include <gtest/gtest.h>

namespace robosync::cli {
namespace {

constexpr TerminalFacts kTerminal{.input = true, .output = true, .errors = true, .escapes = true};
constexpr TerminalFacts kPipe{.input = true, .output = false, .errors = true, .escapes = true};
constexpr TerminalFacts kScript{};

ProgressDisplay choice(const TerminalFacts& terminal, Wish wish, const char* term = "xterm",
                       bool quiet = false) {
  return choose_progress({.quiet = quiet, .progress = wish}, terminal, {.term = term});
}

TEST(ProgressChoice, ABarOnATerminal) {
  EXPECT_EQ(choice(kTerminal, Wish::kAutomatic), ProgressDisplay::kBar);
  EXPECT_EQ(choice(kTerminal, Wish::kYes), ProgressDisplay::kBar);
  EXPECT_EQ(choice(kTerminal, Wish::kNo), ProgressDisplay::kNone);
}

TEST(ProgressChoice, ABarBesideAPipeOnlyWhenAskedFor) {
  EXPECT_EQ(choice(kPipe, Wish::kAutomatic), ProgressDisplay::kNone);
  EXPECT_EQ(choice(kPipe, Wish::kYes), ProgressDisplay::kBar);
}

TEST(ProgressChoice, LinesElsewhereOnlyWhenAskedFor) {
  EXPECT_EQ(choice(kScript, Wish::kAutomatic), ProgressDisplay::kNone);
  EXPECT_EQ(choice(kScript, Wish::kYes), ProgressDisplay::kLines);
  EXPECT_EQ(choice(kTerminal, Wish::kAutomatic, "dumb"), ProgressDisplay::kNone);
  EXPECT_EQ(choice(kTerminal, Wish::kYes, "dumb"), ProgressDisplay::kLines);
  const TerminalFacts old_console{.input = true, .output = true, .errors = true, .escapes = false};
  EXPECT_EQ(choice(old_console, Wish::kYes), ProgressDisplay::kLines);
}

TEST(ProgressChoice, NoneForQuietAndJson) {
  EXPECT_EQ(choice(kTerminal, Wish::kAutomatic, "xterm", true), ProgressDisplay::kNone);
  EXPECT_EQ(choose_progress({.json = true, .progress = Wish::kYes}, kTerminal, {.term = "xterm"}),
            ProgressDisplay::kNone);
}

TEST(ColourChoice, OnCapableTerminalsThatMayHaveIt) {
  EXPECT_EQ(choose_colour(kTerminal, {.term = "xterm"}), Colour::kYes);
  EXPECT_EQ(choose_colour(kTerminal, {.term = "xterm", .no_colour = ""}), Colour::kYes);
  EXPECT_EQ(choose_colour(kTerminal, {.term = "xterm", .no_colour = "1"}), Colour::kNo);
  EXPECT_EQ(choose_colour(kTerminal, {.term = "dumb"}), Colour::kNo);
  EXPECT_EQ(choose_colour(kScript, {.term = "xterm"}), Colour::kNo);
}

}  // namespace
}  // namespace robosync::cli
