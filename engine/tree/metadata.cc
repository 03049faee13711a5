#include "engine/tree/metadata.h"

#include <algorithm>

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

namespace {

// REQUIRES: a <= b
bool within(Time a, Time b, std::int64_t window_ns) {
  constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
  // Seconds first: the difference in nanoseconds of two far-apart times would overflow.
  std::int64_t seconds = 0;
  if (__builtin_sub_overflow(b.seconds, a.seconds, &seconds)) return false;
  if (seconds > window_ns / kNanosPerSecond + 1) return false;
  const std::int64_t nanos =
      seconds * kNanosPerSecond + std::int64_t{b.nanoseconds} - std::int64_t{a.nanoseconds};
  return nanos <= window_ns;
}

}  // namespace

bool same_time(Time a, Time b, TimeTolerance tolerance) {
  constexpr std::int64_t kHour = 3600;
  if (a == b) return true;
  if (b < a) std::swap(a, b);
  const std::int64_t window_ns = std::max<std::int64_t>(tolerance.window_ns, 0);
  if (within(a, b, window_ns)) return true;
  Time later = a;
  if (!tolerance.one_hour || __builtin_add_overflow(a.seconds, kHour, &later.seconds)) return false;
  return within(std::min(later, b), std::max(later, b), window_ns);
}

}  // namespace robosync::tree
