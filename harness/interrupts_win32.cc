#include <windows.h>

#include <atomic>

#include "harness/interrupts.h"

namespace robosync::parity {
namespace {

std::atomic<base::Cancellation*> cancellation_of_process{nullptr};

BOOL WINAPI on_console_event(DWORD /*event*/) {
  cancellation_of_process.load()->request();
  return TRUE;
}

}  // namespace

void install_interrupts(base::Cancellation& cancellation) {
  cancellation_of_process.store(&cancellation);
  SetConsoleCtrlHandler(on_console_event, TRUE);
}

}  // namespace robosync::parity
