// The words of an rsync command, the same for every way to reach the other side.
#pragma once

#include <string>
#include <vector>

#include "harness/run/tool.h"

namespace robosync::parity {

inline constexpr const char* kRsyncFairness =
    "the archive mode that its users mean by a copy: links, modes, owners and times are kept, the "
    "quick check decides; rsync has no threads to set";

// Flags only, without program and paths.
[[nodiscard]] std::vector<std::string> rsync_flags(const Job& job);

// The source as rsync takes it: with a slash at the end where its contents are meant.
[[nodiscard]] std::string rsync_source(const Job& job, const std::string& path);

}  // namespace robosync::parity
