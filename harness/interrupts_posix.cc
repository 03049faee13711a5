#include <array>
#include <atomic>
#include <csignal>

#include "harness/interrupts.h"

namespace robosync::parity {
namespace {

std::atomic<base::Cancellation*> cancellation_of_process{nullptr};
static_assert(std::atomic<base::Cancellation*>::is_always_lock_free);

extern "C" void on_interrupt(int /*number*/) { cancellation_of_process.load()->request(); }

}  // namespace

void install_interrupts(base::Cancellation& cancellation) {
  cancellation_of_process.store(&cancellation);
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : std::array{SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before{};
    if (::sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    ::sigaction(number, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace robosync::parity
