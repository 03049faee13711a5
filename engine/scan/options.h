// What a scan leaves out and how it treats links. Plain values.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/tree/metadata.h"

namespace robosync::scan {

enum class LinkPolicy : std::uint8_t {
  kKeep,          // links are copied as links
  kFollow,        // every link is replaced by what it leads to
  kKeepSafe,      // links that lead out of the source are left out
  kFollowUnsafe,  // links that lead out are replaced by what they lead to, others kept
  kSkip,          // no link is copied
};

struct Options {
  LinkPolicy links = LinkPolicy::kKeep;
  bool one_file_system = false;
  std::optional<std::uint64_t> size_min;  // bytes; this and the rest for regular files only
  std::optional<std::uint64_t> size_max;
  std::optional<tree::Time> newest;  // files modified later are left out
  std::optional<tree::Time> oldest;  // files modified earlier are left out
};

}  // namespace robosync::scan
