#include "engine/sync.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "engine/apply/staging.h"
#include "engine/fs/fs.h"
#include "engine/session/client.h"
#include "engine/session/connect.h"
#include "engine/session/listing.h"
#include "engine/session/local_run.h"
#include "engine/session/location.h"
#include "engine/session/own_files.h"
#include "engine/session/rule_files.h"
#include "engine/session/run_options.h"

namespace robosync {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

using session::Location;

constexpr auto kReconnectWaitMin = std::chrono::milliseconds(500);
constexpr auto kNap = std::chrono::milliseconds(50);

// A run with a server: where that is, and which side of the run.
struct Route {
  Location server;
  session::ClientRole role = session::ClientRole::kSource;
  std::vector<std::string> paths;  // there
};

// Paths of this machine are written as its system's users write them.
Result<Request> with_local_paths(const Request& given) {
  Request request = given;
  const auto rewrite = [](std::string& path) -> Result<void> {
    ROBOSYNC_ASSIGN(Location location, session::parse_location(path));
    if (location.is_local()) path = std::move(location.path);
    return {};
  };
  ROBOSYNC_TRY(rewrite(request.target));
  for (std::string& source : request.sources) ROBOSYNC_TRY(rewrite(source));
  return request;
}

// Nothing when both sides are on this machine.
Result<std::optional<Route>> route_of(const Request& request) {
  ROBOSYNC_ASSIGN(Location target, session::parse_location(request.target));
  std::vector<Location> sources;
  for (const std::string& source : request.sources) {
    ROBOSYNC_ASSIGN(Location location, session::parse_location(source));
    sources.push_back(std::move(location));
  }
  const auto is_local = [](const Location& location) { return location.is_local(); };
  const bool all_local = std::all_of(sources.begin(), sources.end(), is_local);
  if (target.is_local() && all_local) return std::nullopt;
  const auto usage = [](const char* text) { return fail(make_error(ErrorKind::kUsage, text)); };
  Route route;
  if (!target.is_local()) {
    if (!all_local) return usage("only one side can be at a server; the other one is to be here");
    route.paths = {target.path};
    route.server = std::move(target);
  } else {
    route.role = session::ClientRole::kTarget;
    for (const Location& source : sources) {
      if (!source.same_place(sources.front())) {
        return usage("all sources have to be here, or at one server in one module");
      }
      route.paths.push_back(source.path);
    }
    route.server = std::move(sources.front());
  }
  if (route.server.carrier != Location::Carrier::kSsh && route.server.module.empty()) {
    return usage("a module is missing after the host: robosync://HOST/MODULE/PATH");
  }
  if (request.empty_files) {
    return fail(
        make_error(ErrorKind::kUnsupported, "files without content are made on this machine only"));
  }
  if (request.reset_archive) {
    return fail(
        make_error(ErrorKind::kUnsupported, "the archive attribute is reset on this machine only"));
  }
  if (request.links_fallback == LinksFallback::kCopy) {
    return fail(make_error(ErrorKind::kUnsupported,
                           "--links-fallback=copy is for this machine only; over a connection "
                           "--copy-links copies what links lead to"));
  }
  if (request.remote.connections > 1 && route.server.carrier == Location::Carrier::kSsh) {
    return usage("--connections needs robosync://; a command is one connection");
  }
  return route;
}

Result<Report> sync_once(const Route& route, const Request& request, Observer& observer,
                         const Cancellation& cancellation) {
  session::Opening opening;
  opening.role = route.role;
  opening.verb = request.verb;
  opening.dry_run = request.dry_run;
  opening.paths = route.paths;
  opening.more_connections = request.remote.connections > 1;
  ROBOSYNC_ASSIGN(net::StreamPtr stream,
                  session::connect(route.server, request.remote, cancellation, opening));
  const auto another = [&] {
    session::Opening unused;  // the ticket says who we are
    return session::connect(route.server, request.remote, cancellation, unused);
  };
  return session::run_client(std::move(stream), opening, request, fs::native_file_system(),
                             observer, cancellation, another);
}

// Why a run ended that may be made again.
std::optional<base::Error> connection_fault(const Result<Report>& report) {
  std::optional<base::Error> fault;
  if (!report) {
    fault = report.error();
  } else if (report->fatal) {
    fault = report->fatal;
  }
  const auto is_of_connection = [](ErrorKind kind) {
    return kind == ErrorKind::kConnection || kind == ErrorKind::kTimeout ||
           kind == ErrorKind::kConnectTimeout;
  };
  return fault && is_of_connection(fault->kind) ? fault : std::nullopt;
}

// What has landed stays, so a run that lost its connection is simply made again. A server that was
// never reached is not waited for.
Result<Report> sync_over(const Route& route, const Request& request, Observer& observer,
                         const Cancellation& cancellation) {
  auto wait = std::max(request.retry_wait, kReconnectWaitMin);
  bool began = false;
  for (unsigned attempt = 0;; ++attempt) {
    auto report = sync_once(route, request, observer, cancellation);
    began = began || report.has_value();
    const std::optional<base::Error> fault = connection_fault(report);
    if (!began || !fault || attempt >= request.retries || cancellation.requested()) return report;
    observer.on_warning("the connection was lost (" + fault->message() + "); trying again");
    for (auto left = wait; left.count() > 0 && !cancellation.requested(); left -= kNap) {
      std::this_thread::sleep_for(std::min(left, kNap));
    }
    wait *= 2;
  }
}

}  // namespace

