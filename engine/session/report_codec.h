// What a TARGET tells the client that is its SOURCE: events, problems, progress, the report. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/apply/events.h"
#include "engine/apply/observer.h"
#include "engine/base/result.h"
#include "engine/session/report.h"
#include "engine/tree/entry.h"

namespace robosync::session {

inline constexpr std::size_t kEventsPerFrameMax = 4096;
inline constexpr std::size_t kReasonBytesMax = 128 * 1024;

[[nodiscard]] std::string encode_events(const std::vector<apply::Event>& events);
[[nodiscard]] base::Result<std::vector<apply::Event>> decode_events(
    std::span<const std::byte> bytes);

[[nodiscard]] std::string encode_problem(const tree::Problem& problem);
[[nodiscard]] base::Result<tree::Problem> decode_problem(std::span<const std::byte> bytes);

[[nodiscard]] std::string encode_progress(const apply::Progress& progress);
[[nodiscard]] base::Result<apply::Progress> decode_progress(std::span<const std::byte> bytes);

using PlannedDeletions = apply::Observer::PlannedDeletions;
[[nodiscard]] std::string encode_deletions(const PlannedDeletions& planned);
[[nodiscard]] base::Result<PlannedDeletions> decode_deletions(std::span<const std::byte> bytes);

// Without the problems, which travelled before.
[[nodiscard]] std::string encode_report(const Report& report);
[[nodiscard]] base::Result<Report> decode_report(std::span<const std::byte> bytes);

}  // namespace robosync::session
