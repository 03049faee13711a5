#include "engine/tree/entry.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace robosync::tree {
namespace {

// std::string compares by unsigned char, which is the manifest's byte order.
bool by_name(const Entry& a, const Entry& b) { return a.name < b.name; }

// Stands for an entry while sorting: entries are large and are moved once only.
struct Key {
  std::uint64_t head =
      0;  // the eight bytes behind what all names begin with, the first one highest
  Entry* entry = nullptr;
};

std::uint64_t head_of(std::string_view name, std::size_t from) {
  std::uint64_t head = 0;
  for (std::size_t i = from; i < from + sizeof(head); ++i) {
    head = head << 8 | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0U);
  }
  return head;
}

std::size_t common_prefix(const std::vector<Key>& keys) {
  std::string_view common = keys.front().entry->name;
  for (const Key& key : keys) {
    const auto differ = std::ranges::mismatch(common, key.entry->name).in1;
    common = common.substr(0, static_cast<std::size_t>(differ - common.begin()));
  }
  return common.size();
}

}  // namespace

std::vector<Entry> merge_sorted(std::vector<std::vector<Entry>> lists) {
  std::vector<Key> keys;
  std::size_t count = 0;
  for (const std::vector<Entry>& list : lists) count += list.size();
  keys.reserve(count);
  for (std::vector<Entry>& list : lists) {
    for (Entry& entry : list) keys.push_back({0, &entry});
  }
  std::vector<Entry> merged;
  if (keys.empty()) return merged;
  const std::size_t prefix = common_prefix(keys);
  for (Key& key : keys) key.head = head_of(key.entry->name, prefix);
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    return a.head != b.head ? a.head < b.head : by_name(*a.entry, *b.entry);
  });
  merged.reserve(count);
  for (const Key& key : keys) merged.push_back(std::move(*key.entry));
  return merged;
}

void sort_entries(std::vector<Entry>& entries) {
  if (std::is_sorted(entries.begin(), entries.end(), by_name)) return;
  std::vector<std::vector<Entry>> lists(1);
  lists.front().swap(entries);
  entries = merge_sorted(std::move(lists));
}

const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), name,
                                   [](const Entry& e, std::string_view n) { return e.name < n; });
  return at != entries.end() && at->name == name ? &*at : nullptr;
}

}  // namespace robosync::tree
