// What the target side of a run was asked to do. Plain values, fixed for the run.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/digest.h"
#include "engine/plan/policy.h"
#include "engine/transfer/options.h"
#include "engine/tree/filter.h"
#include "engine/tree/windows_attributes.h"

namespace robosync::apply {

// How many extraneous entries may be deleted: a count, a share of the target's entries, or no cap.
// Where the cap would be passed, nothing is deleted at all.
struct DeleteLimit {
  std::optional<std::uint64_t> count;
  std::optional<double> percent;  // 0..100
};

// What becomes of symbolic links where the target can have none.
enum class LinksFallback : std::uint8_t {
  kSkip,  // they are left out
  kCopy,  // what they lead to is copied instead
};

// What becomes of names that the target's file system cannot hold.
enum class IllegalNames : std::uint8_t {
  kSkip,  // their entries are left out
  kMap,   // they get a name that it can hold, from which theirs can be told
};

// Which large files are kept when they are interrupted, for a later run to go on from.
enum class KeepPartial : std::uint8_t {
  kNo,
  kWhenLost,  // those whose source's connection was lost
  kYes,
};
// Keeping less is not worth it.
inline constexpr std::uint64_t kPartialBytesMin = std::uint64_t{1024} * 1024;

struct Settings {
  plan::Policy policy;
  transfer::Options transfer;
  base::DigestKind digest = base::DigestKind::kXxh3_128;
  bool empty_files = false;  // new files are made without their content
  bool keep_hard_links = false;
  bool keep_xattrs = false;
  bool all_xattrs = false;  // other name spaces than "user." too: the process may
  bool keep_acls = false;
  // What only the target's system knows ("windows.*"): set on what is written, not looked for in
  // what is there unless other attributes are.
  // The policy says which of them.
  bool keep_native_attributes = false;
  bool keep_streams = true;
  tree::WindowsAttributes attributes_set = 0;  // of files, where those are kept
  tree::WindowsAttributes attributes_cleared = 0;
  IllegalNames illegal_names = IllegalNames::kSkip;
  bool source_is_windows = false;
  std::uint64_t file_bytes_max = std::numeric_limits<std::uint64_t>::max();  // of the target's
  bool in_place = false;
  KeepPartial keep_partial = KeepPartial::kNo;
  bool fsync = false;
  bool verify_after = false;
  bool delete_excluded = false;
  DeleteLimit delete_limit;
  bool backup = false;
  std::string backup_dir;
  std::string backup_suffix;
  // Entries of the target, relative to its root, that are not this run's: never looked at, written
  // or deleted. Null: none. REQUIRES: no per-directory merge files.
  std::shared_ptr<const tree::FilterScope> hidden;
  unsigned retries = 0;
  std::chrono::milliseconds retry_wait{0};
  bool retry_wait_doubles = true;

  [[nodiscard]] bool keeps_attributes() const { return keep_xattrs || keep_acls; }
  [[nodiscard]] bool sets_attributes() const {
    return keeps_attributes() || keep_native_attributes;
  }
};

}  // namespace robosync::apply
