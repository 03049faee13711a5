#include <windows.h>

#include <cstdlib>

#include "cli/terminal.h"

namespace robosync::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 4096;
UINT previous_code_page = 0;

bool is_console(DWORD which) {
  DWORD mode = 0;
  return GetConsoleMode(GetStdHandle(which), &mode) != 0;
}

bool enable_escapes() {
  const HANDLE console = GetStdHandle(STD_ERROR_HANDLE);
  DWORD mode = 0;
  if (GetConsoleMode(console, &mode) == 0) return false;
  return SetConsoleMode(console,
                        mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

}  // namespace

TerminalFacts prepare_terminal() {
  // The console outlives the program.
  if (previous_code_page == 0) {
    previous_code_page = GetConsoleOutputCP();
    std::atexit([] { SetConsoleOutputCP(previous_code_page); });
  }
  SetConsoleOutputCP(CP_UTF8);
  const bool errors = is_console(STD_ERROR_HANDLE);
  return {.input = is_console(STD_INPUT_HANDLE),
          .output = is_console(STD_OUTPUT_HANDLE),
          .errors = errors,
          .escapes = errors && enable_escapes()};
}

unsigned terminal_columns() {
  CONSOLE_SCREEN_BUFFER_INFO info{};
  if (GetConsoleScreenBufferInfo(GetStdHandle(STD_ERROR_HANDLE), &info) == 0) {
    return kColumnsDefault;
  }
  const int columns = info.srWindow.Right - info.srWindow.Left + 1;
  return columns > 0 ? static_cast<unsigned>(columns) : kColumnsDefault;
}

std::optional<std::string> read_line_from_user() {
  std::string line;
  while (line.size() < kAnswerBytesMax) {
    char c = 0;
    DWORD count = 0;
    if (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &c, 1, &count, nullptr) == 0 || count != 1) {
      return std::nullopt;
    }
    if (c == '\n') return line;
    if (c != '\r') line += c;
  }
  return std::nullopt;
}

}  // namespace robosync::cli
