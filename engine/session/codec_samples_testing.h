// Openings, requests and reports in which no field that travels has its initial value. For the
// tests of session/.
#pragma once

#include <vector>

#include "engine/apply/events.h"
#include "engine/session/opening.h"
#include "engine/session/report.h"
#include "engine/session/request_codec.h"

namespace robosync::session {

[[nodiscard]] Opening full_opening();
[[nodiscard]] SentRequest full_request();
// No two of its counters are the same, so that none can stand for another.
[[nodiscard]] Report full_report();
// One with everything, one with nothing, and one for each flag by itself.
[[nodiscard]] std::vector<apply::Event> full_events();

}  // namespace robosync::session
