#include "engine/session/proof.h"

#include <utility>

namespace robosync::session {

using base::ErrorKind;
using base::Result;

std::unexpected<base::Error> kept_at_source(std::string why, ErrorKind kind) {
  return base::fail(base::make_error(kind, "kept at the source: " + std::move(why)));
}

std::unexpected<base::Error> content_differs() {
  return kept_at_source(
      "the target's content differs, though size and time are equal; see --checksum");
}

Result<void> check_landed(const tree::Entry& entry, const tree::Entry& landed) {
  if (landed.metadata.kind != entry.metadata.kind) {
    return kept_at_source("it is something else at the target");
  }
  if (!entry.metadata.is_regular() &&
      (landed.link_target != entry.link_target ||
       landed.metadata.device_number != entry.metadata.device_number)) {
    return kept_at_source("it differs at the target");
  }
  return {};
}

Result<void> check_streams_landed(const std::vector<fs::Xattr>& landed,
                                  const std::vector<fs::Xattr>& source,
                                  const apply::Settings& settings) {
  if (!apply::lacks_streams(landed, source, settings)) return {};
  return kept_at_source("it has alternate data streams that the target cannot keep");
}

Result<void> remove_if_unchanged(const scan::SourceDirectory& directory, const tree::Entry& entry) {
  ROBOSYNC_ASSIGN(const tree::Entry now, directory.stat_again(entry));
  const tree::Metadata& a = now.metadata;
  const tree::Metadata& b = entry.metadata;
  // The change time tells more, but moves too when another name of the file was removed before.
  const bool ctime_tells = a.link_count == b.link_count && b.link_count == 1;
  if (a.identity != b.identity || a.size != b.size || a.mtime != b.mtime ||
      (ctime_tells && a.ctime != b.ctime)) {
    return kept_at_source("it changed since it was read", ErrorKind::kChanged);
  }
  return directory.directory_of(entry).remove_file(directory.name_of(entry));
}

}  // namespace robosync::session
