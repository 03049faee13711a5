#include "engine/session/client.h"

#include <thread>
#include <utility>

#include "engine/session/own_files.h"
#include "engine/session/owner_names.h"
#include "engine/session/report_codec.h"
#include "engine/session/rule_files.h"
#include "engine/session/run_options.h"
#include "engine/session/source_session.h"
#include "engine/session/stop_watch.h"
#include "engine/session/target_session.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;

namespace {

// What a TARGET at the other end reports, passed on to the observer.
class Listener {
 public:
  Listener(Channel& channel, apply::Observer& observer) : channel_(channel), observer_(observer) {}

  Result<void> take(const Frame& frame) {
    switch (frame.type) {
      case Type::kEvents: {
        ROBOSYNC_ASSIGN(const std::vector<apply::Event> events, decode_events(frame.bytes()));
        for (const apply::Event& event : events) observer_.on_event(event);
        return {};
      }
      case Type::kProblem: {
        ROBOSYNC_ASSIGN(tree::Problem problem, decode_problem(frame.bytes()));
        observer_.on_problem(problem);
        if (problems_.size() < kReportedProblemsMax) problems_.push_back(std::move(problem));
        return {};
      }
      case Type::kWarning:
        observer_.on_warning(frame.payload);
        return {};
      case Type::kProgress: {
        ROBOSYNC_ASSIGN(const apply::Progress progress, decode_progress(frame.bytes()));
        observer_.on_progress(progress);
        return {};
      }
      case Type::kConfirm: {
        ROBOSYNC_ASSIGN(const PlannedDeletions planned, decode_deletions(frame.bytes()));
        if (std::exchange(asked_, true)) {
          return fail(make_error(ErrorKind::kProtocol, "the same question twice"));
        }
        channel_.post(Type::kConfirmed, observer_.confirm_deletions(planned) ? "\1" : "");
        return {};
      }
      case Type::kRefuse: {
        ROBOSYNC_ASSIGN(const wire::Fault fault, wire::decode<wire::Fault>(frame.bytes()));
        refused_ = true;
        return fail(wire::to_error(fault));
      }
      default:
        return fail(make_error(ErrorKind::kProtocol, "a frame out of place"));
    }
  }

  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] std::vector<tree::Problem>& problems() { return problems_; }

 private:
  Channel& channel_;
  apply::Observer& observer_;
  bool refused_ = false;
  bool asked_ = false;  // whether to delete; a run asks once
  std::vector<tree::Problem> problems_;
};

RunOptions options_of(const Request& request, const fs::FileSystem& file_system) {
  RunOptions options = run_options(request, file_system.privileges());
  options.own_files = own_identities(file_system, request.own_files);
  if (!request.numeric_ids) options.accounts = &system_accounts();
  return options;
}

Report lost(base::Error error, const base::Cancellation& cancellation) {
  Report report;
  report.outcome = cancellation.requested() ? Outcome::kCancelled : Outcome::kAborted;
  if (!cancellation.requested()) report.fatal = std::move(error);
  return report;
}

Result<Report> push(Channel& channel, const Request& request, fs::FileSystem& file_system,
                    const std::shared_ptr<const tree::FilterScope>& filter,
                    apply::Observer& observer, const base::Cancellation& cancellation) {
  const auto started = std::chrono::steady_clock::now();
  ROBOSYNC_ASSIGN(SourceRoots roots,
                  open_sources(file_system, request.sources, request.files_from.get()));
  if (request.verb == Verb::kMove) {
    ROBOSYNC_TRY(check_no_own_file_moves(file_system, request.own_files, roots));
  }
  const RunOptions options = options_of(request, file_system);
  Listener listener(channel, observer);
  Result<Frame> end = fail(base::Error{});
  {
    SourceSession session(options, channel, cancellation, request.bytes_per_second_max);
    end = session.run(std::move(roots), filter, SourceSession::Warn::kNobody,
                      [&](const Frame& frame) { return listener.take(frame); });
    if (session.left_streams_out()) observer.on_warning(std::string(apply::kStreamsLeftOut));
  }
  if (!end && listener.refused()) return fail(std::move(end).error());
  Report report;
  if (end) {
    ROBOSYNC_ASSIGN(report, decode_report(end->bytes()));
    (void)channel.finish();
    if (report.outcome == Outcome::kCancelled && !cancellation.requested()) {
      report = lost(make_error(ErrorKind::kConnection, "the server has stopped the session"),
                    cancellation);
    }
    for (const std::string& rule : filter->unmatched_rules()) {
      observer.on_warning("filter rule matched nothing: " + rule);
    }
  } else {
    report = lost(std::move(end).error(), cancellation);
  }
  report.problems = std::move(listener.problems());
  report.elapsed = std::chrono::steady_clock::now() - started;
  return report;
}

