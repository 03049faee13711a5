// The terminal: which streams are one, how wide it is, what the user types.
//
// Implemented per platform (terminal_posix.cc, terminal_win32.cc).
#pragma once

#include <optional>
#include <string>

namespace robosync::cli {

inline constexpr unsigned kColumnsDefault = 80;

struct TerminalFacts {
  bool input = false;   // standard input is a terminal
  bool output = false;  // standard output is one
  bool errors = false;  // standard error is one
  // Standard error obeys escape sequences, as far as the system can tell.
  bool escapes = false;
};

// Asked once, at the start. On Windows it also switches the console to UTF-8 and to escape
// sequences; the console is as before when the program ends.
[[nodiscard]] TerminalFacts prepare_terminal();

// Columns of the terminal that standard error is, kColumnsDefault when it does not say. Any thread.
[[nodiscard]] unsigned terminal_columns();

// One line from standard input without its end; nothing at the end of input, after a fault, or when
// a signal came first. Blocks.
[[nodiscard]] std::optional<std::string> read_line_from_user();

}  // namespace robosync::cli
