// Starting a server on a port that is free: ports are drawn at random and drawn again when the
// server ends at once, since between looking for a free port and using it somebody else may.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "harness/run/process.h"

namespace robosync::parity {

inline constexpr int kPortAttemptsMax = 5;
inline constexpr double kServerStartS = 10;
// Below the range that systems give to outgoing connections.
inline constexpr int kPortFirst = 20000;
inline constexpr int kPortCount = 10000;

struct StartedOnPort {
  int port = 0;
  std::unique_ptr<Background> process;
};

// `start` starts the server on a port, `answers` tells whether it serves. Fails with the server's
// output when none of the attempts does within kServerStartS.
[[nodiscard]] base::Result<StartedOnPort> start_on_free_port(
    const std::string& what,
    const std::function<base::Result<std::unique_ptr<Background>>(int port)>& start,
    const std::function<bool(int port)>& answers);

}  // namespace robosync::parity
