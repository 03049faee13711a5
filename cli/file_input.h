// Reads the files that options name (--exclude-from, --files-from, merge files), whole.
#pragma once

#include <cstdint>
#include <istream>
#include <string>

#include "engine/base/result.h"

namespace robosync::cli {

// The content of `path`, "-" being standard input. Fails with kLimit when there is more than
// bytes_max, kIsDirectory for a directory, and as the system says otherwise.
[[nodiscard]] base::Result<std::string> read_input(const std::string& path,
                                                   std::uint64_t bytes_max);

// The same from a stream; `name` is for the message.
[[nodiscard]] base::Result<std::string> read_stream(std::istream& stream, const std::string& name,
                                                    std::uint64_t bytes_max);

}  // namespace robosync::cli
