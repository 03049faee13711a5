#include "engine/daemon/session.h"

#include <algorithm>
#include <utility>

namespace robosync::daemon {
namespace {

Outcome outcome_of(const session::Served& served, bool refused) {
  if (refused) return Outcome::kRefused;
  if (served.fault) return Outcome::kFailed;
  if (!served.report) return Outcome::kOk;
  switch (served.report->outcome) {
    case robosync::Outcome::kOk:
    case robosync::Outcome::kDifferent:
      return Outcome::kOk;
    case robosync::Outcome::kPartial:
    case robosync::Outcome::kVanished:
    case robosync::Outcome::kGuarded:
      return Outcome::kPartial;
    case robosync::Outcome::kCancelled:
    case robosync::Outcome::kAborted:
      break;
  }
  return Outcome::kFailed;
}

std::uint64_t capped(std::uint64_t number) { return std::min(number, kReportNumberMax); }

void log_end(const SessionContext& context, const ModuleGate& gate, const session::Served& served) {
  // A refusal has been logged, with its reason.
  if (!served.fault || served.joined || (served.opening && gate.module() == nullptr)) return;
  context.log.warning("session failed", {{"peer", context.job.peer},
                                         {"module", served.opening ? gate.module()->name : ""},
                                         {"user", gate.user()},
                                         {"why", served.fault->message()}});
}

}  // namespace

SessionReport report_of(const session::Served& served, bool refused,
                        std::chrono::milliseconds duration) {
  SessionReport out;
  out.outcome = outcome_of(served, refused);
  out.received_bytes = capped(served.bytes_received);
  out.sent_bytes = capped(served.bytes_sent);
  out.duration_ms = capped(static_cast<std::uint64_t>(duration.count()));
  if (!served.report) return out;
  const Counters& counters = served.report->counters;
  out.files = capped(counters.created.files + counters.updated.files);
  out.directories = capped(counters.created.directories + counters.updated.directories);
  out.symlinks = capped(counters.created.symlinks + counters.updated.symlinks);
  out.hard_links = capped(counters.linked.total());
  out.specials = capped(counters.created.others + counters.updated.others);
  out.deletions = capped(counters.deleted.total());
  out.problems = capped(served.report->problem_count);
  return out;
}

SessionReport serve_session(SessionContext& context, Transport& transport) {
  const auto started = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 started);
  };
  auto stream = transport.open(context.connection_fd);
  if (!stream) {
    context.log.info("no connection",
                     {{"peer", context.job.peer}, {"why", stream.error().message()}});
    session::Served none;
    none.fault = std::move(stream).error();
    return report_of(none, false, elapsed());
  }
  if (context.watched) *stream = context.watched(std::move(*stream));
  const Limits& limits = context.config.limits;
  (*stream)->set_no_progress_time(limits.handshake_timeout);
  ModuleGate gate({.config = context.config,
                   .tokens = context.tokens,
                   .peer = context.peer,
                   .log = context.log,
                   .enter = context.enter,
                   .joining = context.joining});
  const session::Served served = session::serve(std::move(*stream), gate, context.cancellation,
                                                {.opening = limits.handshake_timeout,
                                                 .silent = limits.idle_timeout,
                                                 .stalled = limits.stall_timeout});
  log_end(context, gate, served);
  const bool turned_away = served.joined
                               ? served.fault && served.fault->kind == base::ErrorKind::kRefused
                               : served.opening && gate.module() == nullptr;
  return report_of(served, turned_away, elapsed());
}

}  // namespace robosync::daemon
