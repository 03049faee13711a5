// A pseudo-terminal stands in for the user's.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "cli/terminal.h"

namespace robosync::cli {
namespace {

// Runs `body` in a child whose three streams are a terminal of `columns`; returns its exit code.
int on_terminal(unsigned short columns, const std::string& typed,
                const std::function<int()>& body) {
  winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  int master = -1;
  const pid_t child = ::forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) ::_exit(body());
  EXPECT_GT(child, 0);
  EXPECT_EQ(::write(master, typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  ::close(master);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Terminal, KnowsItsWidth) {
  EXPECT_EQ(on_terminal(123, "", [] { return terminal_columns() == 123 ? 0 : 1; }), 0);
  EXPECT_EQ(on_terminal(0, "", [] { return terminal_columns() == kColumnsDefault ? 0 : 1; }), 0)
      << "a terminal that does not say";
}

TEST(Terminal, KnowsWhatIsOne) {
  EXPECT_EQ(on_terminal(80, "",
                        [] {
                          const TerminalFacts facts = prepare_terminal();
                          return facts.input && facts.output && facts.errors && facts.escapes ? 0
                                                                                              : 1;
                        }),
            0);
  EXPECT_EQ(on_terminal(80, "",
                        [] {
                          const int null = ::open("/dev/null", O_RDWR);
                          for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
                          const TerminalFacts facts = prepare_terminal();
                          const bool none =
                              !facts.input && !facts.output && !facts.errors && !facts.escapes;
                          return none && terminal_columns() == kColumnsDefault ? 0 : 1;
                        }),
            0);
}

TEST(Terminal, ReadsOneLine) {
  EXPECT_EQ(on_terminal(80, "yes\nmore\n", [] { return read_line_from_user() == "yes" ? 0 : 1; }),
            0);
  EXPECT_EQ(on_terminal(80, "\x04", [] { return read_line_from_user() ? 1 : 0; }), 0)
      << "Ctrl-D is no answer";
}

}  // namespace
}  // namespace robosync::cli
