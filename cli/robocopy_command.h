// From the words of `robosync robocopy` to a Request and what is to be shown.
//
// Switches begin with a slash or a dash, whatever their case; a value follows a colon. A word that
// begins with a slash is a switch when its name is one's. Otherwise it is a path when it holds
// another separator or exists, and refused as an unknown switch when not. After "--" all words are
// names. See docs/robocopy.md.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/robocopy_switches.h"
#include "engine/base/result.h"
#include "engine/sync.h"

namespace robosync::cli {

// What the command line may ask of the world around it.
struct RobocopyContext {
  MetadataFamily family = MetadataFamily::kPosix;
  std::function<bool(const std::string& path)> exists;
  std::chrono::system_clock::time_point now;
};

struct RobocopyInvocation {
  bool help = false;  // asked for; nothing else is set
  Request request;
  RobocopyOutput output;
  RobocopySelection selection;
  std::vector<tree::FilterArgument> extras_filters;  // with /X: the rules about directories alone
  std::vector<std::string> warnings;                 // before the run
  std::string options;                               // the switches in force, for the job header
};

// Parses the words that follow `robocopy`. Fails with kUsage: which switch, and why.
[[nodiscard]] base::Result<RobocopyInvocation> parse_robocopy(const std::vector<std::string>& words,
                                                              const RobocopyContext& context);

[[nodiscard]] std::string robocopy_help_text();

// The family of the system that this program was built for.
[[nodiscard]] MetadataFamily metadata_family();

// Whether a program of this name ("/usr/bin/robocopy", "C:\\bin\\RoboCopy.EXE") is robocopy.
[[nodiscard]] bool is_robocopy_name(std::string_view program);

}  // namespace robosync::cli
