// Entries of the manifest, compactly: shared name prefixes, differences of times. Private to wire/.
//
// Decoding refuses names that are not single components or not in strictly ascending order (so that
// none comes twice), kinds that do not exist and numbers out of range.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/tree/entry.h"
#include "engine/wire/archive.h"

namespace robosync::wire {

// Of one DirectoryPart.
inline constexpr std::size_t kManifestPartEntriesMax = 64 * 1024;

void entry_list(Encoder& a, const std::vector<tree::Entry>& entries);
void entry_list(Decoder& a, std::vector<tree::Entry>& entries);

}  // namespace robosync::wire
