#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace robosync::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 4096;

}  // namespace

TerminalFacts prepare_terminal() {
  const bool errors = ::isatty(STDERR_FILENO) == 1;
  return {.input = ::isatty(STDIN_FILENO) == 1,
          .output = ::isatty(STDOUT_FILENO) == 1,
          .errors = errors,
          .escapes = errors};
}

unsigned terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kColumnsDefault;
  return size.ws_col;
}

std::optional<std::string> read_line_from_user() {
  std::string line;
  while (line.size() < kAnswerBytesMax) {
    char c = 0;
    // A signal interrupts the read, and the interrupted question counts as not answered.
    if (::read(STDIN_FILENO, &c, 1) != 1) return std::nullopt;
    if (c == '\n') return line;
    line += c;
  }
  return std::nullopt;
}

}  // namespace robosync::cli
