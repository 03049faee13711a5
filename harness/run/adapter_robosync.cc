#include <filesystem>
#include <string_view>
#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

constexpr std::string_view kFairness =
    "its defaults keep content, links, modes, owners and times to the nanosecond, as rsync -a "
    "does; no durability is asked of any tool";

class RobosyncAdapter : public ToolAdapter {
 public:
  explicit RobosyncAdapter(std::string program) : program_(std::move(program)) {}

  std::string name() const override { return "robosync"; }

  Tool probe(Executor& executor, const std::string& /*scratch*/) override {
    Tool tool{.name = name()};
    tool.flags = "copy --quiet; mirror --quiet --yes";
    tool.fairness = kFairness;
    probe_version(tool, executor, program_, "--version");
    path_ = tool.path;
    if (!tool.available) return tool;
    const std::string daemon = (std::filesystem::path(path_).parent_path() / "robosyncd").string();
    far_reason_ = find_program(daemon).empty()
                      ? "this build has no daemon: there is no robosyncd beside " + path_
                      : "robosyncd is there, but this harness does not know how to start it yet";
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    if (job.route != Route::kLocal) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported, far_reason_));
    }
    Command command{.words = {path_}};
    std::vector<std::string>& words = command.words;
    if (job.verb == Verb::kMirror) {
      words.insert(words.end(), {"mirror", "--quiet", "--yes"});
    } else {
      words.insert(words.end(), {"copy", "--quiet"});
    }
    if (job.threads != 0) {
      words.insert(words.end(), {"--threads", std::to_string(job.threads)});
    }
    if (job.hard_links) words.emplace_back("--hard-links");
    if (job.sparse) words.emplace_back("--sparse");
    if (job.checksum) words.emplace_back("--checksum");
    if (job.modify_window_s != 0) {
      words.insert(words.end(), {"--modify-window", std::to_string(job.modify_window_s)});
    }
    for (const std::string& pattern : job.excludes) {
      words.insert(words.end(), {"--exclude", pattern});
    }
    words.push_back(job.form == SourceForm::kContents ? job.source + "/" : job.source);
    words.push_back(job.target);
    return command;
  }

  std::string unavailable(Route route, Phase /*phase*/) const override {
    return route == Route::kLocal ? "" : far_reason_;
  }

 private:
  std::string program_;
  std::string path_;
  std::string far_reason_ = "robosync has not been found yet";
};

}  // namespace

std::unique_ptr<ToolAdapter> make_robosync_adapter(const AdapterSettings& settings) {
  return std::make_unique<RobosyncAdapter>(settings.robosync);
}

}  // namespace robosync::parity
