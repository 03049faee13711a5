#include "harness/dataset/spec.h"

#include <algorithm>

namespace robosync::parity {

std::string_view to_string(Profile profile) {
  switch (profile) {
    case Profile::kPosix:
      return "posix";
    case Profile::kMacos:
      return "macos";
    case Profile::kWindows:
      break;
  }
  return "windows";
}

std::uint64_t Amount::of(std::uint64_t files) const {
  std::uint64_t wanted = count;
  if (per_million > 0)
    wanted = std::max<std::uint64_t>(
        1, files / 1'000'000 * per_million + files % 1'000'000 * per_million / 1'000'000);
  return std::min(wanted, files);
}

}  // namespace robosync::parity
