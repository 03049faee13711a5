// What has to be proven before a move removes an entry of the source. Private to session/.
#pragma once

#include <expected>
#include <string>

#include "engine/apply/attributes.h"
#include "engine/base/result.h"
#include "engine/scan/scan.h"

namespace robosync::session {

// The entry stays at the source, and why.
[[nodiscard]] std::unexpected<base::Error> kept_at_source(
    std::string why, base::ErrorKind kind = base::ErrorKind::kRefused);
[[nodiscard]] std::unexpected<base::Error> content_differs();

// Whether `landed` can be what `entry` became: kind, link target, device number. Says nothing of
// the content of regular files.
[[nodiscard]] base::Result<void> check_landed(const tree::Entry& entry, const tree::Entry& landed);

// Whether what landed, with the attributes `landed`, has the alternate data streams of `source`
// that `settings` wants kept.
[[nodiscard]] base::Result<void> check_streams_landed(const std::vector<fs::Xattr>& landed,
                                                      const std::vector<fs::Xattr>& source,
                                                      const apply::Settings& settings);

// Removes `entry`, no directory, from the source if it is still what it was when it was listed.
[[nodiscard]] base::Result<void> remove_if_unchanged(const scan::SourceDirectory& directory,
                                                     const tree::Entry& entry);

}  // namespace robosync::session
