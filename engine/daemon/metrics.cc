#include "engine/daemon/metrics.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>

namespace robosync::daemon {
namespace {

constexpr std::array<std::string_view, kOutcomes> kOutcomeNames = {"ok", "partial", "failed",
                                                                   "refused"};
constexpr std::array<std::string_view, kTurnedReasons> kTurnedNames = {
    "total_limit", "address_limit", "no_worker"};

struct Number {
  std::string_view name;
  std::uint64_t SessionReport::* field;
};

constexpr auto kNumbers = std::to_array<Number>({
    {"received_bytes", &SessionReport::received_bytes},
    {"sent_bytes", &SessionReport::sent_bytes},
    {"files", &SessionReport::files},
    {"directories", &SessionReport::directories},
    {"symlinks", &SessionReport::symlinks},
    {"hard_links", &SessionReport::hard_links},
    {"specials", &SessionReport::specials},
    {"deletions", &SessionReport::deletions},
    {"problems", &SessionReport::problems},
    {"duration_ms", &SessionReport::duration_ms},
});

base::Error not_a_report() {
  return base::make_error(base::ErrorKind::kProtocol, "a worker's report makes no sense");
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void single(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            std::uint64_t value) {
  head(out, name, type, help);
  out += fmt::format("{} {}\n", name, value);
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  return kOutcomeNames.at(static_cast<std::size_t>(outcome));
}

std::string report_text(const SessionReport& report) {
  std::string out = fmt::format("outcome={}", to_string(report.outcome));
  for (const Number& number : kNumbers) {
    out += fmt::format(" {}={}", number.name, report.*number.field);
  }
  return out;
}

base::Result<SessionReport> parse_report(std::string_view text) {
  if (text.size() > kReportBytesMax) return base::fail(not_a_report());
  const auto next = [&](std::string_view name) -> base::Result<std::string_view> {
    if (!text.starts_with(name) || text.size() == name.size() || text[name.size()] != '=') {
      return base::fail(not_a_report());
    }
    text.remove_prefix(name.size() + 1);
    const std::string_view value = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(value.size() + 1, text.size()));
    return value;
  };
  SessionReport report;
  ROBOSYNC_ASSIGN(const std::string_view outcome, next("outcome"));
  std::size_t index = 0;
  while (index < kOutcomes && kOutcomeNames.at(index) != outcome) ++index;
  if (index == kOutcomes) return base::fail(not_a_report());
  report.outcome = static_cast<Outcome>(index);
  for (const Number& number : kNumbers) {
    ROBOSYNC_ASSIGN(const std::string_view digits, next(number.name));
    std::uint64_t& value = report.*number.field;
    const char* const end = std::to_address(digits.end());
    const auto [stop, fault] = std::from_chars(std::to_address(digits.begin()), end, value);
    if (fault != std::errc() || stop != end || value > kReportNumberMax) {
      return base::fail(not_a_report());
    }
  }
  if (!text.empty()) return base::fail(not_a_report());
  return report;
}

void Metrics::add(const SessionReport& report) {
  ++sessions.at(static_cast<std::size_t>(report.outcome));
  for (const Number& number : kNumbers) sums.*number.field += report.*number.field;
  for (std::size_t i = 0; i < kDurationBucketsMs.size(); ++i) {
    if (report.duration_ms <= kDurationBucketsMs.at(i)) ++within.at(i);
  }
}

std::string Metrics::text() const {
  std::string out;
  head(out, "robosync_build_info", "gauge", "Which build this is; always 1.");
  out += fmt::format("robosync_build_info{{version=\"{}\"}} 1\n", version);
  single(out, "robosync_start_time_seconds", "gauge", "When the daemon started, Unix time.",
         start_time_s);
  single(out, "robosync_sessions_active", "gauge", "Sessions going on.", sessions_active);
  single(out, "robosync_connections_opening", "gauge",
         "Connections that were accepted and have not opened a session yet.", connections_opening);
  single(out, "robosync_connections_waiting", "gauge",
         "Connections that wait in the kernel to be accepted.", connections_waiting);
  head(out, "robosync_sessions_total", "counter", "Sessions that ended, by how.");
  std::uint64_t ended = 0;
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    ended += sessions.at(i);
    out += fmt::format("robosync_sessions_total{{outcome=\"{}\"}} {}\n", kOutcomeNames.at(i),
                       sessions.at(i));
  }
  head(out, "robosync_connections_turned_away_total", "counter",
       "Connections closed before a session, by reason.");
  for (std::size_t i = 0; i < kTurnedReasons; ++i) {
    out += fmt::format("robosync_connections_turned_away_total{{reason=\"{}\"}} {}\n",
                       kTurnedNames.at(i), turned_away.at(i));
  }
  single(out, "robosync_workers_died_total", "counter",
         "Workers that ended by a signal or without a report.", workers_died);
  head(out, "robosync_reloads_total", "counter", "Readings of the configuration, by result.");
  out += fmt::format("robosync_reloads_total{{result=\"ok\"}} {}\n", reloads);
  out += fmt::format("robosync_reloads_total{{result=\"failed\"}} {}\n", reloads_failed);
  single(out, "robosync_received_bytes_total", "counter", "Bytes from peers.", sums.received_bytes);
  single(out, "robosync_sent_bytes_total", "counter", "Bytes to peers.", sums.sent_bytes);
  head(out, "robosync_entries_total", "counter", "Entries written or sent, by kind.");
  for (std::size_t i = 2; i < 7; ++i) {
    constexpr std::array<std::string_view, 7> kKinds = {
        "", "", "file", "directory", "symlink", "hard_link", "special"};
    out += fmt::format("robosync_entries_total{{kind=\"{}\"}} {}\n", kKinds.at(i),
                       sums.*kNumbers.at(i).field);
  }
  single(out, "robosync_deletions_total", "counter", "Entries deleted.", sums.deletions);
  single(out, "robosync_problems_total", "counter", "Entries that could not be synchronised.",
         sums.problems);
  head(out, "robosync_session_duration_seconds", "histogram", "How long sessions took.");
  for (std::size_t i = 0; i < kDurationBucketsMs.size(); ++i) {
    out += fmt::format("robosync_session_duration_seconds_bucket{{le=\"{}\"}} {}\n",
                       static_cast<double>(kDurationBucketsMs.at(i)) / 1000, within.at(i));
  }
  out += fmt::format("robosync_session_duration_seconds_bucket{{le=\"+Inf\"}} {}\n", ended);
  out += fmt::format("robosync_session_duration_seconds_sum {}.{:03}\n", sums.duration_ms / 1000,
                     sums.duration_ms % 1000);
  out += fmt::format("robosync_session_duration_seconds_count {}\n", ended);
  return out;
}

}  // namespace robosync::daemon
