// Exit codes: the one place that decides what a run's end is to a script (docs/exit-codes.md).
//
// Pure; any thread.
#pragma once

#include <array>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/result.h"
#include "engine/sync.h"

namespace robosync::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitDifferent = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitRefused = 4;
inline constexpr int kExitSocket = 10;
inline constexpr int kExitFileIo = 11;
inline constexpr int kExitProtocol = 12;
inline constexpr int kExitInterrupted = 20;
inline constexpr int kExitPartial = 23;
inline constexpr int kExitVanished = 24;
inline constexpr int kExitGuarded = 25;
inline constexpr int kExitTimeout = 30;
inline constexpr int kExitConnectTimeout = 35;

struct ExitCode {
  int code;
  std::string_view meaning;
};

// Every code this program ends with, ascending.
[[nodiscard]] const std::array<ExitCode, 13>& exit_codes();

// The code of a fault that kept a run from beginning or ended it.
[[nodiscard]] int exit_code(const base::Error& error);

// The code of a run, whether it began or not.
[[nodiscard]] int exit_code(const base::Result<Report>& result);

}  // namespace robosync::cli
