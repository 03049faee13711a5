// A file that text is written to (--log-file, /LOG), as a TextStream.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/output_stream.h"
#include "engine/base/result.h"

namespace robosync::cli {

enum class Opening : std::uint8_t { kAppend, kReplace };

// Opens or creates `path`. Fails as the system says.
[[nodiscard]] base::Result<std::unique_ptr<TextStream>> open_output(const std::string& path,
                                                                    Opening opening);

}  // namespace robosync::cli
