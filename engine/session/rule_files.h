// Filters of a run over a connection: files that rules name are the client's, read once by it.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/session/request_codec.h"
#include "engine/tree/filter.h"

namespace robosync::session {

// Whether names tell case on a system of these privileges.
[[nodiscard]] tree::NameCase name_case_of(const fs::Privileges& privileges);

// Compiles a request's filters; files that its rules name are read from `file_system` (the user's),
// which also decides whether they tell case.
// `read` may be null; else what was read is added to it.
[[nodiscard]] base::Result<std::shared_ptr<const tree::FilterScope>> compile_filters(
    const Request& request, const fs::FileSystem& file_system, RuleFiles* read);
// The same with files that were read before: no others can be named.
[[nodiscard]] base::Result<std::shared_ptr<const tree::FilterScope>> compile_filters(
    const Request& request, const RuleFiles& files, tree::NameCase name_case);

}  // namespace robosync::session
