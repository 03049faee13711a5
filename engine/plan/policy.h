// Policy: what counts as different and what is to be kept, decided once per run.
//
// Plain values; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/tree/chmod.h"
#include "engine/tree/metadata.h"
#include "engine/tree/windows_volume.h"

namespace robosync::plan {

enum class Comparison : std::uint8_t {
  kQuick,     // size or modification time differs
  kSizeOnly,  // size differs
  kDigest,    // size or content differs
  kAlways,    // everything counts as different
};

struct Policy {
  Comparison comparison = Comparison::kQuick;
  std::int64_t modify_window_ns = 0;
  bool fat_times = false;        // the target keeps no times but those of tree::kept_by_fat()
  bool ignore_one_hour = false;  // a time exactly an hour off is no difference
  bool update_only_newer = false;
  bool leave_older = false;       // files that are older at the target stay as they are
  bool leave_changed = false;     // files of the same time and another size do
  bool leave_mismatched = false;  // what is of another kind than the source's does
  bool existing_only = false;
  bool ignore_existing = false;
  bool windows_names = false;        // the target holds no names but those of tree/windows_name.h
  bool replace_directories = false;  // a directory may give way to something else (mirror)

  bool keep_permissions = true;
  bool keeps_modes = true;  // else the target keeps of a mode only whether a file may be written
  // Else the source tells of a mode only whether a file's owner may write to it, and no owners.
  bool source_has_modes = true;
  bool keep_times = true;
  bool keep_directory_times = true;
  bool set_owner = false;  // the user wants it and the process may
  bool keep_group = true;
  bool any_group = false;                 // the process may give any group
  std::vector<std::uint32_t> own_groups;  // groups it may give otherwise
  bool make_devices = false;
  tree::ModeChange chmod;
  std::uint32_t umask = 022;

  [[nodiscard]] bool same_time(tree::Time a, tree::Time b) const {
    const auto kept = [this](tree::Time time) {
      return fat_times ? tree::kept_by_fat(time) : time;
    };
    return tree::same_time(kept(a), kept(b),
                           {.window_ns = modify_window_ns, .one_hour = ignore_one_hour});
  }

  // Whether the modification time of such an entry is to be set.
  [[nodiscard]] bool keeps_time(tree::Kind kind) const {
    return keep_times && (keep_directory_times || kind != tree::Kind::kDirectory);
  }

  // Whether the group of `source` is to be set.
  [[nodiscard]] bool sets_group(const tree::Metadata& source) const;

  // The permission bits that the target entry is to have; `existing` is null for a new entry.
  [[nodiscard]] std::uint32_t wanted_mode(const tree::Metadata& source,
                                          const tree::Metadata* existing) const;
};

}  // namespace robosync::plan
