// Ready-made judgements that several checks of the table share.
#pragma once

#include <string>

#include "harness/checks/checks.h"

namespace robosync::parity {

[[nodiscard]] Answer pass();
[[nodiscard]] Answer failed(std::string detail);
[[nodiscard]] Answer differs(std::string detail);

// What checks that are not about metadata compare: a tool that keeps no folder times has a check of
// its own for that.
[[nodiscard]] Aspects usual_aspects();

// "exit 23: rsync: ..." for a run that did not succeed.
[[nodiscard]] std::string describe(const Finished& finished);

// The job succeeded and the target equals the source in these aspects. A content, name or link that
// is wrong although the tool claims success is a failure; metadata that is not kept differs.
[[nodiscard]] Answer equals_source(const Aftermath& after, const Aspects& aspects);
[[nodiscard]] Answer equals_source(const Aftermath& after);

// Null when the target has no such entry.
[[nodiscard]] const Node* target_entry(const Aftermath& after, const std::string& path);
[[nodiscard]] bool in_target(const Aftermath& after, const std::string& path);

// One line of the time of an entry that is not the source's; "" when it is.
[[nodiscard]] std::string time_difference(const Aftermath& after, const std::string& path);

}  // namespace robosync::parity
