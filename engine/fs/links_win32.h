// Symbolic links and junctions: reparse points that stand for another name.
//
// Private to fs/*_win32.cc. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/fs/nt_win32.h"

namespace robosync::fs {

struct Link {
  std::string target;  // with '/' between names ("../a/b", "C:/data")
  tree::LinkKind kind = tree::LinkKind::kUnknown;
};

// Of an open link or junction, whose attributes are `attributes`.
[[nodiscard]] base::Result<Link> read_link(nt::NativeHandle link, std::uint32_t attributes);

// Makes it, and reads again what was made. Of a kind that is not known, what the target is now
// decides. kPermission where the user may make no links.
[[nodiscard]] base::Result<void> make_link(nt::NativeHandle directory, std::string_view name,
                                           const std::string& target, tree::LinkKind kind);

}  // namespace robosync::fs
