// Names of dataset files and folders, by style. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/dataset/spec.h"

namespace robosync::parity {

inline constexpr std::size_t kNameBytesMax = 255;

// Different for every number. Unicode names are of several scripts, composed and decomposed, in and
// beyond the basic plane; odd bytes are whatever a POSIX system takes: no UTF-8, control
// characters, names that differ in case only, names of devices elsewhere, names as long as they may
// be.
[[nodiscard]] std::string file_name(NameStyle style, std::uint64_t number);
[[nodiscard]] std::string directory_name(NameStyle style, std::string_view stem,
                                         std::uint64_t number);

}  // namespace robosync::parity
