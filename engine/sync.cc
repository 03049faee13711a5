#include "engine/sync.h"

#include "engine/fs/fs.h"
#include "engine/session/local_run.h"
#include "engine/session/run_options.h"

namespace robosync {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

// A file of rules that the user names.
Result<std::string> read_rules(const fs::FileSystem& file_system, const std::string& path) {
  ROBOSYNC_ASSIGN(const fs::Located located, file_system.locate(path));
  ROBOSYNC_ASSIGN(std::optional<std::string> content,
                  fs::read_if_there(*located.parent, located.name, tree::kFilterFileBytesMax));
  if (!content) return fail(make_error(ErrorKind::kNotFound, "no such file: " + path));
  return std::move(*content);
}

Outcome outcome_of(const apply::Ledger& ledger, const session::RunEnd& end, bool cancelled) {
  const Counters& counters = ledger.counters();
  if (ledger.fatal()) return Outcome::kAborted;
  if (cancelled) return Outcome::kCancelled;
  if (ledger.problem_count() > 0) {
    return ledger.only_vanished() ? Outcome::kVanished : Outcome::kPartial;
  }
  if (end.guarded) return Outcome::kGuarded;
  if (counters.different + counters.only_source + counters.only_target > 0) {
    return Outcome::kDifferent;
  }
  return Outcome::kOk;
}

}  // namespace

Result<Report> sync(const Request& request, Observer& observer, const Cancellation& cancellation) {
  return sync_on(fs::native_file_system(), request, observer, cancellation);
}

Result<Report> sync_on(fs::FileSystem& file_system, const Request& request, Observer& observer,
                       const Cancellation& cancellation) {
  const auto started = std::chrono::steady_clock::now();
  ROBOSYNC_TRY(session::check_request(request));
  tree::FilterOptions filter_options;
  filter_options.delete_excluded = request.delete_excluded;
  ROBOSYNC_ASSIGN(
      const std::shared_ptr<const tree::FilterScope> filter,
      tree::FilterScope::compile(
          request.filters, [&](const std::string& path) { return read_rules(file_system, path); },
          filter_options));
  if (filter->has_xattr_rules()) {
    return fail(make_error(ErrorKind::kUnsupported,
                           "filter rules about extended attributes (x) are not supported"));
  }
  ROBOSYNC_ASSIGN(session::SourceRoots roots,
                  session::open_sources(file_system, request.sources, request.files_from.get()));
  ROBOSYNC_ASSIGN(session::TargetPlace place,
                  session::find_target(file_system, request.target, session::single_source(roots)));
  const session::RunOptions options = session::run_options(request, file_system.privileges());
  apply::Ledger ledger(observer);
  session::RunEnd end;
  {
    session::LocalRun run(options, file_system, ledger, cancellation, request.bytes_per_second_max);
    ROBOSYNC_ASSIGN(end, run.run(std::move(roots), std::move(place), filter));
  }
  for (const std::string& rule : filter->unmatched_rules()) {
    ledger.warning("filter rule matched nothing: " + rule);
  }
  Report report;
  report.fatal = ledger.fatal();
  report.outcome = outcome_of(ledger, end, cancellation.requested());
  report.counters = ledger.counters();
  report.problems = std::move(ledger.problems());
  report.problem_count = ledger.problem_count();
  report.deletions_withheld = end.deletions_withheld;
  report.elapsed = std::chrono::steady_clock::now() - started;
  return report;
}

}  // namespace robosync
