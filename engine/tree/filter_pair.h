// both_filters(): two filters as one that excludes what either excludes.
//
// For rules of somebody who must not be overruled beside rules of somebody who asks: in one list
// the first match would decide, and an include of the one could undo an exclude of the other.
// Immutable, as any FilterScope.
#pragma once

#include <memory>

#include "engine/tree/filter.h"

namespace robosync::tree {

// Either may be null, which excludes nothing; null when both are.
[[nodiscard]] std::shared_ptr<const FilterScope> both_filters(
    std::shared_ptr<const FilterScope> first, std::shared_ptr<const FilterScope> second);

}  // namespace robosync::tree
