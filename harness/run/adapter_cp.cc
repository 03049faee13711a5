#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

class CpAdapter : public ToolAdapter {
 public:
  std::string name() const override { return "cp"; }

  Tool probe(Executor& executor, const std::string& /*scratch*/) override {
    Tool tool{.name = name()};
    tool.flags = "-a";
    tool.fairness =
        "keeps what rsync -a keeps and hard links; it compares nothing, so only the first copy is "
        "the same work";
    probe_version(tool, executor, "cp", "--version");
    path_ = tool.path;
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    if (const std::string reason = refusal(job); !reason.empty()) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported, reason));
    }
    Command command{.words = {path_, "-a"}};
    if (job.sparse) command.words.emplace_back("--sparse=always");
    command.words.push_back(job.form == SourceForm::kContents ? job.source + "/." : job.source);
    command.words.push_back(job.target);
    return command;
  }

  std::string unavailable(Route route, Phase phase) const override {
    if (route != Route::kLocal) return "cp has no server";
    return phase == Phase::kFirst ? "" : "cp compares nothing: it would copy all again";
  }

 private:
  static std::string refusal(const Job& job) {
    if (job.route != Route::kLocal) return "cp has no server";
    if (job.verb == Verb::kMirror) return "cp deletes nothing";
    if (job.checksum || job.modify_window_s != 0) return "cp compares nothing";
    return job.excludes.empty() ? "" : "cp excludes nothing";
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<ToolAdapter> make_cp_adapter() { return std::make_unique<CpAdapter>(); }

}  // namespace robosync::parity
