// A file that text is appended to (--log-file), as a TextStream.
#pragma once

#include <memory>
#include <string>

#include "cli/output_stream.h"
#include "engine/base/result.h"

namespace robosync::cli {

// Opens or creates `path` for appending. Fails as the system says.
[[nodiscard]] base::Result<std::unique_ptr<TextStream>> open_append(const std::string& path);

}  // namespace robosync::cli