Result<Report> pull(Channel& channel, const Request& request, fs::FileSystem& file_system,
                    const std::shared_ptr<const tree::FilterScope>& filter,
                    apply::Observer& observer, const base::Cancellation& cancellation) {
  const auto started = std::chrono::steady_clock::now();
  apply::Ledger ledger(observer);
  TargetSession session(options_of(request, file_system), channel, file_system, ledger,
                        cancellation);
  ROBOSYNC_ASSIGN(
      const RunEnd end, session.run(request.target, filter, [](const Frame& frame) -> Result<void> {
        if (frame.type == Type::kRefuse) {
          ROBOSYNC_ASSIGN(const wire::Fault fault, wire::decode<wire::Fault>(frame.bytes()));
          return fail(wire::to_error(fault));
        }
        return fail(make_error(ErrorKind::kProtocol, "a frame out of place"));
      }));
  // All is done by now: what happens to the connection does not matter any more.
  (void)session.end({});
  return make_report(ledger, end, cancellation.requested(), started);
}

Result<net::StreamPtr> join_one(const std::string& ticket, const AnotherStream& another,
                                const base::Cancellation& cancellation) {
  ROBOSYNC_ASSIGN(net::StreamPtr stream, another());
  Channel channel(std::move(stream), Channel::Heartbeats::kNone);
  {
    const StopWatch watch(channel, cancellation, std::chrono::milliseconds(0));
    ROBOSYNC_TRY(join_session(channel, ticket));
  }
  return channel.release();
}

Result<void> add_connections(Channel& channel, const std::string& ticket,
                             const RemoteSettings& settings, const AnotherStream& another,
                             apply::Observer& observer, const base::Cancellation& cancellation) {
  const unsigned wanted = settings.connections;
  if (ticket.empty()) {
    return fail(make_error(ErrorKind::kUnsupported,
                           "the server takes one connection a session (--connections)"));
  }
  std::vector<net::StreamPtr> others;
  while (others.size() + 1 < wanted) {
    auto joined = join_one(ticket, another, cancellation);
    if (!joined && cancellation.requested()) return fail(std::move(joined).error());
    if (!joined) {
      observer.on_warning("only " + std::to_string(others.size() + 1) + " of " +
                          std::to_string(wanted) + " connections: " + joined.error().message());
      break;
    }
    others.push_back(std::move(*joined));
  }
  ROBOSYNC_TRY(stripe(channel, std::move(others)));
  channel.stream().set_no_progress_time(settings.no_progress_time);
  return {};
}

}  // namespace

Result<Report> run_client(net::StreamPtr stream, const Opening& opening, const Request& request,
                          fs::FileSystem& file_system, apply::Observer& observer,
                          const base::Cancellation& cancellation, const AnotherStream& another) {
  ROBOSYNC_TRY(check_request(request));
  ROBOSYNC_TRY(opening.role == ClientRole::kSource
                   ? check_source(request, file_system.privileges())
                   : check_target(request, file_system.privileges()));
  if (request.reflink == Reflink::kAlways) {
    return fail(make_error(ErrorKind::kUnsupported,
                           "blocks cannot be shared over a connection (--reflink=always)"));
  }
  SentRequest sent;
  sent.request = request;
  sent.wants = observer.wants_events();
  sent.wants_progress = observer.wants_progress();
  ROBOSYNC_ASSIGN(std::shared_ptr<const tree::FilterScope> filter,
                  compile_filters(request, file_system, &sent.rule_files));
  const fs::Privileges own = file_system.privileges();
  Channel channel(std::move(stream));
  if (!request.remote.compress) channel.never_compress();
  const StopWatch watch(channel, cancellation);
  ROBOSYNC_ASSIGN(const std::string ticket, open_session(channel, opening, sent, own));
  // Where one side does not tell case the rules do not: what they protect is the same on both.
  if (channel.peer_ignores_case() && !own.ignores_case) {
    ROBOSYNC_ASSIGN(filter,
                    compile_filters(request, sent.rule_files, tree::NameCase::kInsensitive));
  }
  if (opening.more_connections) {
    ROBOSYNC_TRY(add_connections(channel, ticket, request.remote, another, observer, cancellation));
  }
  return opening.role == ClientRole::kSource
             ? push(channel, request, file_system, filter, observer, cancellation)
             : pull(channel, request, file_system, filter, observer, cancellation);
}

}  // namespace robosync::session
