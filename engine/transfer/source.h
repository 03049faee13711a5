// Source: where the content of one directory's files comes from.
//
// Local runs answer it from open handles (session/), a session over the wire from the peer.
#pragma once

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/tree/entry.h"

namespace robosync::transfer {

class Source {
 public:
  virtual ~Source() = default;
  // Opens the regular file `entry` of this directory.
  [[nodiscard]] virtual base::Result<fs::FilePtr> open(const tree::Entry& entry) = 0;
  // The entry as it is now, after it was found to have changed.
  [[nodiscard]] virtual base::Result<tree::Entry> stat_again(const tree::Entry& entry) = 0;
  // Extended attributes of an entry that cannot be opened.
  [[nodiscard]] virtual base::Result<std::vector<fs::Xattr>> xattrs(const tree::Entry& entry) = 0;
};

}  // namespace robosync::transfer
