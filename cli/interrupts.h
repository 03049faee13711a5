// Ctrl-C and its relatives: the first asks the run to stop, the second ends the program.
//
// Implemented per platform (interrupts_posix.cc, interrupts_win32.cc).
#pragma once

#include "engine/base/cancellation.h"

namespace robosync::cli {

// Installs the handlers, once per process. A signal that was ignored when the program started
// (nohup, a background job) stays ignored. The second one ends the program at once with
// 128 + its number (130 for Ctrl-C), the terminal's line cleared. A reader of our output that goes
// away becomes an error of the write instead of the program's end, and so does a file that grows
// past the limit for its size. REQUIRES: the cancellation outlives the process's last signal.
void install_interrupts(base::Cancellation& cancellation);

}  // namespace robosync::cli
