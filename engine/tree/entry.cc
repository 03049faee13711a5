#include "engine/tree/entry.h"

#include <algorithm>

namespace robosync::tree {

void sort_entries(std::vector<Entry>& entries) {
  // std::string compares by unsigned char, which is the manifest's byte order.
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
}

const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), name,
                                   [](const Entry& e, std::string_view n) { return e.name < n; });
  return at != entries.end() && at->name == name ? &*at : nullptr;
}

}  // namespace robosync::tree
