#include "engine/plan/policy.h"

#include <algorithm>

namespace robosync::plan {

bool Policy::sets_group(const tree::Metadata& source) const {
  if (!keep_group) return false;
  return any_group ||
         std::find(own_groups.begin(), own_groups.end(), source.gid) != own_groups.end();
}

namespace {

// What a file system without modes makes of one, as it is read back from it.
std::uint32_t without_modes(std::uint32_t mode, bool is_directory) {
  if (is_directory) return 0755;
  return (mode & 0200) != 0 ? 0644 : 0444;
}

}  // namespace

std::uint32_t Policy::wanted_mode(const tree::Metadata& source,
                                  const tree::Metadata* existing) const {
  const std::uint32_t changed = chmod.apply(source.mode, source.is_directory(), umask);
  if (!keep_permissions && existing != nullptr && existing->kind == source.kind) {
    // As rsync without --perms: an existing entry keeps its own, a new one takes the source's less
    // what the umask forbids, and no set-id bits.
    return existing->mode;
  }
  const std::uint32_t wanted = keep_permissions ? changed : changed & 0777 & ~umask;
  return keeps_modes ? wanted : without_modes(wanted, source.is_directory());
}

}  // namespace robosync::plan
