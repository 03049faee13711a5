// A Request and its OutputSettings as lines of text, for tests: what differs between two command
// lines is then a difference of lines.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace robosync::cli {

// One "field=value" line per field, every field.
[[nodiscard]] std::vector<std::string> request_lines(const Invocation& invocation);

// The lines of `changed` that `plain` does not have.
[[nodiscard]] std::vector<std::string> changed_lines(const Invocation& plain,
                                                     const Invocation& changed);

// A context without environment in which every file holds "content of <path>".
[[nodiscard]] CommandLineContext bare_context();

}  // namespace robosync::cli
