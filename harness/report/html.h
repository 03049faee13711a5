// A report as one HTML page that needs nothing else: no script, no font, no image from outside.
// Light and dark, readable on a phone, and every text of the report escaped. Pure; any thread.
#pragma once

#include <string>

#include "harness/report/gate.h"
#include "harness/report/model.h"

namespace robosync::parity {

// `verdict` may be null: then the page shows figures and checks without judging them.
[[nodiscard]] std::string render_html(const Report& report, const Verdict* verdict);

}  // namespace robosync::parity
