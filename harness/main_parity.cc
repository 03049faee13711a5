#include "harness/main_parity.h"

#include <cstdio>
#include <exception>

#include "harness/interrupts.h"
#include "harness/program.h"
#include "harness/run/process.h"

namespace robosync::parity {

int main_parity(const std::string& self, const std::vector<std::string>& words) {
  // Static: a signal may arrive when this function has returned.
  static base::Cancellation cancellation;
  try {
    // First of all, while this process is small (run/spawner_posix.h says why).
    const std::unique_ptr<Executor> executor = make_process_executor(&cancellation);
    const std::unique_ptr<Executor> cleanup_executor = make_process_executor(nullptr);
    install_interrupts(cancellation);
    Program program{.self = self,
                    .executor = *executor,
                    .cleanup_executor = *cleanup_executor,
                    .cancellation = cancellation,
                    .out = [](const std::string& text) { std::fputs(text.c_str(), stdout); },
                    .err = [](const std::string& text) { std::fputs(text.c_str(), stderr); }};
    const int code = run_parity(words, program);
    if (std::fflush(stdout) == 0) return code;
    std::fputs("robosync-parity: standard output cannot be written\n", stderr);
    return kExitFault;
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "robosync-parity: internal: %s\n", exception.what());
    return kExitFault;
  }
}

}  // namespace robosync::parity
