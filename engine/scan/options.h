// What a scan leaves out and how it treats links. Plain values.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/tree/windows_attributes.h"

namespace robosync::scan {

enum class LinkPolicy : std::uint8_t {
  kKeep,          // links are copied as links
  kFollow,        // every link is replaced by what it leads to
  kKeepSafe,      // links that lead out of the source are left out
  kFollowUnsafe,  // links that lead out are replaced by what they lead to, others kept
  kSkip,          // no link is copied
};

// Links that are not copied, by what they lead to. One that leads nowhere counts as one to a file.
enum class LinksLeftOut : std::uint8_t { kNone, kToFiles, kToDirectories };

// Of what Windows calls junctions. Where a volume is mounted is left out unless it is followed.
enum class JunctionPolicy : std::uint8_t { kKeep, kFollow, kSkip };

// What becomes of an entry that is left out although the user did not ask for that.
enum class PassedOver : std::uint8_t {
  kOmission,
  kProblem,  // for who compares: it cannot be said to be the same
};

struct Options {
  LinkPolicy links = LinkPolicy::kKeep;
  LinkPolicy links_asked = LinkPolicy::kKeep;  // what the user wants; `links` may be a server's
  PassedOver passed_over = PassedOver::kOmission;
  LinksLeftOut links_left_out = LinksLeftOut::kNone;
  JunctionPolicy junctions = JunctionPolicy::kKeep;
  bool one_file_system = false;
  bool link_counts = false;               // of files, also where a listing does not tell them
  std::optional<std::uint64_t> size_min;  // bytes; this and the rest for regular files only
  std::optional<std::uint64_t> size_max;
  std::optional<tree::Time> newest;             // files modified later are left out
  std::optional<tree::Time> oldest;             // files modified earlier are left out
  tree::WindowsAttributes attributes_any = 0;   // files without any of them are left out; 0: none
  tree::WindowsAttributes attributes_none = 0;  // files with one of them are left out
};

}  // namespace robosync::scan
