// The parts of check_table(), by subject.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/checks/checks.h"

namespace robosync::parity {

[[nodiscard]] std::vector<Check> attribute_checks();
[[nodiscard]] std::vector<Check> link_checks();
[[nodiscard]] std::vector<Check> mirror_checks();
[[nodiscard]] std::vector<Check> name_checks();
[[nodiscard]] std::vector<Check> content_checks();

// "0751".
[[nodiscard]] std::string octal(std::uint32_t mode);

}  // namespace robosync::parity