Result<Report> sync(const Request& request, Observer& observer, const Cancellation& cancellation) {
  ROBOSYNC_ASSIGN(const Request found, with_local_paths(request));
  ROBOSYNC_ASSIGN(const std::optional<Route> route, route_of(found));
  if (!route) return sync_on(fs::native_file_system(), found, observer, cancellation);
  return sync_over(*route, found, observer, cancellation);
}

Result<std::vector<tree::Entry>> list(const std::string& location, const RemoteSettings& settings,
                                      const Cancellation& cancellation) {
  ROBOSYNC_ASSIGN(const Location place, session::parse_location(location));
  if (place.is_local()) return session::list_path(fs::native_file_system(), place.path);
  session::Opening opening;
  opening.role = session::ClientRole::kLister;
  opening.paths = {place.path};
  ROBOSYNC_ASSIGN(net::StreamPtr stream, session::connect(place, settings, cancellation, opening));
  return session::receive_listing(std::move(stream), opening, cancellation);
}

Result<Report> sync_on(fs::FileSystem& file_system, const Request& request, Observer& observer,
                       const Cancellation& cancellation) {
  const auto started = std::chrono::steady_clock::now();
  ROBOSYNC_TRY(session::check_request(request));
  ROBOSYNC_ASSIGN(const std::shared_ptr<const tree::FilterScope> filter,
                  session::compile_filters(request, file_system, nullptr));
  ROBOSYNC_ASSIGN(session::SourceRoots roots,
                  session::open_sources(file_system, request.sources, request.files_from.get()));
  ROBOSYNC_ASSIGN(session::TargetPlace place,
                  session::find_target(file_system, request.target, session::single_source(roots)));
  if (request.verb == Verb::kMove) {
    ROBOSYNC_TRY(session::check_no_own_file_moves(file_system, request.own_files, roots));
  }
  ROBOSYNC_TRY(session::check_source(request, file_system.privileges()));
  ROBOSYNC_TRY(session::check_target(request, file_system.privileges()));
  session::RunOptions options = session::run_options(request, file_system.privileges());
  session::allow_for_file_system(place, options);
  if (request.links_fallback == LinksFallback::kCopy && !options.only_looks()) {
    const fs::DirectoryPtr& target = place.directory ? place.directory : place.make.parent;
    if (auto made = apply::probe_links(*target); !made) {
      options.scan.links = LinkPolicy::kFollow;
      options.links_copied_for = made.error().message();
    }
  }
  options.own_files = session::own_identities(file_system, request.own_files);
  apply::Ledger ledger(observer);
  session::RunEnd end;
  {
    session::LocalRun run(options, file_system, ledger, cancellation, request.bytes_per_second_max);
    ROBOSYNC_ASSIGN(end, run.run(std::move(roots), std::move(place), filter));
  }
  for (const std::string& rule : filter->unmatched_rules()) {
    ledger.warning("filter rule matched nothing: " + rule);
  }
  return session::make_report(ledger, end, cancellation.requested(), started);
}

}  // namespace robosync
