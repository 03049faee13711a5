#include "harness/run/tool.h"

namespace robosync::parity {

std::string_view to_string(Route route) {
  switch (route) {
    case Route::kLocal:
      return "local";
    case Route::kPush:
      return "push";
    case Route::kPull:
      return "pull";
  }
  return "";
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::kFirst:
      return "first";
    case Phase::kNoop:
      return "noop";
    case Phase::kIncremental:
      return "incremental";
    case Phase::kMirror:
      return "mirror";
  }
  return "";
}

Verb verb_of(Phase phase) { return phase == Phase::kMirror ? Verb::kMirror : Verb::kCopy; }

std::string path_at(const ServerAddress& server, const std::string& path) {
  std::string below = path.starts_with(server.root) ? path.substr(server.root.size()) : path;
  below.erase(0, below.find_first_not_of('/'));
  return below;
}

Aspects ToolAdapter::kept(const Job& job) const {
  Aspects aspects;
  aspects.hard_links = job.hard_links;
  return aspects;
}

bool ToolAdapter::succeeded(const Finished& finished) const {
  return finished.exit_code == 0 && !finished.timed_out;
}

base::Result<Server> ToolAdapter::start_server(const ServerPlace& /*place*/,
                                               Executor& /*executor*/) const {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported, name() + " has no server"));
}

}  // namespace robosync::parity
