#include "cli/interrupts.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <string_view>

namespace robosync::cli {
namespace {

// What a signal handler may touch.
std::atomic<base::Cancellation*> cancellation_of_process{nullptr};
std::atomic<bool> errors_on_terminal{false};
static_assert(std::atomic<base::Cancellation*>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free);

extern "C" void on_interrupt(int number) {
  base::Cancellation* cancellation = cancellation_of_process.load();
  if (!cancellation->requested()) {
    cancellation->request();
    return;
  }
  if (errors_on_terminal.load()) {
    constexpr std::string_view kEraseLine = "\r\x1b[K";
    // Nothing can be done about a terminal that went away.
    [[maybe_unused]] const ssize_t written =
        ::write(STDERR_FILENO, kEraseLine.data(), kEraseLine.size());
  }
  ::_exit(128 + number);
}

}  // namespace

void install_interrupts(base::Cancellation& cancellation) {
  cancellation_of_process.store(&cancellation);
  errors_on_terminal.store(::isatty(STDERR_FILENO) == 1);
  struct sigaction action{};
  action.sa_handler = on_interrupt;  // without SA_RESTART: a question to the user is interrupted
  sigemptyset(&action.sa_mask);
  for (const int number : std::array{SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before{};
    if (::sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    ::sigaction(number, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace robosync::cli
