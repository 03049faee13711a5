// From the words of a command line to a Request and OutputSettings.
//
// Precedence: option, then environment (ROBOSYNC_THREADS, ROBOSYNC_BWLIMIT,
// ROBOSYNC_TOKEN_FILE), then default. Options
// are applied in the order typed, so that filter rules keep theirs across --exclude, --include,
// --filter and the file forms. See docs/cli.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/option_spec.h"
#include "engine/base/result.h"

namespace robosync::cli {

inline constexpr std::uint64_t kFileListBytesMax = 1ULL << 30;

// What the command line may ask of the world around it.
struct CommandLineContext {
  // The content of a file, "-" being standard input. Fails with kLimit for more than bytes_max.
  std::function<base::Result<std::string>(const std::string& path, std::uint64_t bytes_max)>
      read_file;
  // A variable of the environment.
  std::function<std::optional<std::string>(const std::string& name)> variable;
};

struct Invocation {
  bool help = false;  // asked for; nothing else is set
  Request request;
  OutputSettings output;
};

// Parses the words that follow the verb. Fails with kUsage (which option, and why), kInvalid (a
// line of --files-from) or the fault of reading a file that an option names.
[[nodiscard]] base::Result<Invocation> parse_command_line(Verb verb,
                                                          const std::vector<std::string>& words,
                                                          const CommandLineContext& context);

}  // namespace robosync::cli
