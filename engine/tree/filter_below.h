// filter_below(): a filter of a tree, as seen from a directory in it.
//
// For rules that are about a whole tree where only a part of it is transferred, and that say what
// there is rather than what one side does: what they exclude for one side is excluded for all.
// Immutable, as any FilterScope.
#pragma once

#include <memory>

#include "engine/tree/filter.h"
#include "engine/tree/rel_path.h"

namespace robosync::tree {

// What `filter` says of `directory`/PATH for every PATH that is asked about: excluded, whatever
// side is asked for, where it is for the source or the target. REQUIRES: the filter has no
// per-directory merge files.
[[nodiscard]] std::shared_ptr<const FilterScope> filter_below(
    std::shared_ptr<const FilterScope> filter, const RelPath& directory);

// Whether `filter` excludes `path`, or a directory on the way to it, whatever it is.
[[nodiscard]] bool is_excluded_on_the_way(const FilterScope& filter, const RelPath& path);

}  // namespace robosync::tree
