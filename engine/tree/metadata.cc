#include "engine/tree/metadata.h"

#include <utility>

namespace robosync::tree {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kUnknown:
      return "unknown";
    case Kind::kRegular:
      return "file";
    case Kind::kDirectory:
      return "directory";
    case Kind::kSymlink:
      return "symlink";
    case Kind::kFifo:
      return "fifo";
    case Kind::kSocket:
      return "socket";
    case Kind::kCharDevice:
      return "char_device";
    case Kind::kBlockDevice:
      return "block_device";
  }
  return "unknown";
}

bool same_time(Time a, Time b, std::int64_t window_ns) {
  if (a == b) return true;
  if (window_ns <= 0) return false;
  if (b < a) std::swap(a, b);
  constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
  // Seconds first: the difference in nanoseconds of two far-apart times would overflow.
  std::int64_t seconds = 0;
  if (__builtin_sub_overflow(b.seconds, a.seconds, &seconds)) return false;
  if (seconds > window_ns / kNanosPerSecond + 1) return false;
  const std::int64_t nanos =
      seconds * kNanosPerSecond + std::int64_t{b.nanoseconds} - std::int64_t{a.nanoseconds};
  return nanos <= window_ns;
}

}  // namespace robosync::tree
