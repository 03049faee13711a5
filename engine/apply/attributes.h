// Extended attributes and access control lists: which are kept, what differs, copying them.
//
// Set between the owner, whose change takes a file's capabilities away, and the mode, which may
// keep its owner from setting any. Any thread; works on open handles or, for what cannot be opened,
// on a name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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

// Whether entries of a kind can have any that `settings` wants kept.
[[nodiscard]] bool may_have_attributes(tree::Kind kind, const Settings& settings);

// Compares two lists, ordered by name, by what `settings` wants kept.
[[nodiscard]] AttributeChange compare_attributes(const std::vector<fs::Xattr>& source,
                                                 const std::vector<fs::Xattr>& target,
                                                 const Settings& settings);

// Whether `target` lacks an alternate data stream of `source` that `settings` wants kept.
[[nodiscard]] bool lacks_streams(const std::vector<fs::Xattr>& target,
                                 const std::vector<fs::Xattr>& source, const Settings& settings);

// Of a source that is Windows', its alternate data streams and for the rest what `target` has.
[[nodiscard]] std::vector<fs::Xattr> with_own_letters(std::vector<fs::Xattr> source,
                                                      const std::vector<fs::Xattr>& target);

// `attributes`, with the access control list as it is once its entry has been given `mode`.
[[nodiscard]] std::vector<fs::Xattr> with_mode(std::vector<fs::Xattr> attributes,
                                               std::uint32_t mode);

// What a file with the attributes `source` is to have at the target, where it has `target` so far
// and gets `mode`: those with what `settings` sets and clears of Windows' own. kInvalid where they
// hold nonsense.
[[nodiscard]] base::Result<std::vector<fs::Xattr>> wanted_attributes(
    std::vector<fs::Xattr> source, const std::vector<fs::Xattr>& target, std::uint32_t mode,
    const Settings& settings);

// Compares two open files by what is wanted.
[[nodiscard]] base::Result<AttributeChange> compare_attributes(const fs::File& source,
                                                               const fs::File& target,
                                                               std::uint32_t mode,
                                                               const Settings& settings);

// For a target that gets another owner, which takes its capabilities away: those of `source` are
// set, equal or not.
void set_capabilities_again(AttributeChange& change, const std::vector<fs::Xattr>& source,
                            const Settings& settings);

// Sets the owner, if `change` says so, and takes it out of `change`. Comes before the attributes.
[[nodiscard]] base::Result<void> set_owner(fs::Node& target, fs::MetadataChange& change);
[[nodiscard]] base::Result<void> set_entry_owner(fs::Directory& target, std::string_view name,
                                                 fs::MetadataChange& change);

// Where an access control list is among them, the mode has to be set afterwards.
// Alternate data streams that the target's file system cannot have are left out.
enum class Streams : std::uint8_t { kKept, kLeftOut };
[[nodiscard]] base::Result<Streams> set_attributes(fs::Node& target, const AttributeChange& change);
// What a run says of that, once.
inline constexpr std::string_view kStreamsLeftOut =
    "the target cannot keep alternate data streams: they are left out";

// The attributes of an open object; none where the file system has none.
[[nodiscard]] base::Result<std::vector<fs::Xattr>> attributes_of(const fs::Node& node);

// The same for an entry that cannot be opened (a link, a node).
[[nodiscard]] base::Result<std::vector<fs::Xattr>> entry_attributes(const fs::Directory& directory,
                                                                    std::string_view name);
[[nodiscard]] base::Result<void> set_entry_attributes(fs::Directory& target, std::string_view name,
                                                      const AttributeChange& change);

}  // namespace robosync::apply
