#include "engine/sync.h"

#include "engine/fs/fs.h"
#include "engine/session/local_run.h"
#include "engine/session/rule_files.h"
#include "engine/session/run_options.h"

namespace robosync {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

}  // namespace

Result<Report> sync(const Request& request, Observer& observer, const Cancellation& cancellation) {
  return sync_on(fs::native_file_system(), request, observer, cancellation);
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
  return session::make_report(ledger, end, cancellation.requested(), started);
}

}  // namespace robosync
