#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

constexpr double kProbeTimeoutS = 30;

}  // namespace

std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

void probe_version(Tool& tool, Executor& executor, const std::string& program,
                   const std::string& version_word) {
  tool.path = find_program(program);
  if (tool.path.empty()) {
    tool.reason = program + " is not installed: it is not in PATH";
    return;
  }
  Command command{.words = {tool.path, version_word}};
  command.timeout_s = kProbeTimeoutS;
  const base::Result<Finished> finished = executor.run(command);
  if (!finished) {
    tool.reason = finished.error().message();
    return;
  }
  if (finished->exit_code != 0 || finished->timed_out) {
    tool.reason = to_text(command) + " ends with exit code " + std::to_string(finished->exit_code) +
                  ": " + first_line(finished->err);
    return;
  }
  tool.version = first_line(finished->out);
  tool.available = true;
}

}  // namespace robosync::parity
