// The files of datasets/ as parts of the program; defined by a source that cmake/embed.cmake
// writes.
#pragma once

#include <span>
#include <string_view>

namespace robosync::parity {

struct EmbeddedFile {
  std::string_view name;  // "tiny.json"
  std::string_view text;
};

// Sorted by name. Static data; any thread.
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

}  // namespace robosync::parity
