// Own files: what the program itself writes while it runs, such as its log. A run leaves them
// alone.
//
// Any thread.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/session/roots.h"

namespace robosync::session {

// What the files are on disk; those that cannot be found are left out.
[[nodiscard]] std::vector<tree::Identity> own_identities(const fs::FileSystem& file_system,
                                                         const std::vector<std::string>& paths);

// kRefused when one of them lies in a source, or is one: for a move, which would remove it.
[[nodiscard]] base::Result<void> check_no_own_file_moves(const fs::FileSystem& file_system,
                                                         const std::vector<std::string>& paths,
                                                         const SourceRoots& roots);

}  // namespace robosync::session
