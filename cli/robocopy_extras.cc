#include "cli/robocopy_extras.h"

#include <memory>
#include <utility>
#include <vector>

#include "cli/front_end.h"

namespace robosync::cli {
namespace {

// Deletions that would be, for another reporter.
class ExtrasSink final : public Sink {
 public:
  explicit ExtrasSink(Reporter& to) : to_(to) {}

  [[nodiscard]] Observer::Wants wants_events() const override { return Observer::Wants::kChanges; }
  [[nodiscard]] bool wants_progress() const override { return false; }
  void event(const Event& event) override {
    if (event.action == Action::kDeleted) to_.on_event(event);
  }
  void problem(const tree::Problem& /*problem*/) override {}
  void warning(const std::string& /*message*/) override {}
  void progress(const ProgressState& /*state*/) override {}
  void suspend() override {}
  void flush() override {}
  void finish(const RunEnd& /*end*/) override {}

 private:
  Reporter& to_;
};

Request look(const RobocopyInvocation& invocation, const Request& request) {
  Request out = request;
  out.verb = Verb::kMirror;
  out.dry_run = true;
  out.allow_empty_source = true;
  out.filters = invocation.extras_filters;
  out.prune_empty_directories = out.empty_files = out.reset_archive = false;
  return out;
}

}  // namespace

base::Result<void> show_extras(const Host& host, const RobocopyInvocation& invocation,
                               const Request& request, Reporter& reporter, RobocopyTally& tally) {
  std::vector<std::unique_ptr<Sink>> sinks;
  sinks.push_back(std::make_unique<ExtrasSink>(reporter));
  Reporter look_reporter(std::move(sinks), [] { return std::chrono::nanoseconds(0); }, {});
  ROBOSYNC_ASSIGN(const Report report, run_engine(host, look(invocation, request), look_reporter));
  if (report.fatal) return base::fail(*report.fatal);
  if (report.deletions_withheld) {
    reporter.on_warning("/X: the source could not be read completely, extra files are not told");
  }
  tally.extra_directories = report.counters.deleted.directories;
  tally.extra_files = not_directories(report.counters.deleted);
  tally.extras_told = true;
  return {};
}

}  // namespace robosync::cli
