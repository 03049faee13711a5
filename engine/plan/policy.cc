#include "engine/plan/policy.h"

#include <algorithm>

namespace robosync::plan {

bool Policy::sets_group(const tree::Metadata& source) const {
  if (!keep_group) return false;
  return any_group ||
         std::find(own_groups.begin(), own_groups.end(), source.gid) != own_groups.end();
}

std::uint32_t Policy::wanted_mode(const tree::Metadata& source,
                                  const tree::Metadata* existing) const {
  const std::uint32_t changed = chmod.apply(source.mode, source.is_directory(), umask);
  if (keep_permissions) return changed;
  // As rsync without --perms: an existing entry keeps its own, a new one takes the source's less
  // what the umask forbids, and no set-id bits.
  if (existing != nullptr && existing->kind == source.kind) return existing->mode;
  return changed & 0777 & ~umask;
}

}  // namespace robosync::plan
