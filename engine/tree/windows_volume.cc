#include "engine/tree/windows_volume.h"

#include <algorithm>
#include <limits>

namespace robosync::tree {

std::uint64_t windows_file_bytes_max(std::u16string_view file_system) {
  return file_system.starts_with(u"FAT") ? kFatFileBytesMax
                                         : std::numeric_limits<std::uint64_t>::max();
}

Time kept_by_fat(Time time) {
  constexpr Time kFirst{.seconds = 315'619'200};   // 1980-01-02, UTC
  constexpr Time kLast{.seconds = 4'354'732'800};  // 2107-12-30
  return std::clamp(time, kFirst, kLast);
}

}  // namespace robosync::tree
