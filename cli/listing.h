// `robosync ls`: entries as lines.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "engine/tree/entry.h"

namespace robosync::cli {

enum class ListingForm : std::uint8_t { kNames, kLong, kJson };

[[nodiscard]] std::string listing_text(const std::vector<tree::Entry>& entries, ListingForm form);

}  // namespace robosync::cli
