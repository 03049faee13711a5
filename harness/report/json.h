// A report as JSON text, in the format of reports/schema/parity-report.schema.json.
//
// Beside the samples each cell carries its figures (figures.h) so that a reader needs no
// calculator. Reading ignores them: they are derived again. A text that is not UTF-8 (a path, a
// command, a tool's message) stands base64-encoded in a field of its own, "<name>_base64" instead
// of "<name>". Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "harness/report/gate.h"
#include "harness/report/model.h"

namespace robosync::parity {

// A longer text is not read.
inline constexpr std::size_t kReportTextBytesMax = std::size_t{32} << 20U;

// Indented, ending in a newline. A verdict, where there is one, is written for readers too, and is
// judged anew by whoever reads the report.
[[nodiscard]] std::string report_to_json(const Report& report, const Verdict* verdict = nullptr);

// kInvalid for what is not JSON, for a schema version other than ours, and for a field that is
// missing, of the wrong type or not among the words of its enumeration, naming the place
// ("cells[3].samples[0].wall_s: a number is needed"); kLimit for a text beyond the limit. Fields
// that are not known are passed over.
[[nodiscard]] base::Result<Report> report_from_json(std::string_view text);

}  // namespace robosync::parity
