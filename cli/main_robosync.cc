#include "cli/main_robosync.h"

#include <cstdio>
#include <exception>

#include "cli/exit_code.h"
#include "cli/interrupts.h"
#include "cli/output_stream.h"
#include "cli/program.h"
#include "cli/robocopy_command.h"
#include "cli/robocopy_run.h"
#include "cli/serve.h"
#include "engine/sync.h"

namespace robosync::cli {

int main_robosync(const std::string& program, const std::vector<std::string>& words) {
  // Static: a signal may arrive when this function has returned.
  static Cancellation cancellation;
  try {
    StdioStream out(stdout, "standard output", Buffering::kBlock, &cancellation);
    StdioStream err(stderr, "standard error", Buffering::kNone, &cancellation);
    Host host = process_host(out, err, cancellation);
    host.sync = sync;
    host.list = list;
    host.serve = serve_stdio;
    install_interrupts(cancellation);
    if (is_robocopy_name(program)) return run_robocopy(words, host);
    return run_robosync(words, host);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "robosync: internal: %s\n", exception.what());
    return kExitFileIo;
  }
}

}  // namespace robosync::cli
