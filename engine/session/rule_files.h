// Filters of a run over a connection: files that rules name are the client's, read once by it.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/session/request_codec.h"
#include "engine/tree/filter.h"

namespace robosync::session {

// Compiles a request's filters; files that its rules name are read from `file_system` (the user's).
// `read` may be null; else what was read is added to it.
[[nodiscard]] base::Result<std::shared_ptr<const tree::FilterScope>> compile_filters(
    const Request& request, const fs::FileSystem& file_system, RuleFiles* read);
// The same on the other side: only `files` can be named.
[[nodiscard]] base::Result<std::shared_ptr<const tree::FilterScope>> compile_filters(
    const Request& request, const RuleFiles& files);

}  // namespace robosync::session
