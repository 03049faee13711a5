// Reading and writing whole text files. Any thread.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace robosync::parity {

[[nodiscard]] base::Result<std::string> read_text_file(const std::string& path);

// Writes beside it first, so that at its name there is all of it or what was there before.
[[nodiscard]] base::Result<void> write_text_file(const std::string& path, const std::string& text);

}  // namespace robosync::parity
