#include "engine/session/serve.h"

#include <algorithm>
#include <utility>

#include "engine/net/striped_stream.h"
#include "engine/session/listing.h"
#include "engine/session/owner_names.h"
#include "engine/session/report_codec.h"
#include "engine/session/rule_files.h"
#include "engine/session/run_options.h"
#include "engine/session/source_session.h"
#include "engine/session/stop_watch.h"
#include "engine/session/target_session.h"
#include "engine/session/wire_observer.h"
#include "engine/tree/filter_below.h"
#include "engine/tree/filter_pair.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;

namespace {

std::unexpected<base::Error> out_of_place() {
  return fail(make_error(ErrorKind::kProtocol, "a frame out of place"));
}

// One session, after its client was admitted.
class Server {
 public:
  Server(Channel& channel, const Opening& opening, const Grant& grant,
         const base::Cancellation& cancellation, const Patience& patience)
      : channel_(channel),
        opening_(opening),
        grant_(grant),
        cancellation_(cancellation),
        stop_(&cancellation),
        watch_(channel, patience) {}

  Result<std::optional<Report>> run() {
    ROBOSYNC_ASSIGN(SentRequest sent, receive_request(channel_));
    if (opening_.more_connections && grant_.joined) {
      // The client makes them one after the other.
      watch_.opening_takes(net::kStripesMax);
      ROBOSYNC_TRY(receive_stripe(channel_, grant_.joined));
    }
    watch_.opened();
    Request& request = sent.request;
    if (request.verb != opening_.verb || request.dry_run != opening_.dry_run) {
      return fail(make_error(ErrorKind::kProtocol, "a request other than what it was opened for"));
    }
    links_asked_ = request.links;
    if (grant_.adjust) ROBOSYNC_TRY(grant_.adjust(request));
    ROBOSYNC_TRY(check_request_without_paths(request));
    ROBOSYNC_ASSIGN(std::shared_ptr<const tree::FilterScope> filter,
                    compile_filters(request, sent.rule_files, name_case()));
    ROBOSYNC_ASSIGN(const std::shared_ptr<const tree::FilterScope> hidden, hidden_here());
    filter = tree::both_filters(hidden, std::move(filter));
    if (opening_.role == ClientRole::kSource) {
      ROBOSYNC_ASSIGN(Report report, be_target(sent, filter, hidden));
      return std::optional<Report>(std::move(report));
    }
    if (opening_.role == ClientRole::kLister) {
      if (opening_.paths.size() != 1) {
        return fail(make_error(ErrorKind::kProtocol, "one path is listed at a time"));
      }
      ROBOSYNC_ASSIGN(std::vector<tree::Entry> entries,
                      list_path(*grant_.file_system, opening_.paths.front()));
      std::erase_if(entries, [&](const tree::Entry& entry) {
        return hidden &&
               hidden->excludes_entry(tree::RelPath(), entry.name, entry.metadata.is_directory(),
                                      tree::FilterSide::kSource);
      });
      ROBOSYNC_TRY(send_listing(channel_, entries));
      channel_.linger();  // a process that ends could take the last bytes with it
      return std::optional<Report>();
    }
    ROBOSYNC_TRY(be_source(request, filter));
    return std::optional<Report>();
  }

 private:
  static Result<void> check_request_without_paths(Request request) {
    request.sources = {""};
    return check_request(request);
  }

  tree::NameCase name_case() const {
    return channel_.peer_ignores_case() ? tree::NameCase::kInsensitive
                                        : name_case_of(grant_.file_system->privileges());
  }

  RunOptions options_of(const Request& request) const {
    RunOptions options = run_options(request, grant_.file_system->privileges());
    if (!request.numeric_ids) options.accounts = grant_.accounts;
    options.received_links = grant_.links;
    options.scan.links_asked = links_asked_;
    return options;
  }

  // What is hidden, as seen from the root of the transfer. A path that leads into it is refused as
  // if it were not there.
  Result<std::shared_ptr<const tree::FilterScope>> hidden_here() const {
    if (!grant_.hidden) return nullptr;
    std::optional<tree::RelPath> root;
    for (const std::string& path : opening_.paths) {
      const std::size_t begin = std::min(path.find_first_not_of('/'), path.size());
      const std::string_view below = std::string_view(path).substr(begin);
      ROBOSYNC_ASSIGN(const tree::RelPath full, tree::RelPath::parse(below));
      if (tree::is_excluded_on_the_way(*grant_.hidden, full)) {
        return fail(make_error(ErrorKind::kNotFound, path + ": there is no such thing"));
      }
      const bool itself = opening_.role == ClientRole::kTarget && !means_contents(path);
      const tree::RelPath here = itself ? full.parent() : full;
      if (root && *root != here) {
        return fail(make_error(ErrorKind::kUnsupported,
                               "sources in different folders of this module have to be asked for "
                               "one by one"));
      }
      root = here;
    }
    return tree::filter_below(grant_.hidden, root.value_or(tree::RelPath()));
  }

