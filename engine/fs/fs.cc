#include "engine/fs/fs.h"

namespace robosync::fs {

base::Result<DirectoryPtr> open_beneath(const DirectoryPtr& root, const tree::RelPath& path) {
  DirectoryPtr at = root;
  for (const std::string_view name : path.components()) {
    ROBOSYNC_ASSIGN(at, at->open_directory(name));
  }
  return at;
}

}  // namespace robosync::fs
