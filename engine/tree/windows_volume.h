// What volumes of Windows, and the shares that pass for some, cannot tell or keep.
//
// Pure; any thread.
#pragma once

#include <cstdint>

#include <string_view>

#include "engine/tree/metadata.h"

namespace robosync::tree {

// The number of a file, as an Identity has it: 0 where there is none, which a system says as 0 or,
// where the number is too long, as -1.
[[nodiscard]] inline std::uint64_t windows_inode(std::int64_t file_id) {
  return file_id == -1 ? 0 : static_cast<std::uint64_t>(file_id);
}

// Those of FAT, which has no larger ones, by the name that its volumes say they have: "FAT32".
inline constexpr std::uint64_t kFatFileBytesMax = 0xFFFF'FFFF;
[[nodiscard]] std::uint64_t windows_file_bytes_max(std::u16string_view file_system);

// Times from here on are kept in steps as coarse as only FAT and exFAT have.
inline constexpr std::int64_t kExfatGranularityNs = 10'000'000;
// The nearest time that those can keep wherever on earth it is: from 1980 to 2107, in local time.
[[nodiscard]] Time kept_by_fat(Time time);

}  // namespace robosync::tree