  Result<Report> be_target(const SentRequest& sent,
                           const std::shared_ptr<const tree::FilterScope>& filter,
                           std::shared_ptr<const tree::FilterScope> hidden) {
    const auto started = std::chrono::steady_clock::now();
    if (opening_.paths.size() != 1) {
      return fail(make_error(ErrorKind::kProtocol, "a push has one target"));
    }
    ROBOSYNC_TRY(check_target(sent.request, grant_.file_system->privileges()));
    WireObserver observer(channel_, sent.wants, sent.wants_progress, stop_);
    apply::Ledger ledger(observer);
    RunOptions options = options_of(sent.request);
    options.settings.hidden = std::move(hidden);
    TargetSession session(std::move(options), channel_, *grant_.file_system, ledger, stop_);
    auto end = session.run(opening_.paths.front(), filter,
                           [&](const Frame& frame) { return answer(frame, observer); });
    observer.flush();
    if (!end) {
      refuse(channel_, end.error());
      session.linger();
      return fail(std::move(end).error());
    }
    Report report = make_report(ledger, *end, stop_.requested(), started);
    ROBOSYNC_TRY(session.end(encode_report(report)));
    return report;
  }

  Result<void> answer(const Frame& frame, WireObserver& observer) {
    if (frame.type == Type::kCancel) {
      stop_.request();
      return {};
    }
    if (frame.type == Type::kConfirmed) {
      return observer.confirmed(frame.payload == "\1");
    }
    return out_of_place();
  }

  Result<void> be_source(const Request& request,
                         const std::shared_ptr<const tree::FilterScope>& filter) {
    ROBOSYNC_TRY(check_source(request, grant_.file_system->privileges()));
    ROBOSYNC_ASSIGN(SourceRoots roots,
                    open_sources(*grant_.file_system, opening_.paths, request.files_from.get()));
    const RunOptions options = options_of(request);
    SourceSession session(options, channel_, stop_, request.bytes_per_second_max);
    // A TARGET has its report to give; from here the client learns nothing by waiting.
    const StopWatch watch(channel_, cancellation_, std::chrono::milliseconds(0));
    ROBOSYNC_ASSIGN(const Frame end,
                    session.run(std::move(roots), filter, SourceSession::Warn::kPeer,
                                [&](const Frame& frame) -> Result<void> {
                                  if (frame.type != Type::kCancel) return out_of_place();
                                  stop_.request();
                                  return {};
                                }));
    return channel_.finish();
  }

  Channel& channel_;
  const Opening& opening_;
  const Grant& grant_;
  const base::Cancellation& cancellation_;  // of whoever serves; the client's wish is stop_, too
  base::Cancellation stop_;
  LinkPolicy links_asked_ = LinkPolicy::kKeep;  // by the client, whatever the module makes of it
  Watch watch_;
};

}  // namespace

Served serve(net::StreamPtr stream, Gatekeeper& gatekeeper, const base::Cancellation& cancellation,
             const Patience& patience) {
  Served served;
  Channel channel(std::move(stream));
  const auto turn_away = [&](base::Error why) {
    refuse(channel, why);
    channel.linger();
    return fail(std::move(why));
  };
  const auto serve_it = [&]() -> Result<void> {
    ROBOSYNC_ASSIGN(Beginning beginning, receive_beginning(channel, gatekeeper.system()));
    if (const Join* const join = std::get_if<Join>(&beginning)) {
      served.joined = true;
      auto relay = gatekeeper.join(join->ticket);
      if (!relay) return turn_away(std::move(relay).error());
      ROBOSYNC_TRY(channel.send_last(Type::kAccept, {}));
      ROBOSYNC_ASSIGN(net::StreamPtr released, channel.release());
      return (*relay)(std::move(released));
    }
    served.opening = std::get<Opening>(std::move(beginning));
    auto grant = gatekeeper.admit(*served.opening, channel.stream());
    if (!grant) return turn_away(std::move(grant).error());
    ROBOSYNC_TRY(accept(channel, served.opening->more_connections ? grant->ticket : ""));
    Server server(channel, *served.opening, *grant, cancellation, patience);
    auto report = server.run();
    if (!report) return turn_away(std::move(report).error());
    served.report = std::move(*report);
    return {};
  };
  if (auto done = serve_it(); !done) served.fault = std::move(done).error();
  served.bytes_sent = channel.bytes_sent();
  served.bytes_received = channel.bytes_received();
  return served;
}

Result<Gatekeeper::Relay> Gatekeeper::join(const std::string& /*ticket*/) {
  return fail(make_error(ErrorKind::kRefused, "one connection a session here"));
}

fs::Privileges Gatekeeper::system() const { return fs::native_file_system().privileges(); }

fs::Privileges OpenGate::system() const { return file_system_.privileges(); }

Result<Grant> OpenGate::admit(const Opening& opening, const net::Stream& /*stream*/) {
  if (!opening.module.empty()) {
    return fail(make_error(ErrorKind::kRefused, "there are no modules here"));
  }
  Grant grant;
  grant.file_system = &file_system_;
  grant.accounts = &system_accounts();
  return grant;
}

}  // namespace robosync::session
