// A report as a short Markdown text, for a comment on a change or a job's summary. Every text of
// the report is escaped, so that it can neither break a table nor mention anybody. Pure; any
// thread.
#pragma once

#include <string>

#include "harness/report/gate.h"
#include "harness/report/model.h"

namespace robosync::parity {

// `verdict` may be null.
[[nodiscard]] std::string render_markdown(const Report& report, const Verdict* verdict);

}  // namespace robosync::parity
