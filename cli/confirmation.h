// When to ask before deleting, and in which words.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "engine/sync.h"

namespace robosync::cli {

// Fewer than this are never asked about.
inline constexpr std::uint64_t kConfirmEntriesMin = 10;

// Whether these deletions look like a mistake: at least kConfirmEntriesMin, and more than half of
// what the target holds (a typo in SOURCE, a disk that is not mounted).
[[nodiscard]] bool looks_like_a_mistake(const Observer::PlannedDeletions& planned);

// The question, ending in "[y/N] ".
[[nodiscard]] std::string confirmation_question(const Observer::PlannedDeletions& planned,
                                                const std::string& target);

// Only "y" and "yes", in any case, with blanks around, mean yes.
[[nodiscard]] bool is_yes(const std::string& answer);

}  // namespace robosync::cli
