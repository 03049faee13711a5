// ModuleFiles: a module's folder as the file system of a session. Paths of a peer begin there and
// cannot leave it.
//
// A path is a list of names below the folder; a leading slash means the folder itself, ".." is
// refused, and no link is followed on the way. What a peer may do as an owner is the module's to
// say, not the process's. Any thread, as fs::FileSystem.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/fs/fs.h"

namespace robosync::daemon {

class ModuleFiles final : public fs::FileSystem {
 public:
  enum class LastLink : std::uint8_t {
    kKeep,    // the peer reads: a path may name a link, and means the link
    kRefuse,  // the peer writes: it might mean what the link leads to
  };

  ModuleFiles(fs::DirectoryPtr folder, const fs::FileSystem& below, bool keeps_owners,
              LastLink last_link);

  [[nodiscard]] base::Result<fs::Located> locate(const std::string& path) const override;
  [[nodiscard]] base::Result<fs::DirectoryPtr> open_root(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<tree::Identity>> ancestry(
      const fs::DirectoryPtr& directory) const override;
  [[nodiscard]] const fs::Privileges& privileges() const override { return privileges_; }
  [[nodiscard]] std::size_t open_handles_max() const override { return below_.open_handles_max(); }

 private:
  fs::DirectoryPtr folder_;
  const fs::FileSystem& below_;
  fs::Privileges privileges_;
  LastLink last_link_;
};

}  // namespace robosync::daemon
