#include "engine/session/local_node.h"

#include <algorithm>

#include "engine/session/proof.h"
#include "engine/tree/windows_attributes.h"

namespace robosync::session {

using base::Result;

Result<std::shared_ptr<SourceNode>> LocalNode::open(
    RunContext& context, std::shared_ptr<scan::SourceDirectory> directory) {
  ROBOSYNC_ASSIGN(const std::optional<tree::Identity> identity, directory->identity());
  return std::make_shared<LocalNode>(context, std::move(directory), identity);
}

Result<std::shared_ptr<SourceNode>> LocalNode::child(const tree::Entry& entry) {
  ROBOSYNC_ASSIGN(std::shared_ptr<scan::SourceDirectory> directory,
                  directory_->open_directory(entry, context_.options.scan));
  return open(context_, std::move(directory));
}

void LocalNode::digest(const tree::Entry& entry, Then<base::Digest> then) {
  const auto digest = [&]() -> Result<base::Digest> {
    ROBOSYNC_ASSIGN(const fs::FilePtr file, directory_->open_file(entry));
    apply::Counters counters;
    auto value = transfer::digest_of(*file, entry.metadata.size, context_.options.settings.digest,
                                     context_.cancellation, counters.read_bytes);
    context_.ledger.add(counters);
    return value;
  };
  then(digest());
}

Result<void> LocalNode::reset_archive(const tree::Entry& entry) {
  fs::Directory& directory = directory_->directory_of(entry);
  const std::string_view name = directory_->name_of(entry);
  ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> all, apply::entry_attributes(directory, name));
  const auto stored = std::ranges::find(all, tree::kStoredAttributesName, &fs::Xattr::name);
  if (stored == all.end()) return {};
  ROBOSYNC_ASSIGN(const tree::WindowsAttributes now, tree::parse_stored_attributes(stored->value));
  if ((now & tree::kAttributeArchive) == 0) return {};
  return directory.set_entry_xattr(
      name, {stored->name, tree::stored_attributes(now & ~tree::kAttributeArchive)});
}

void LocalNode::remove(const tree::Entry& entry, const fs::Directory& landed_in,
                       const tree::Entry& landed, Then<void> then) {
  then(remove_proven(entry, landed_in, landed));
}

Result<void> LocalNode::remove_proven(const tree::Entry& entry, const fs::Directory& landed_in,
                                      const tree::Entry& landed) {
  if (landed.metadata.identity == entry.metadata.identity && entry.metadata.link_count < 2) {
    return kept_at_source("it is the very same file at the target");
  }
  if (entry.metadata.is_regular()) {
    ROBOSYNC_ASSIGN(const fs::FilePtr from, directory_->open_file(entry));
    ROBOSYNC_ASSIGN(const fs::FilePtr to, landed_in.open_file(landed.name));
    const apply::Settings& settings = context_.options.settings;
    if (settings.keep_native_attributes) {
      ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> ours, apply::attributes_of(*from));
      ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> theirs, apply::attributes_of(*to));
      ROBOSYNC_TRY(check_streams_landed(theirs, ours, settings));
    }
    apply::Counters counters;
    ROBOSYNC_ASSIGN(const bool same,
                    transfer::same_content(*from, *to, landed.metadata.size, context_.cancellation,
                                           counters.read_bytes));
    context_.ledger.add(counters);
    ROBOSYNC_ASSIGN(const tree::Metadata read, from->stat());
    if (!same || read.size != landed.metadata.size) return content_differs();
  }
  return remove_if_unchanged(*directory_, entry);
}

}  // namespace robosync::session
