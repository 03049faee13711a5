#include "harness/run/free_port.h"

#include <chrono>
#include <thread>
#include <utility>

#include "engine/base/random.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPollInterval = std::chrono::milliseconds(20);

}  // namespace

base::Result<StartedOnPort> start_on_free_port(
    const std::string& what,
    const std::function<base::Result<std::unique_ptr<Background>>(int port)>& start,
    const std::function<bool(int port)>& answers) {
  std::string said;
  for (int attempt = 0; attempt < kPortAttemptsMax; ++attempt) {
    const int port = kPortFirst + static_cast<int>(base::random64() % kPortCount);
    ROBOSYNC_ASSIGN(std::unique_ptr<Background> process, start(port));
    const Clock::time_point patience =
        Clock::now() +
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(kServerStartS));
    while (process->running() && Clock::now() < patience) {
      std::this_thread::sleep_for(kPollInterval);
      // It answers and still runs: it is ours that answers, not who had the port before.
      if (answers(port) && process->running()) {
        return StartedOnPort{.port = port, .process = std::move(process)};
      }
    }
    said = first_line(process->output());
  }
  return base::fail(base::make_error(base::ErrorKind::kIo, what + " does not serve: " + said));
}

}  // namespace robosync::parity
