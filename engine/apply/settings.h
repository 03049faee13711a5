// What the target side of a run was asked to do. Plain values, fixed for the run.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/digest.h"
#include "engine/plan/policy.h"
#include "engine/transfer/options.h"

namespace robosync::apply {

// How many extraneous entries may be deleted: a count, a share of the target's entries, or no cap.
// Where the cap would be passed, nothing is deleted at all.
struct DeleteLimit {
  std::optional<std::uint64_t> count;
  std::optional<double> percent;  // 0..100
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
  bool keep_hard_links = false;
  bool keep_xattrs = false;
  bool all_xattrs = false;  // other name spaces than "user." too: the process may
  bool keep_acls = false;
  bool in_place = false;
  KeepPartial keep_partial = KeepPartial::kNo;
  bool fsync = false;
  bool verify_after = false;
  bool delete_excluded = false;
  DeleteLimit delete_limit;
  bool backup = false;
  std::string backup_dir;
  std::string backup_suffix;
  unsigned retries = 0;
  std::chrono::milliseconds retry_wait{0};

  [[nodiscard]] bool keeps_attributes() const { return keep_xattrs || keep_acls; }
};

}  // namespace robosync::apply
