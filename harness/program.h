// robosync-parity's command line: words in, exit code out. One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/cancellation.h"
#include "harness/run/process.h"

namespace robosync::parity {

// Beside those of the gate (report/gate.h), which takes 1, 2 and 4.
inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitFault = 74;         // what was asked could not be done
inline constexpr int kExitInterrupted = 130;  // what was measured is in the report, if anything was

// What the commands work with.
struct Program {
  std::string self;  // as it was called: robosync is looked for beside it
  Executor& executor;
  Executor& cleanup_executor;  // obeys no cancellation
  const base::Cancellation& cancellation;
  std::function<void(const std::string&)> out;
  std::function<void(const std::string&)> err;
};

// Does what the words say. Messages go to `err`, results to `out`.
[[nodiscard]] int run_parity(const std::vector<std::string>& words, Program& program);

}  // namespace robosync::parity
