// The program robosync without its main: words in, exit code out.
//
// Everything it needs of the world is in Host, so that tests run it whole, with an engine of their
// own and without a terminal.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/output_stream.h"
#include "cli/terminal.h"
#include "engine/base/result.h"
#include "engine/sync.h"

namespace robosync::cli {

struct Host {
  std::function<base::Result<Report>(const Request&, Observer&, const Cancellation&)> sync;
  std::function<base::Result<std::vector<tree::Entry>>(const std::string& location,
                                                       const RemoteSettings&, const Cancellation&)>
      list;
  std::function<base::Result<void>(const Cancellation&)> serve;
  TextStream* out = nullptr;  // standard output
  TextStream* err = nullptr;  // standard error
  TerminalFacts terminal;
  std::function<unsigned()> columns;
  std::function<std::optional<std::string>()> read_answer;
  std::function<std::optional<std::string>(const std::string& name)> variable;
  std::function<base::Result<std::string>(const std::string& path, std::uint64_t bytes_max)>
      read_file;
  std::function<std::chrono::system_clock::time_point()> utc_now;
  const Cancellation* cancellation = nullptr;
};

// Runs `robosync words...` and returns its exit code (docs/exit-codes.md).
[[nodiscard]] int run_robosync(const std::vector<std::string>& words, const Host& host);

// What a whole host needs besides the engine: the process's own streams, terminal and environment.
[[nodiscard]] Host process_host(TextStream& out, TextStream& err, const Cancellation& cancellation);

}  // namespace robosync::cli
