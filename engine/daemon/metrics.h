// SessionReport and Metrics: what a worker tells its parent when it ends, and the sums of that as
// Prometheus reads them.
//
// A report crosses a process border from a worker that may have been taken over: its text is parsed
// strictly and every number is capped, so that it can spoil sums but nothing else. Values; one
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::daemon {

inline constexpr std::size_t kReportBytesMax = 2048;
// No session counts further: sums of 10^5 such reports still fit.
inline constexpr std::uint64_t kReportNumberMax = std::uint64_t{1} << 47;

enum class Outcome : std::uint8_t { kOk, kPartial, kFailed, kRefused };
inline constexpr std::size_t kOutcomes = 4;
[[nodiscard]] std::string_view to_string(Outcome outcome);

// Reasons for closing a connection before a worker takes it.
enum class Turned : std::uint8_t { kTotal, kAddress, kWorker };
inline constexpr std::size_t kTurnedReasons = 3;

// Upper bounds of the histogram of durations.
inline constexpr auto kDurationBucketsMs =
    std::to_array<std::uint64_t>({100, 1'000, 10'000, 60'000, 600'000, 3'600'000, 21'600'000});

struct SessionReport {
  Outcome outcome = Outcome::kFailed;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  // Entries that were written, or sent, by kind.
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t symlinks = 0;
  std::uint64_t hard_links = 0;
  std::uint64_t specials = 0;
  std::uint64_t deletions = 0;
  std::uint64_t problems = 0;
  std::uint64_t duration_ms = 0;
  friend bool operator==(const SessionReport&, const SessionReport&) = default;
};

[[nodiscard]] std::string report_text(const SessionReport& report);
// kProtocol for anything but what report_text() writes.
[[nodiscard]] base::Result<SessionReport> parse_report(std::string_view text);

struct Metrics {
  std::string version;
  std::uint64_t start_time_s = 0;
  std::uint64_t sessions_active = 0;
  // The queues in front of them: accepted and not yet let into a module, and not accepted yet.
  std::uint64_t connections_opening = 0;
  std::uint64_t connections_waiting = 0;
  std::array<std::uint64_t, kOutcomes> sessions{};
  std::array<std::uint64_t, kTurnedReasons> turned_away{};
  std::uint64_t workers_died = 0;  // by a signal, or without a report
  std::uint64_t reloads = 0;
  std::uint64_t reloads_failed = 0;
  SessionReport sums;
  std::array<std::uint64_t, kDurationBucketsMs.size()> within{};  // sessions by duration

  void turn_away(Turned reason) { ++turned_away.at(static_cast<std::size_t>(reason)); }
  void add(const SessionReport& report);
  // The Prometheus text format, version 0.0.4.
  [[nodiscard]] std::string text() const;
};

}  // namespace robosync::daemon
