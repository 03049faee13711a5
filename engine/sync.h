// The facade of the engine: one Request in, one Report out.
//
// sync() runs a whole copy, mirror, move or verify and calls the Observer while it goes. Front ends
// (cli/) do nothing but build a Request and show a Report. Nothing here depends on a platform.
#pragma once

#include "engine/session/report.h"
#include "engine/session/request.h"

namespace robosync {

// Runs the request. Fails, having changed nothing, when the run could not begin: kUsage, kRefused
// (nested trees, empty source: see Error::context), kNotFound (no source), kPermission. A fault
// that ends a run that has begun (volume full, read-only, gone) is Report::fatal; faults of single
// entries are Report::problems. Blocks until the run is over; several runs may go on at once.
[[nodiscard]] base::Result<Report> sync(const Request& request, Observer& observer,
                                        const Cancellation& cancellation);

// The same on any file system (tests use one in memory).
[[nodiscard]] base::Result<Report> sync_on(fs::FileSystem& file_system, const Request& request,
                                           Observer& observer, const Cancellation& cancellation);

}  // namespace robosync
