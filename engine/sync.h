// The facade of the engine: one Request in, one Report out.
//
// sync() runs a whole copy, mirror, move or verify and calls the Observer while it goes. Front ends
// (cli/) do nothing but build a Request and show a Report. Nothing here depends on a platform.
#pragma once

#include <string>
#include <vector>

#include "engine/session/report.h"
#include "engine/session/request.h"

namespace robosync {

// Runs the request. Fails, having changed nothing, when the run could not begin: kUsage, kRefused
// (nested trees, empty source: see Error::context), kNotFound (no source), kPermission. A fault
// that ends a run that has begun (volume full, read-only, gone) is Report::fatal; faults of single
// entries are Report::problems. Blocks until the run is over; several runs may go on at once.
[[nodiscard]] base::Result<Report> sync(const Request& request, Observer& observer,
                                        const Cancellation& cancellation);

// What there is at `location` (a path, or a place at a server), in order of names: the entries of a
// directory, or the one entry that it is.
[[nodiscard]] base::Result<std::vector<tree::Entry>> list(const std::string& location,
                                                          const RemoteSettings& settings,
                                                          const Cancellation& cancellation);

// sync() on any file system (tests use one in memory); both sides are there.
[[nodiscard]] base::Result<Report> sync_on(fs::FileSystem& file_system, const Request& request,
                                           Observer& observer, const Cancellation& cancellation);

}  // namespace robosync
