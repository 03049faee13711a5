#include "engine/sync_testing.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "engine/base/check.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/serve.h"

namespace robosync {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::kCreated:
      return "created";
    case Action::kUpdated:
      return "updated";
    case Action::kMetadata:
      return "metadata";
    case Action::kUnchanged:
      return "unchanged";
    case Action::kLinked:
      return "linked";
    case Action::kDeleted:
      return "deleted";
    case Action::kSkipped:
      return "skipped";
    case Action::kRemovedFromSource:
      return "removed";
    case Action::kDifferent:
      return "different";
    case Action::kOnlySource:
      return "only-source";
    case Action::kOnlyTarget:
      return "only-target";
  }
  return "?";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kDifferent:
      return "different";
    case Outcome::kPartial:
      return "partial";
    case Outcome::kVanished:
      return "vanished";
    case Outcome::kGuarded:
      return "guarded";
    case Outcome::kCancelled:
      return "cancelled";
    case Outcome::kAborted:
      return "aborted";
  }
  return "?";
}

void Recorder::on_event(const Event& event) {
  events.push_back(event);
  std::string line(to_string(event.action));
  line += ' ';
  line += tree::to_string(event.kind);
  line += ' ';
  line += event.path.empty() ? "." : event.path;
  lines.push_back(std::move(line));
}

bool Recorder::confirm_deletions(const PlannedDeletions& planned) {
  asked.push_back(planned);
  return confirm;
}

std::vector<std::string> Recorder::sorted() const {
  std::vector<std::string> out = lines;
  std::sort(out.begin(), out.end());
  return out;
}

testing::AssertionResult adds_up(const Counters& counters) {
  using ByKind = Counters::ByKind;
  const auto sum = [&](std::uint64_t ByKind::* kind) {
    return counters.created.*kind + counters.updated.*kind + counters.metadata_updated.*kind +
           counters.unchanged.*kind + counters.linked.*kind + counters.skipped.*kind +
           counters.failed.*kind;
  };
  const auto different = [&](const char* what, std::uint64_t ByKind::* kind) -> std::string {
    const std::uint64_t scanned = counters.scanned.*kind;
    if (scanned == sum(kind)) return "";
    return std::string(what) + ": scanned " + std::to_string(scanned) + ", accounted for " +
           std::to_string(sum(kind)) + "\n";
  };
  const std::string text =
      different("files", &ByKind::files) + different("directories", &ByKind::directories) +
      different("symlinks", &ByKind::symlinks) + different("others", &ByKind::others);
  if (text.empty()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << text;
}

namespace {

enum class Route { kLocal, kPush, kPull };

Route wanted_route() {
  const char* const name = std::getenv("ROBOSYNC_TEST_ROUTE");
  if (name == nullptr) return Route::kLocal;
  return std::string_view(name) == "push" ? Route::kPush : Route::kPull;
}

// The same run over a connection, both ends in this process.
base::Result<Report> run_remote(Route route, fs::FileSystem& file_system, const Request& request,
                                Observer& observer, const Cancellation& cancellation) {
  session::Opening opening;
  opening.role =
      route == Route::kPush ? session::ClientRole::kSource : session::ClientRole::kTarget;
  opening.verb = request.verb;
  opening.dry_run = request.dry_run;
  opening.paths = route == Route::kPush ? std::vector{request.target} : request.sources;
  net::MemoryPair pair = net::memory_stream_pair();
  session::OpenGate gate(file_system);
  const Cancellation never;
  std::thread server([&] { (void)session::serve(std::move(pair.server), gate, never); });
  auto report = session::run_client(std::move(pair.client), opening, request, file_system, observer,
                                    cancellation);
  server.join();
  return report;
}

base::Result<Report> run_on_route(fs::FileSystem& file_system, const Request& request,
                                  Observer& observer, const Cancellation& cancellation) {
  static const Route route = wanted_route();
  return route == Route::kLocal ? sync_on(file_system, request, observer, cancellation)
                                : run_remote(route, file_system, request, observer, cancellation);
}

}  // namespace

bool has_staging(std::string_view dump) { return dump.find(".robosync-") != dump.npos; }

Request SyncTest::request(Verb verb) {
  Request request;
  request.verb = verb;
  request.sources = {"/src/"};
  request.target = "/dst";
  request.threads = 1;
  request.retry_wait = std::chrono::milliseconds(0);
  if (verb == Verb::kVerify) request.comparison = Comparison::kDigest;
  return request;
}

Report SyncTest::run(const Request& request) {
  const Recorder before = std::move(observer);
  observer = Recorder();
  observer.wants = before.wants;
  observer.with_progress = before.with_progress;
  observer.confirm = before.confirm;
  auto report = run_on_route(faulty, request, observer, cancellation);
  EXPECT_TRUE(report) << report.error().message();
  if (!report) return {};
  for (const tree::Problem& problem : report->problems) {
    observer.lines.push_back("problem " + problem.path + ": " + problem.error.message());
  }
  return std::move(*report);
}

base::Error SyncTest::refused(const Request& request) {
  auto report = run_on_route(faulty, request, observer, cancellation);
  EXPECT_FALSE(report);
  return report ? base::Error{} : report.error();
}

void SyncTest::run_cleanly(Request request) {
  Recorder silent;
  const Cancellation never;
  request.dry_run = false;
  const auto report = sync_on(memory, request, silent, never);
  ASSERT_TRUE(report) << report.error().message();
  ASSERT_EQ(to_string(report->outcome), "ok")
      << (report->problems.empty()
              ? ""
              : report->problems[0].path + ": " + report->problems[0].error.message());
}

void SyncTest::write(const std::string& directory, const std::string& name,
                     std::string_view content) {
  const auto handle = memory.open_root(directory);
  ROBOSYNC_CHECK(handle.has_value());
  ROBOSYNC_CHECK(fs::write_whole(**handle, name, content).has_value());
}

void SyncTest::remove(const std::string& directory, const std::string& name) {
  const auto handle = memory.open_root(directory);
  ROBOSYNC_CHECK(handle.has_value());
  ROBOSYNC_CHECK((*handle)->remove_file(name).has_value());
}

std::vector<std::string> SyncTest::problem_paths() const {
  std::vector<std::string> out;
  out.reserve(observer.problems.size());
  for (const tree::Problem& problem : observer.problems) out.push_back(problem.path);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace robosync
