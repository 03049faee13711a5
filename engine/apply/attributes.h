// Extended attributes and access control lists: which are kept, what differs, copying them.
//
// Any thread; works on open handles or, for what cannot be opened, on a name.
#pragma once

#include <vector>

#include "engine/apply/settings.h"
#include "engine/base/result.h"
#include "engine/fs/fs.h"

namespace robosync::apply {

// What has to be done to make the kept attributes of a target equal to the source's.
struct AttributeChange {
  std::vector<fs::Xattr> set;
  std::vector<std::string> remove;
  bool acl = false;    // an access control list is among them
  bool xattr = false;  // another attribute is among them

  [[nodiscard]] bool empty() const { return set.empty() && remove.empty(); }
};

// Compares two lists, ordered by name, by what `settings` wants kept.
[[nodiscard]] AttributeChange compare_attributes(const std::vector<fs::Xattr>& source,
                                                 const std::vector<fs::Xattr>& target,
                                                 const Settings& settings);

// What a file with the attributes `source` is to have at the target, where it has `target` so far:
// those with what `settings` sets and clears of Windows' own. kInvalid where they hold nonsense.
[[nodiscard]] base::Result<std::vector<fs::Xattr>> wanted_attributes(
    std::vector<fs::Xattr> source, const std::vector<fs::Xattr>& target, const Settings& settings);

// Compares two open files by what is wanted.
[[nodiscard]] base::Result<AttributeChange> compare_attributes(const fs::File& source,
                                                               const fs::File& target,
                                                               const Settings& settings);

[[nodiscard]] base::Result<void> set_attributes(fs::Node& target, const AttributeChange& change);

// The attributes of an open object; none where the file system has none.
[[nodiscard]] base::Result<std::vector<fs::Xattr>> attributes_of(const fs::Node& node);

// The same for an entry that cannot be opened (a link, a node).
[[nodiscard]] base::Result<std::vector<fs::Xattr>> entry_attributes(const fs::Directory& directory,
                                                                    std::string_view name);
[[nodiscard]] base::Result<void> set_entry_attributes(fs::Directory& target, std::string_view name,
                                                      const AttributeChange& change);

}  // namespace robosync::apply
