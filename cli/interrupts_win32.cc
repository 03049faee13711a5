#include <windows.h>

#include <atomic>

#include "cli/interrupts.h"

namespace robosync::cli {
namespace {

std::atomic<base::Cancellation*> cancellation_of_process{nullptr};

// The exit code that a POSIX shell shows for Ctrl-C.
constexpr UINT kExitInterruptedTwice = 130;
// How long the system waits for us after a closed window before it ends the process itself.
constexpr DWORD kCloseGraceMs = 4000;

BOOL WINAPI on_console_event(DWORD event) {
  base::Cancellation* cancellation = cancellation_of_process.load();
  if (cancellation->requested()) ExitProcess(kExitInterruptedTwice);
  cancellation->request();
  // When this returns after a close, log-off or shutdown the process ends; give the run its time.
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) Sleep(kCloseGraceMs);
  return TRUE;
}

}  // namespace

void install_interrupts(base::Cancellation& cancellation) {
  cancellation_of_process.store(&cancellation);
  SetConsoleCtrlHandler(on_console_event, TRUE);
}

}  // namespace robosync::cli
