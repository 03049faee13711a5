#include "engine/plan/policy.h"

#include <algorithm>

namespace robosync::plan {

bool Policy::sets_group(const tree::Metadata& source) const {
  if (!keep_group) return false;
  return any_group ||
         std::find(own_groups.begin(), own_groups.end(), source.gid) != own_groups.end();
}

namespace {

constexpr std::uint32_t kOwnerWrites = 0200;

// What a source without modes makes of one. What is there is only made read-only, or writable.
std::uint32_t from_no_modes(const tree::Metadata& source, const tree::Metadata* existing,
                            std::uint32_t umask) {
  if (existing == nullptr) return source.mode & ~umask;
  if (!source.is_regular()) return existing->mode;
  return (existing->mode & ~kOwnerWrites) | (source.mode & kOwnerWrites);
}

// What a file system without modes makes of one, as it is read back from it.
std::uint32_t without_modes(std::uint32_t mode, bool is_directory) {
  if (is_directory) return 0755;
  return (mode & kOwnerWrites) != 0 ? 0644 : 0444;
}

}  // namespace

std::uint32_t Policy::wanted_mode(const tree::Metadata& source,
                                  const tree::Metadata* existing) const {
  if (existing != nullptr && existing->kind != source.kind) existing = nullptr;
  // As rsync without --perms: an existing entry keeps its own, a new one takes the source's less
  // what the umask forbids, and no set-id bits.
  if (!keep_permissions && existing != nullptr) return existing->mode;
  const std::uint32_t told =
      source_has_modes ? source.mode : from_no_modes(source, existing, umask);
  const std::uint32_t changed = chmod.apply(told, source.is_directory(), umask);
  const std::uint32_t wanted = keep_permissions ? changed : changed & 0777 & ~umask;
  return keeps_modes ? wanted : without_modes(wanted, source.is_directory());
}

}  // namespace robosync::plan
