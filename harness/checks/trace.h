// What the systems name differently: when an entry was last written, replaced or touched. Pure.
#pragma once

#include <string>

struct stat;

namespace robosync::parity {

// Changes whenever the entry does.
[[nodiscard]] std::string trace_of(const struct stat& metadata);

}  // namespace robosync::parity
